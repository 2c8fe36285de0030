"""The chat page: its HTTP interface, and its files in page/."""
