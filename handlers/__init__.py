"""A person writes, the bot answers: one file per conversation."""
