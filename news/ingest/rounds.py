"""What a source's round read, and the report of how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from news.entry import Entry, Refused


class Outcome(StrEnum):
    """How a round ended."""

    STORED = "stored"
    NOT_MODIFIED = "not modified"
    EMPTY = "empty"
    """Status 200 and a feed without items."""
    FAILED = "failed"
    POSTPONED = "postponed"
    """The source was not asked, because its host had asked for a pause. It counts as no failure."""
    GONE = "gone"
    """Status 410: the source is retired."""


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


@dataclass(frozen=True, slots=True)
class RoundReport:
    """Outcome of one source's round."""

    source_id: int
    source: str
    outcome: Outcome
    new: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    unchanged: int = 0
    waiting: int = 0
    """Number of articles that began to wait for an editor's approval."""
    refused: tuple[Refused, ...] = ()
    reason: str = ""
    """Reason of a failure in a few fixed words, such as `timeout` or `wall page`; empty if none."""
    detail: str = ""
    backlog: bool = False
