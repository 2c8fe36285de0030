"""When editions are due, by a reader's time zone and local day."""
