"""Reading the news: lists, cards, editions, search, and sharing with friends."""
