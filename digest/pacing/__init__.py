"""Telegram's rate limits, the order of messages, and the meaning of Telegram's errors."""
