"""Whether two articles tell the same news: by address, by text, by title. Pure."""
