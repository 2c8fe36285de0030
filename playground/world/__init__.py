"""Who is there, which chats there are, what was said in them, and what the bot is yet to hear."""
