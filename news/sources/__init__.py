"""Lists of sources: the default ones, lists in files, and sources found on a site."""
