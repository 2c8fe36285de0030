"""Letters in a mailbox: who sent them, and the stories that they link to."""
