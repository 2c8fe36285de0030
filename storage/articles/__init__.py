"""The archive of articles: storing what sources bring, listing the newest, and searching."""
