"""A source's document as it was read, before it is compared with the archive.

One replica may read a document and another store it. It travels as JSON: unlike a pickle, a row
that was tampered with cannot run code.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from news.entry import Entry, Refused
from storage.articles.upsert_rules import IndexedWords
from storage.model import Filing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The entries of a source's document, and what its answer says about the next check."""

    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...] = ()
    url: str | None = None
    """The source's new address after a permanent redirect; else None."""
    etag: str | None = None
    last_modified: str | None = None
    wish: int = 0
    """Seconds for which the source asks not to be asked again; 0 if it says nothing."""

    def packed(self) -> str:
        """Return the document as JSON, with the names of the entries' fields."""
        return json.dumps(
            {
                "fields": Entry._fields,
                "entries": self.entries,
                "refused": [(one.reason, one.item) for one in self.refused],
                "url": self.url,
                "etag": self.etag,
                "last_modified": self.last_modified,
                "wish": self.wish,
            },
            ensure_ascii=False,
            default=_plain,
        )

    @staticmethod
    def opened(packed: str) -> ReadDocument:
        """Return the document that `packed` wrote, in this version or another.

        Fields that only the other version has are ignored.

        Raises:
            ValueError, KeyError, TypeError: It is damaged.
        """
        values: dict[str, Any] = json.loads(packed)
        places = {name: place for place, name in enumerate(values["fields"])}
        used = [
            (name, places[name], _RESTORED.get(name, _same))
            for name in Entry._fields
            if name in places
        ]
        return ReadDocument(
            tuple(_entry(row, used) for row in values["entries"]),
            tuple(Refused(*one) for one in values["refused"]),
            values["url"],
            values["etag"],
            values["last_modified"],
            values["wish"],
        )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _entry(row: Sequence[Any], used: Sequence[tuple[str, int, Callable[[Any], Any]]]) -> Entry:
    values = {
        name: restored(value) for name, place, restored in used if (value := row[place]) is not None
    }
    return Entry(**values)


def _same(value: Any) -> Any:  # noqa: ANN401  # any field's
    return value


def _filings(value: Sequence[Sequence[str]]) -> tuple[Filing, ...]:
    return tuple(Filing(*one) for one in value)


def _words(value: Sequence[Any]) -> IndexedWords:
    return IndexedWords(*value)


_RESTORED: dict[str, Callable[[Any], Any]] = {
    "published": datetime.fromisoformat,
    "tags": tuple,
    "filings": _filings,
    "sketch": b64decode,
    "title_words": tuple,
    "words": _words,
}
"""Field of an entry → the function that turns its JSON back. Others are as they were."""
