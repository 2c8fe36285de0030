"""Links that readers suggest: their page at the desk, and messages to readers."""
