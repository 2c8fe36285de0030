"""How the tables come to be: Alembic's scripts, and what runs them."""
