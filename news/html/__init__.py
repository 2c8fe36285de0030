"""Functions that read HTML pages of any kind."""
