"""Streaming access to a file's text in a small, fixed amount of memory."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from news.text import charset

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGEST = 1_000_000
"""Most characters of an item, including markup, and most bytes of it in UTF-8."""
TOO_LARGE = "larger than 1 MB"
"""Reason for refusing an item above `LARGEST`."""
CHUNK = 1 << 16
"""Bytes that are read at once."""
WIDEST = 200
"""Most characters that a pattern for `TextStream.until` may match."""


class BoundedText:
    """Collects text up to a limit; beyond it, all is dropped and `refused` says why."""

    def __init__(self, most: int = LARGEST) -> None:
        self._pieces: list[str] = []
        self._left = most
        self.refused = ""

    def add(self, text: str) -> None:
        """Append text."""
        if self.refused or not text:
            return
        self._left -= len(text)
        if self._left < 0:
            self.refuse(TOO_LARGE)
        else:
            self._pieces.append(text)

    def refuse(self, why: str) -> None:
        """Drop the text, and take no more."""
        self._pieces.clear()
        self.refused = why

    @property
    def text(self) -> str:
        """The collected text; empty if it was dropped."""
        return "".join(self._pieces)


class TextStream:
    """A cursor over a text in chunks that holds about two chunks at most."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self._ended = False
        self._text = ""
        self._at = 0

    def until(
        self, pattern: re.Pattern[str], kept: BoundedText | None = None
    ) -> re.Match[str] | None:
        """Move past the next match (at most `WIDEST` long) and return it; None if there is none."""
        while True:
            found = pattern.search(self._text, self._at)
            if found is not None and (self._ended or found.start() + WIDEST <= len(self._text)):
                self._pass(found.start(), kept)
                self._at = found.end()
                return found
            if self._ended:
                self._pass(len(self._text), kept)
                return None
            # Text near the end of the buffer may be the beginning of a match.
            end = len(self._text) - WIDEST if found is None else found.start()
            self._pass(max(end, self._at), kept)
            self._read()

    def run(self, pattern: re.Pattern[str], kept: BoundedText | None = None) -> None:
        """Move past a match, of any length, of a pattern that repeats one or two characters."""
        while True:
            found = pattern.match(self._text, self._at)
            end = self._at if found is None else found.end()
            self._pass(end, kept)
            if self._ended or end < len(self._text) - 1:
                return
            self._read()

    def peek(self) -> str:
        """Return the next character without moving; empty at the end of the text."""
        while self._at >= len(self._text) and not self._ended:
            self._read()
        return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """Return the next character and move past it; empty at the end of the text."""
        character = self.peek()
        self._at += len(character)
        return character

    def before(self, sign: str, last: str = "") -> str:
        """Return buffered text up to `sign`, or after the `last` before that; move past it.

        The text may be empty. Without `last` it may also end where the buffer does.
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
        """Move back by `count` characters, which were taken last."""
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
    """Yield a file's text, decoded by `charset_of`, without a byte order mark; OSError."""
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
    """Return a file's charset by its beginning and whether all of it is UTF-8; OSError."""
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
            # Include the chunk with the invalid bytes, as the beginning may be plain ASCII.
            return charset.by_sample(start + content)
    return "utf-8"
