"""Correcting: delivered messages made again with an editor's corrections, and edited."""
