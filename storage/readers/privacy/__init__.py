"""The export of all data about a chat, and its deletion."""
