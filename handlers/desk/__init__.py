"""The desk: editors publish, correct and withdraw articles in their private chat."""
