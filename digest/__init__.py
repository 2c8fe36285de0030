"""Choosing, rendering, planning and sending one subscriber's edition.

Whatever reads or writes the ledger may raise DatabaseUnavailableError; what writes or sends,
LeaseLostError once another process serves the archive.
"""
