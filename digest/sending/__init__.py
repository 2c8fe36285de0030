"""Sending: from ledger rows to Telegram, and the results back to the ledger."""
