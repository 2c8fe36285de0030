"""The sources, and the results of their checks."""
