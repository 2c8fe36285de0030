"""The tokens of texts and searches, the search index, and the words that readers follow."""
