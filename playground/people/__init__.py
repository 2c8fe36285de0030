"""The actions and views of people: in chats with the bot, in groups and channels."""
