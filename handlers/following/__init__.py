"""Choosing what to get: the picker, categories, words, and the scale from off to more."""
