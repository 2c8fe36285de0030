"""Cleaned text, Telegram's HTML, and lengths within Telegram's limits."""
