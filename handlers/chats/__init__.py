"""Groups, topics and channels, and who is let in."""
