"""The way to Telegram and back: requests, updates, pictures that are kept there."""
