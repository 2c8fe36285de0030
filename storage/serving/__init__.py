"""The lease, lock and heartbeat that keep a single process serving an archive."""
