"""Reading: lists, cards, editions, search, sending to a friend."""
