"""The desk: editors, their drafts, and the journal of what they did."""
