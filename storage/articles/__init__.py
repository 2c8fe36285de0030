"""The archive of articles: rounds that are stored, the newest, and searches."""
