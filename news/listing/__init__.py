"""Reading of listing pages, for sources without a feed."""
