"""Editions as text, assembled from pieces that are rendered once."""
