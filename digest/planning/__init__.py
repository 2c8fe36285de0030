"""Planning: which subscribers are due, and their ledger rows for editions and alerts."""
