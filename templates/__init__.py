"""How every message looks, in every language."""
