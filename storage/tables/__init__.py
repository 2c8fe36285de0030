"""The tables as SQLAlchemy Core objects, and their column types."""
