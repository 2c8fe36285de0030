"""The start, and what runs while the bot serves: standby, ticks, waiting for the database."""
