"""What a document from a source was found to say, before the archive is asked what it knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, repeat
from pickle import dumps, loads
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.articles.upsert_rules import IndexedWords
    from storage.model import Filing

LINE = "\n"
"""What stands between the terms of a report, none of which has it, where they are one text."""
_IN_PAIRS = 0.28
_IN_STANDFIRST = 0.5
"""Beside a word of the title: two that are side by side, and one of the standfirst alone."""

WINDOW = 72
"""How many hours apart two reports may be of which one joins the other's event."""


class Report(NamedTuple):
    """One article's telling of what happened."""

    published: datetime
    lines: str
    """Its terms, folded: words of its title, pairs of those side by side, words of its standfirst
    alone."""
    words: int
    pairs: int
    """How many of its terms are words of its title, and how many are pairs."""
    anchors: Mapping[str, str]
    """What every language writes alike: houses and groups, names, amounts. Each as a reader sees
    it."""
    title: str
    houses: frozenset[str] = frozenset()
    """Slugs of those that it names."""
    figures: tuple[str, ...] = ()
    """The amounts in it, as a reader sees them."""
    groups: frozenset[str] = frozenset()
    """Slugs of those that it names, and of those that its houses belong to."""
    language: str | None = None
    """Two letters, such as `it`; None where it is not known."""
    lasts: int = WINDOW
    """Hours within which another report may be of the same event; 0 for a column, which is of none
    but its own."""

    @property
    def terms(self) -> dict[str, float]:
        """Each of its terms with its share, at most 1."""
        rest = repeat(_IN_STANDFIRST)
        shares = chain(repeat(1.0, self.words), repeat(_IN_PAIRS, self.pairs), rest)
        return dict(zip(self.lines.split(LINE) if self.lines else (), shares, strict=False))

    def packed(self) -> bytes:
        """As it travels from a worker and waits: most of what comes is known, and never opened.

        When it was published, its article tells.
        """
        return dumps(self[1:])

    @staticmethod
    def opened(packed: bytes, published: datetime) -> Report:
        """The report of `packed`; what many reports name is in memory once."""
        lines, words, pairs, anchors, *others = loads(packed)  # noqa: S301 — our worker's
        known = dict(zip(map(intern, anchors), anchors.values(), strict=True))
        return Report(published, lines, words, pairs, known, *others)


class Entry(NamedTuple):
    """One piece as its source or its own page tells it, clean: texts are plain, links canonical.

    Made and unpacked by the thousand: a tuple is made in a third of a frozen dataclass's time.
    """

    guid: str
    """The source's own id; the link where it gives none."""
    link: str
    title: str
    """Never empty."""
    standfirst: str = ""
    body: str | None = None
    """Paragraphs of plain text with a blank line between them."""
    body_kinds: str = ""
    """What these paragraphs are; see `storage.model.body_model.Body.kinds`."""
    image: str | None = None
    author: str | None = None
    language: str | None = None
    """Two letters, such as `it`."""
    published: datetime | None = None
    """None where the source gives no date that can be believed."""
    tags: tuple[str, ...] = ()
    filings: tuple[Filing, ...] = ()
    sketch: bytes = b""
    """Of its text, for telling copies; see `news.stories.near_duplicates.sketch_of`."""
    title_words: tuple[str, ...] | None = None
    """Of its title, for telling copies; see `news.stories.headline_tokens.content_words`."""
    words: IndexedWords | None = None
    """To be searched for. These are made in the worker; without them, they are made later."""
    paywall: bool | None = None
    """Whether its page says that it is for subscribers alone; None where it does not say."""
    report: bytes | None = None
    """By which its event is told; see `Report.packed`. It is made in the worker; without it, it is
    made later."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One item that could not be taken, beside those that could."""

    reason: str
    """Short and lasting: `no link`, `no title`, `same id twice`, `too many items`."""
    item: str
    """Its title, id or place in the document, for the operator to find it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one document said. No entries and none refused is an empty feed, not an error."""

    entries: tuple[Entry, ...] = ()
    title: str = ""
    """The source's own name for itself."""
    refused: tuple[Refused, ...] = ()
    form: str = ""
    """What it was: `rss20`, `atom10`, `rss10`, `json11`, `sitemap`, `page` …"""
    language: str | None = None
    more: tuple[str, ...] = ()
    """Further documents to read for the same source: the parts of a sitemap index."""
    ttl: int | None = None
    """Seconds for which the source asks not to be read again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reading of a document needs to know about its source."""

    url: str
    content_type: str | None = None
    content_location: str | None = None
    kind: str = "feed"
    selectors: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    """The operator's word, which outranks the document's."""
    categories: tuple[str, ...] = ()
    title: str = ""
    """Of an article whose page is read: what its feed calls it."""
    general: bool = False
    """Whether only what the trade wants goes into sections."""


class UnreadableError(Exception):
    """A document that is not what its source promised.

    Attributes:
        reason: `wall page`, `page not found`, `a page, not a feed`, `empty document` …
        detail: What was seen instead, in a few words.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason
