"""Telegram's refusals in its words: requests by its schema, texts by its own parser."""
