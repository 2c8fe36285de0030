"""Choosing: the picker, categories, words, the scale from off to more."""
