"""The newspaper: its stories, feeds, pages and pictures."""
