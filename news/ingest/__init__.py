"""Storing of a round: which articles are new or known, and the transaction that stores them."""
