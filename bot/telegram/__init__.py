"""The transport to and from Telegram: requests, updates, uploaded pictures."""
