"""Measurements: `./dev bench NAME [--json]`."""


class SetError(ValueError):
    """A file of labelled headlines cannot be read; the message names the line."""
