"""Choosing the stories of one edition, their order, and the reasons for both."""
