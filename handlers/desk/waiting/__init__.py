"""Articles that wait for approval: their page at the desk, and notices to editors."""
