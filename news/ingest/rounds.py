"""What a round of a source asks of the archive, and what is reported of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from news.entry import Refused
    from storage.model import Article, Check, Known, Round, Source, Stored
    from storage.upsert_rules import IndexedWords


class ArticleArchive(Protocol):
    """What the newsroom asks of `storage.articles.Articles`."""

    async def store_all(
        self, rounds: Sequence[Round], words: Mapping[str, IndexedWords] | None = None
    ) -> list[Stored]:
        """Store rounds in one transaction."""

    async def known(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> list[Known]:
        """What is stored under these."""

    async def known_and_pruned(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> tuple[list[Known], Collection[str]]:
        """The same, and which of the links are of articles too old to be kept."""

    async def titled(self, source_id: int, titles: Collection[str]) -> list[Known]:
        """What is stored of the source under these titles."""

    async def begun(self) -> datetime | None:
        """When the archive got its first article."""

    async def recent(self, since: datetime) -> list[Article]:
        """The articles of the last days."""

    async def many(self, ids: Sequence[int]) -> list[Article]:
        """The articles of these ids that there are."""


class SourceBook(Protocol):
    """What the newsroom asks of `storage.sources.Sources`."""

    async def due(self, now: datetime) -> list[Source]:
        """The sources to ask now."""

    async def checked_all(self, checks: Sequence[Check]) -> None:
        """Write down checks without a document."""


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
