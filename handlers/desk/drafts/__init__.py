"""Drafts at the desk: made of what an editor sends, shown, edited and published."""
