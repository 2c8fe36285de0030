"""Subscribers and their data: tastes, saved stories, shares; export and forgetting."""
