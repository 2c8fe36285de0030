"""Programs to compare ON News with; each module is one, run in its own process."""
