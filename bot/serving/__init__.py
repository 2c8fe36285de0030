"""The start of serving and what runs meanwhile: standby, scheduled jobs, a lost database."""
