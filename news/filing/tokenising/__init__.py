"""Texts as sequences of folded words, in which names and phrases are found."""
