"""A page that lists articles as entries, where a source has no feed."""
