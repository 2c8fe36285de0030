"""How buttons are laid out, and the ones that several conversations share."""
