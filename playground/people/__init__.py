"""What people do and see: in chats with the bot, in groups and channels."""
