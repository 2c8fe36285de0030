"""Entry points: `/start`, deep links, `/help`, operators' commands, and text that is no command."""
