"""Rich messages, in Telegram's blocks: the front page, and an article to be read in the chat."""
