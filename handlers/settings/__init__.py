"""`/settings`: the sheet, its pages, and where a reader is."""
