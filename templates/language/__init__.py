"""How words, names, numbers and dates are written in a reader's language."""
