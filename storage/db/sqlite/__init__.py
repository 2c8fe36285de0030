"""An SQLite file: its connections, its threads, and what happens if it is lost or damaged."""
