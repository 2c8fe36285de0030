"""One reader and the bot: stopping, and what is kept."""
