"""What all measurements use: child processes, and the table of figures."""
