"""What Telegram refuses, in its words: requests by its own list, texts by its own parser."""
