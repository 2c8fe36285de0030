"""From an address on the public web to the bytes it answers, within bounds."""
