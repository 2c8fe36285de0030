"""Ways in: `/start`, links, `/help`, what operators type, and text that is no command."""
