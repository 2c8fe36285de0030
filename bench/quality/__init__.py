"""Measurements of how correct results are: filing, joined stories, chosen editions."""
