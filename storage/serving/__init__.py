"""One process serves: its lease, its lock, its heartbeat."""
