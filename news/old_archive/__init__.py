"""Import of an older archive from one file: WordPress, RSS or Atom, JSON Feed, or a table."""


class ImportFileError(Exception):
    """A file cannot be imported; the text is one line that says what to do."""
