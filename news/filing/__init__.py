"""What an article is about: its sections, its markets and its houses, each with a reason."""
