"""The tables, as SQLAlchemy Core sees them, and what they are made of."""
