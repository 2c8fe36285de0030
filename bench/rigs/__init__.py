"""ON News as it is measured; each module here runs in its own process."""
