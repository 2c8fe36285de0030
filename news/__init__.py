"""From a source on the web to an article in the archive."""
