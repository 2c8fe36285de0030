"""The chat page: the interface behind it, and its files in page/."""
