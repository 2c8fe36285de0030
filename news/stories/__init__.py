"""Matching of articles that report the same news, by address, text or title. Pure."""
