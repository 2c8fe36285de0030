"""The playground's people, chats, messages, and the updates that the bot has not received."""
