"""Categories and articles, and the round that brings articles into the archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from storage.model.source_model import Show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.model.event_model import EventLink

YOUR_WORDS = "your-words"
"""What stands in a category's place over stories that a followed word brought."""


class Kind(StrEnum):
    """What sort of thing a category is."""

    SECTION = "section"
    MARKET = "market"
    HOUSE = "house"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Category:
    """Anything a reader can follow."""

    slug: str
    name: str
    kind: Kind
    group: str | None = None
    """The slug of the group that a house belongs to."""


def houses_among(categories: Mapping[str, Category]) -> frozenset[str]:
    """The slugs of those categories, by slug, that are houses."""
    return frozenset(slug for slug, each in categories.items() if each.kind is Kind.HOUSE)


FILLER = "filler"
"""What an article is filed under that stands above no news; it is no category."""


class Filing(NamedTuple):
    """One category of an article, and the word or tag that put it there."""

    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article that is clean, dated and filed, on its way into the archive."""

    guid: str
    """The source's own id for it; its link where the source gives none."""
    link: str
    """The canonical link."""
    title: str
    standfirst: str
    body: str | None
    """Paragraphs of plain text with a blank line between them."""
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    filings: tuple[Filing, ...]
    """The most telling category first."""
    body_kinds: str = ""
    """What the paragraphs of the body are; see `storage.model.body_model.Body.kinds`."""
    paywall: bool | None = None
    """Whether its page says that it is for subscribers alone; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Article:
    """One stored piece. Its body is fetched apart, by `Articles.body`."""

    id: int
    """Grows in the order in which articles entered the archive: a place in it."""
    story_id: int
    """The id of the first article that told this news; its own for most."""
    source_id: int
    source: str
    """The source's name."""
    source_weight: int
    link: str
    title: str
    standfirst: str
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    first_seen: datetime
    categories: tuple[str, ...]
    backlog: bool
    """It came with a new source's first round: in the archive, never in an edition."""
    has_body: bool
    words: tuple[str, ...] = ()
    """Of the words that readers follow, those in title or standfirst, folded (see
    `search_words.muted`); as they were followed when it came in."""
    event_id: int | None = None
    """The id of the first article of what happened; None where that was never asked."""
    event_evidence: str = ""
    """What it shares with an earlier article of its event, as a reader sees it."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst, as a reader sees them."""
    full_text: Show = Show.PRIVATE
    """Where its text may be read in a chat; see `Source`."""
    pictures: Show = Show.YES
    paywall: bool = False
    """Whether it is for its source's subscribers alone."""
    general: bool = False
    """Whether its source brings news of all kinds; see `Source`."""
    filler: bool = False
    """Whether it stands above no news: a podcast, a round-up of links, bargains; see `FILLER`."""

    def picture_in(self, *, private: bool) -> str | None:
        """The address of the picture that may be shown in a private chat, or in any other."""
        return self.image if self.pictures.within(private=private) else None

    @property
    def event(self) -> int:
        """What it tells of: equal for all that tell of one event, and for copies."""
        return self.story_id if self.event_id is None else self.event_id


@dataclass(frozen=True, slots=True)
class Known:
    """What deciding about a source's next articles needs of one that is stored."""

    article_id: int
    guid: str
    link: str
    title: str
    standfirst: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """What one successful fetch of a source brought, on its way into one transaction."""

    source_id: int
    now: datetime
    next_check: datetime
    interval: int
    """Seconds between two checks from now on."""
    articles: tuple[NewArticle, ...] = ()
    stories: Mapping[str, int] = field(default_factory=dict)
    """For links that tell known news: the link → the story's id."""
    events: Mapping[str, EventLink] = field(default_factory=dict)
    """Link → the event that it tells of, for those that are new."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Link → the amounts in title and standfirst, for those that are told in other words now."""
    backlog: bool = False
    """Whether the new articles stay out of editions: a new source's first round."""
    imported: bool = False
    """Whether they come from an older archive: as if first seen when they were published, and kept
    however old they are."""
    url: str | None = None
    """The source's new address, when it moved for good."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the articles of one round."""

    new: tuple[int, ...]
    """Ids of articles that were not known."""
    updated: tuple[int, ...]
    """Ids of known articles whose words had changed."""
    unchanged: int
    stories: dict[str, int]
    """Link → story, of those that were not known."""
