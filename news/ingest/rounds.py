"""What is reported of a round of a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from news.entry import Refused


class Outcome(StrEnum):
    """How a round ended."""

    STORED = "stored"
    NOT_MODIFIED = "not modified"
    EMPTY = "empty"
    """Status 200 and a feed without a single item."""
    FAILED = "failed"
    POSTPONED = "postponed"
    """Its host had asked to be left alone: it was not asked, and nothing speaks against it."""
    GONE = "gone"
    """Status 410: the source is retired."""


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What became of one source's round."""

    source_id: int
    source: str
    outcome: Outcome
    new: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    unchanged: int = 0
    refused: tuple[Refused, ...] = ()
    reason: str = ""
    """Short and lasting, such as `timeout` or `wall page`; empty where it ended well."""
    detail: str = ""
    backlog: bool = False
