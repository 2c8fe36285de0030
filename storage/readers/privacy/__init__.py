"""What a reader may ask for their data: its export, and that all of it is forgotten."""
