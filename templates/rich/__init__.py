"""Rich messages in Telegram's blocks: front pages, and articles to read in the chat."""
