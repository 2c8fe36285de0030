"""A reader's account: stopping editions, and the data that is stored."""
