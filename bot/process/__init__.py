"""This process: its logs, its memory, how it stops."""
