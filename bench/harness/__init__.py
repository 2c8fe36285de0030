"""What all measurements use: child processes, a PostgreSQL server, and the table of figures."""
