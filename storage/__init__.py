"""The nouns of ON News, and the archive that keeps them."""
