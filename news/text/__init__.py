"""Text handling for any document: words, dates, languages, character sets, links."""
