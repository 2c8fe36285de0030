"""Streaming reader of the items of a large JSON Feed or list of posts.

A streaming JSON library (ijson) still returns a string of any length as a whole, so items are cut
out of the text here; the reader of JSON Feeds reads them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from news.old_archive import ImportFileError
from news.old_archive.text_stream import BoundedText, TextStream, chunks

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

ITEMS = "items"
"""Key of a JSON Feed's list."""
DEEPEST = 100
"""Deepest nesting of lists and objects in an item."""
TOO_DEEP = "nested too deeply"
"""Reason for refusing an item that is nested deeper than `DEEPEST`."""
LONGEST_KEY = 1_000
MANY = 1_000
"""Depth of nesting at which brackets are counted in bulk."""

_SOMETHING = re.compile(r"[^\s,]")
_KEY = re.compile(r'["}]')
_COLON = re.compile(":")
_PART = re.compile(r'["{}\[\]]')
_SCALAR_END = re.compile(r"[,\]}\s]")
_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


class _CutError(Exception):
    """The text ends in the middle of a value."""


def items(path: Path, passed_over: Counter[str]) -> Iterator[str]:
    """Yield the text of each object in a JSON Feed's list, or in a list.

    Raises ImportFileError if it is not complete JSON, or has no list of items; OSError.
    """
    _check(path)
    for kept in _ListReader(TextStream(chunks(path))).elements():
        if kept.refused:
            passed_over[kept.refused] += 1
        elif kept.text.startswith("{"):
            yield kept.text


def _check(path: Path) -> None:
    reader = _ListReader(TextStream(chunks(path)))
    number = 0
    try:
        for kept in reader.elements():
            number += 1
            if not kept.refused:
                json.loads(kept.text)
    except _CutError:
        raise ImportFileError(
            f"{path} is not complete JSON (it ends in the middle); export it again"
        ) from None
    except ValueError as error:
        raise ImportFileError(
            f"{path} is not valid JSON (item {number}: {error}); export it again"
        ) from None
    if not reader.found:
        raise ImportFileError(f"{path} has no list of items, as a JSON Feed has")


class _ListReader:
    """Cuts the elements of the list out of a text; `found` says whether there is one."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self.found = False

    def elements(self) -> Iterator[BoundedText]:
        """Yield each element's text, or the reason for refusing it; `_CutError` at a cut end."""
        first = self._until(_SOMETHING)
        if first == "[":
            yield from self._list()
        elif first == "{":
            while self._until(_KEY) == '"':
                key = BoundedText(LONGEST_KEY)
                self._string(key)
                self._until(_COLON)
                first = self._until(_SOMETHING)
                if first == "[" and _is_items(key):
                    yield from self._list()
                else:
                    self._value(first, BoundedText(0))
        else:
            raise ValueError("neither a list nor an object")
        if self._stream.until(_SOMETHING) is not None:
            raise ValueError("something follows its end")

    def _list(self) -> Iterator[BoundedText]:
        self.found = True
        while (first := self._until(_PART)) != "]":
            kept = BoundedText()
            self._value(first, kept)
            yield kept

    def _value(self, first: str, kept: BoundedText) -> None:
        kept.add(first)
        if first == '"':
            self._string(kept)
        elif first in "{[":
            depth = 1
            while depth:
                if kept.refused:
                    depth = self._pass_over(depth)
                sign = self._until(_PART, kept)
                kept.add(sign)
                if sign == '"':
                    self._string(kept)
                else:
                    depth += 1 if sign in "{[" else -1
                if depth > DEEPEST:
                    kept.refuse(TOO_DEEP)
        elif first in "}]:":
            raise ValueError(f"a {first} instead of a value")
        else:
            self._until(_SCALAR_END, kept)
            self._stream.untake(1)

    def _pass_over(self, depth: int) -> int:
        """Skip the buffered part of a refused value, but not its end, and return the new depth."""
        if depth < MANY:
            return depth
        text = self._stream.before('"')
        # Fewer characters than the depth cannot close all levels.
        few = text[: depth - 1]
        self._stream.untake(len(text) - len(few))
        opening = few.count("{") + few.count("[")
        return depth + opening - few.count("}") - few.count("]")

    def _string(self, kept: BoundedText) -> None:
        self._stream.run(_STRING, kept)
        if self._stream.take() != '"':
            raise _CutError
        kept.add('"')

    def _until(self, pattern: re.Pattern[str], kept: BoundedText | None = None) -> str:
        found = self._stream.until(pattern, kept)
        if found is None:
            raise _CutError
        return found[0]


def _is_items(key: BoundedText) -> bool:
    return not key.refused and json.loads(f'"{key.text}') == ITEMS
