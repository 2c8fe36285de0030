"""Settings of this process: its logs, its memory, and how it stops."""
