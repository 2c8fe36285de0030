"""One subscriber's edition, from choice to chat."""
