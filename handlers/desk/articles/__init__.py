"""Published articles at the desk: finding one, its page, and changing it."""
