"""What a document from a source says, before it is compared with the archive."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import chain, repeat
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.articles.upsert_rules import IndexedWords
    from storage.model import Filing, StoryKind

LINE = "\n"
"""Separator of the terms of a report; no term contains it."""
_IN_PAIRS = 0.28
"""Weight of a pair of adjacent title words, where a title word has 1."""
_IN_STANDFIRST = 0.5
"""Weight of a word that is only in the standfirst, where a title word has 1."""

WINDOW = 72
"""Most hours between two reports of one event."""


class Report(NamedTuple):
    """One article's report of an event: what event matching compares."""

    published: datetime
    lines: str
    """Folded terms, joined by `LINE`: title words, pairs of them, words only in the standfirst."""
    words: int
    pairs: int
    """Number of terms that are pairs; `words` is the number that are words of its title."""
    anchors: Mapping[str, str]
    """Language-independent key → text as a reader sees it, of houses, groups, names and amounts."""
    title: str
    houses: frozenset[str] = frozenset()
    """Slugs of the houses that the report names."""
    figures: tuple[str, ...] = ()
    """Amounts in the report, as a reader sees them."""
    groups: frozenset[str] = frozenset()
    """Slugs of the groups that it names, and of the groups that its houses belong to."""
    language: str | None = None
    """Language of the article, two letters such as `it`; None if unknown."""
    lasts: int = WINDOW
    """Hours within which another report may be of the same event; 0 for a column."""

    @property
    def terms(self) -> dict[str, float]:
        """Term → weight, at most 1."""
        rest = repeat(_IN_STANDFIRST)
        shares = chain(repeat(1.0, self.words), repeat(_IN_PAIRS, self.pairs), rest)
        return dict(zip(self.lines.split(LINE) if self.lines else (), shares, strict=False))

    def packed(self) -> str:
        """Return the report as JSON, without its publication time, which its article has."""
        return json.dumps(self[1:], ensure_ascii=False, default=sorted)

    @staticmethod
    def opened(packed: str, published: datetime) -> Report:
        """Return the report in `packed`, with its keys interned to save memory."""
        lines, words, pairs, anchors, title, houses, figures, groups, *others = json.loads(packed)
        known = dict(zip(map(intern, anchors), anchors.values(), strict=True))
        return Report(
            published,
            lines,
            words,
            pairs,
            known,
            title,
            frozenset(houses),
            tuple(figures),
            frozenset(groups),
            *others,
        )


class Entry(NamedTuple):
    """One article as its source or its page has it, cleaned: texts are plain, links canonical.

    A named tuple is made and unpickled in a third of the time of a frozen dataclass.
    """

    guid: str
    """The source's own id; the link if it gives none."""
    link: str
    title: str
    """The headline; never empty."""
    standfirst: str = ""
    body: str | None = None
    """Paragraphs of plain text, separated by blank lines."""
    body_kinds: str = ""
    """Kind of each paragraph; see `storage.model.body_model.Body.kinds`."""
    image: str | None = None
    author: str | None = None
    language: str | None = None
    """Language of the article, two letters such as `it`."""
    published: datetime | None = None
    """Publication time; None if the source gives no plausible date."""
    tags: tuple[str, ...] = ()
    filings: tuple[Filing, ...] = ()
    sketch: bytes = b""
    """MinHash sketch of its text, to detect copies; see `news.stories.text_sketches.sketch_of`.
    """
    title_words: tuple[str, ...] | None = None
    """Words of its title, to detect copies; see `news.stories.headline_tokens.content_words`."""
    words: IndexedWords | None = None
    """Words for the search index; None if they are still to be made."""
    paywall: bool | None = None
    """Whether the article's page is for subscribers only; None if the page does not say."""
    report: str | None = None
    """The article's packed report, to match it to an event; None if it is still to be made."""
    story_kind: StoryKind | None = None
    kind_certainty: float | None = None
    weight: float | None = None
    outlet: str = ""
    """The publication's name by the article's page; "" if the page does not say."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One item of a document that was refused."""

    reason: str
    """A few fixed words: `no link`, `no title`, `same id twice`, `too many items`."""
    item: str
    """The item's title, id or position in the document, so that the operator can find it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Content of one document. No entries and none refused is an empty feed, not an error."""

    entries: tuple[Entry, ...] = ()
    title: str = ""
    """The source's name as it states it."""
    refused: tuple[Refused, ...] = ()
    form: str = ""
    """Format of the document: `rss20`, `atom10`, `rss10`, `json11`, `sitemap`, `page` …"""
    language: str | None = None
    more: tuple[str, ...] = ()
    """Addresses of further documents of the same source: the parts of a sitemap index."""
    ttl: int | None = None
    """Seconds for which the source asks not to be read again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader of a document needs to know about its source."""

    url: str
    content_type: str | None = None
    content_location: str | None = None
    kind: str = "feed"
    selectors: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    """Language set by the operator, which overrides the document's."""
    categories: tuple[str, ...] = ()
    title: str = ""
    """For an article's page: the article's title in its feed."""
    general: bool = False
    """Whether the source is general, so that only articles relevant to the trade get sections."""


class UnreadableError(Exception):
    """A document is not what its source promised.

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
