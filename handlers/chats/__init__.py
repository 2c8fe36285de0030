"""Groups, topics and channels, and the check of who may use the bot."""
