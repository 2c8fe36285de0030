"""Words, dates, languages, links: what any document is made of."""
