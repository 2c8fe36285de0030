"""Words, names, numbers and dates as a reader's language writes them."""
