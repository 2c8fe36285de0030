"""What keeps a single process serving an archive: its lease, its lock, its heartbeat."""
