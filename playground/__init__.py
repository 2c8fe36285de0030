"""A stand-in for Telegram on this machine, with a chat page and a newsstand."""
