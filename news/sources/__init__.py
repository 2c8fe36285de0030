"""Lists of sources: those to start with, in files, and found on a site."""
