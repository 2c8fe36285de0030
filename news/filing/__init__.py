"""Classification of articles into sections, markets and houses, each with a reason."""
