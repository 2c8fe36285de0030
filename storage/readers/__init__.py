"""Subscribers and what is theirs: tastes, saved stories, shares; export and forgetting."""
