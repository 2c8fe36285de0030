"""The archive of articles: storing fetched rounds, listing the newest, and searching."""
