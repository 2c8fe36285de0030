"""Rendering ledger rows as messages that are ready to send."""
