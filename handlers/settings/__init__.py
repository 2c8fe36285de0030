"""The settings of a chat: their values, their pages and the answers to them."""
