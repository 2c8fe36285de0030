"""The desk: editors, their drafts, the journal, corrections, and the labels of refilings."""
