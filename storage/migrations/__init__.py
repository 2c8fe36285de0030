"""The migrations of the tables: Alembic's scripts, and the code that runs them."""
