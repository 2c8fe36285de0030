"""When editions are due, in a reader's own zone and day."""
