"""Backups: one file for either database, written from a snapshot, and read into an empty one."""
