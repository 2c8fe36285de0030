"""Processing of news, from a source on the web to an article in the archive."""
