"""An SQLite file: its connections, its threads, and its loss or damage."""
