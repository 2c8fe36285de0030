"""Backups: one file format for both databases, written from a snapshot."""
