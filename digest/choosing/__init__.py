"""Choosing the stories of an edition, their order, and the reasons for both."""
