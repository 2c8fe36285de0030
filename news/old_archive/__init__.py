"""An older archive, from one file: WordPress, a dump of RSS or Atom, JSON Feed, or a table."""


class ImportFileError(Exception):
    """A file that cannot be imported; the text is one line that says what to do."""
