"""Fetching of documents from the public web, within limits of size and time."""
