"""Questions to an HTML page, whatever it holds."""
