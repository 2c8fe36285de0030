"""A file's text piece by piece, so that whatever is in the file takes little memory."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from news.text import charset

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGEST = 1_000_000
"""Characters of one item, its markup included, and bytes of it as UTF-8: more than a novel has."""
TOO_LARGE = "larger than 1 MB"
"""Why an item beyond that is refused."""
CHUNK = 1 << 16
"""Bytes that are read at once."""
WIDEST = 200
"""Characters that a pattern for `TextStream.until` may match at most."""


class BoundedText:
    """Collects text up to `LARGEST` characters; beyond that it lets go of all of it.

    Attributes:
        refused: Why there is no text; empty while there is.
    """

    def __init__(self, most: int = LARGEST) -> None:
        self._pieces: list[str] = []
        self._left = most
        self.refused = ""

    def add(self, text: str) -> None:
        """Take more text."""
        if self.refused or not text:
            return
        self._left -= len(text)
        if self._left < 0:
            self.refuse(TOO_LARGE)
        else:
            self._pieces.append(text)

    def refuse(self, why: str) -> None:
        """Let go of the text, and take no more."""
        self._pieces.clear()
        self.refused = why

    @property
    def text(self) -> str:
        """All that was taken."""
        return "".join(self._pieces)


class TextStream:
    """Goes through a text that comes in chunks, without holding more than about two of them.

    Args:
        chunks: The text.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self._ended = False
        self._text = ""
        self._at = 0

    def until(
        self, pattern: re.Pattern[str], kept: BoundedText | None = None
    ) -> re.Match[str] | None:
        """Pass over the next match of a pattern, and over what is before it.

        Args:
            pattern: It matches at most `WIDEST` characters.
            kept: Is given what is before the match.

        Returns:
            The match; None where there is none, and the text has ended.
        """
        while True:
            found = pattern.search(self._text, self._at)
            if found is not None and (self._ended or found.start() + WIDEST <= len(self._text)):
                self._pass(found.start(), kept)
                self._at = found.end()
                return found
            if self._ended:
                self._pass(len(self._text), kept)
                return None
            # What is near the end may be the beginning of a match.
            end = len(self._text) - WIDEST if found is None else found.start()
            self._pass(max(end, self._at), kept)
            self._read()

    def run(self, pattern: re.Pattern[str], kept: BoundedText | None = None) -> None:
        """Pass over all that a pattern matches from here on, which may be any length.

        Args:
            pattern: It is a run of ones of at most two characters each.
            kept: Is given the match.
        """
        while True:
            found = pattern.match(self._text, self._at)
            end = self._at if found is None else found.end()
            self._pass(end, kept)
            if self._ended or end < len(self._text) - 1:
                return
            self._read()

    def peek(self) -> str:
        """The next character; empty at the end of the text."""
        while self._at >= len(self._text) and not self._ended:
            self._read()
        return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """The same, and pass over it."""
        character = self.peek()
        self._at += len(character)
        return character

    def before(self, sign: str, last: str = "") -> str:
        """Take what is held before the next sign, up to the last of another sign if one is named.

        Returns:
            A text that may be empty, and may end anywhere if no other sign is named.
        """
        self.peek()
        end = self._text.find(sign, self._at)
        end = len(self._text) if end < 0 else end
        if last:
            end = self._text.rfind(last, self._at, end) + 1
        taken = self._text[self._at : end]
        self._at = max(end, self._at)
        return taken

    def untake(self, count: int) -> None:
        """Go back by so many characters of what was taken last."""
        self._at -= count

    def _pass(self, end: int, kept: BoundedText | None) -> None:
        if kept is not None and end > self._at:
            kept.add(self._text[self._at : end])
        self._at = end

    def _read(self) -> None:
        more = next(self._chunks, None)
        if more is None:
            self._ended = True
        else:
            self._text = self._text[self._at :] + more
            self._at = 0


def chunks(path: Path) -> Iterator[str]:
    """A file's text by the charset that `charset_of` finds, without a mark at its beginning.

    Raises:
        OSError: It cannot be read.
    """
    name = charset_of(path)
    codecs.register_error("west", charset.west)
    decoder = codecs.getincrementaldecoder(name)("west" if name == "utf-8" else "replace")
    first = True
    with path.open("rb") as file:
        while content := file.read(CHUNK):
            text = decoder.decode(content)
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            yield text.replace("\0", "")
    yield decoder.decode(b"", final=True)


def charset_of(path: Path) -> str:
    """The charset of a file, told by its beginning, and by whether all of it is UTF-8.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        start = content = file.read(CHUNK)
        marked = charset.by_mark(start)
        if marked is not None:
            return marked
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while content:
                decoder.decode(content)
                content = file.read(CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # What is no UTF-8 may come late, where the beginning alone would say nothing.
            return charset.by_sample(start + content)
    return "utf-8"
