"""Measurements: `./dev bench NAME [--json]`."""


class SetError(ValueError):
    """A file of labelled headlines cannot be read; the message names the line."""


class OptionError(ValueError):
    """An option cannot be measured; the message says why."""


class RevisionError(OptionError):
    """A commit cannot be measured; the message says why."""
