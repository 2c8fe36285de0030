"""Categories and articles, and the rounds in which fetched articles are stored."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from storage.model.remembered import remembered
from storage.model.source_model import Show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.model.matter_model import EventWords


YOUR_WORDS = "your-words"
"""The pseudo-category of stories that an edition contains because of a followed word."""
STILL_WORTH = "still-worth-reading"
"""The pseudo-category of stories that fill an edition up and were left out of earlier ones."""


class Kind(StrEnum):
    """The kinds of category."""

    SECTION = "section"
    MARKET = "market"
    HOUSE = "house"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Category:
    """A category: a section, market, house or group that a reader can follow."""

    slug: str
    name: str
    kind: Kind
    group: str | None = None
    """The slug of the group that a house belongs to; None otherwise."""
    section: str | None = None
    """The slug of the section that most of a house's news belongs to."""
    names: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Further names of a house or group in texts; `*` at the end matches more letters."""


@remembered
def houses_among(categories: Mapping[str, Category]) -> frozenset[str]:
    """Return the slugs of those categories that are houses."""
    return frozenset(slug for slug, each in categories.items() if each.kind is Kind.HOUSE)


SENT_PICTURE = "telegram:"
"""Prefix of the picture of an article that an editor sent as a photo; Telegram's file id follows.
"""


class ArticleState(StrEnum):
    """What an editor did to keep an article from readers."""

    HIDDEN = "hidden"
    """No edition, list or search shows it; links to it still open it."""
    WITHDRAWN = "withdrawn"
    """Nothing shows it, and nobody can read its text."""


class StoryKind(StrEnum):
    """What a story is about, as an editor would say it."""

    RESULTS = "results"
    DEAL = "deal"
    MOVE = "move"
    """Somebody takes or leaves a post."""
    STRATEGY = "strategy"
    LAW = "law"
    OPENING = "opening"
    LAUNCH = "launch"
    SHOW = "show"
    SALE = "sale"
    """An auction."""
    CRIME = "crime"
    DEATH = "death"
    PEOPLE = "people"
    SPORT = "sport"
    FEATURE = "feature"
    LIST = "list"
    NOTICE = "notice"
    GENERAL = "general"


FILLER = "filler"
"""The mark of an article without news (see `Article.filler`), filed as if it were a category."""
UNSURE = "unsure"
"""The mark of an article that the trade may not want (see `Article.unsure`), filed likewise."""


class Filing(NamedTuple):
    """One category of an article, and the word or tag that put it there."""

    category: str
    reason: str


class EventLink(NamedTuple):
    """The event that a new article reports, and the facts compared with other articles."""

    event: int | None = None
    """The id of the event's first article; None if that is not stored yet."""
    opener: str = ""
    """If `event` is None, the link of the event's first article, possibly this one's own."""
    evidence: str = ""
    """What it shares with an earlier article, as shown to readers: `Versace, 1.25 billion`."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst: `("1.25 billion", "11%")`."""
    words: EventWords | None = None
    """If it begins the event: its words, to compare with other events'; None for none."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    """A cleaned, dated and filed article that is not stored yet."""

    guid: str
    """The source's own id for it; its link if the source gives none."""
    link: str
    """The canonical link."""
    title: str
    standfirst: str
    body: str | None
    """Paragraphs of plain text with a blank line between them; None if there is none."""
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    filings: tuple[Filing, ...]
    """Its categories, the most relevant first."""
    body_kinds: str = ""
    """The kinds of the body's paragraphs; see `storage.model.body_model.Body.kinds`."""
    paywall: bool | None = None
    """Whether its page says that it is for subscribers only; None if it says nothing."""
    story_kind: StoryKind | None = None
    """What kind of story it is; `kind_certainty` and `weight` belong to it, as in `Article`."""
    kind_certainty: float | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article without its body, which `Articles.body` returns."""

    id: int
    """The id, which grows in the order of storing, so that it marks a place in the archive."""
    story_id: int
    """The id of the first article of which this is a copy; for most articles their own id."""
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
    """Whether it came with a new source's first round: such articles never enter an edition."""
    has_body: bool
    words: tuple[str, ...] = ()
    """The followed words in its title or standfirst, folded (see `search_words.muted`).

    Only words already followed when it was stored.
    """
    event_id: int | None = None
    """The id of the event's first article; None if the article was never compared with others."""
    event_evidence: str = ""
    """What it shares with an earlier article of its event, as shown to readers."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst, as shown to readers."""
    full_text: Show = Show.PRIVATE
    """The chats in which its text may be read; see `Source`."""
    pictures: Show = Show.YES
    paywall: bool = False
    """Whether it is for its source's subscribers only."""
    general: bool = False
    """Whether its source brings news of all kinds; see `Source`."""
    filler: bool = False
    """Whether it contains no news: a podcast, a round-up of links, bargains; see `FILLER`."""
    unsure: bool = False
    """Whether it may not be relevant to the trade, by its words; see `UNSURE`."""
    story_kind: StoryKind | None = None
    """None until it is known, as for articles that an older program stored."""
    kind_certainty: float | None = None
    """How certain the kind is, 0 to 1: 1 if an editor chose it."""
    weight: float | None = None
    """The weight that an editor would give it, 0 to 3; None counts as 1."""
    version: int = 0
    """How often its title or standfirst has changed since it was stored."""
    state: ArticleState | None = None
    """How an editor keeps it from readers; None for nearly all."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it comes from a general source and may not be relevant to the trade."""
        return self.general and self.unsure

    @property
    def is_withdrawn(self) -> bool:
        """Whether an editor withdrew it."""
        return self.state is ArticleState.WITHDRAWN

    def picture_in(self, *, private: bool) -> str | None:
        """Return the picture's address if it may be shown in such a chat, else None."""
        shown = not self.is_withdrawn and self.pictures.within(private=private)
        return self.image if shown else None

    @property
    def event(self) -> int:
        """The event's id: equal for all articles that report one event, and for copies."""
        return self.story_id if self.event_id is None else self.event_id


@dataclass(frozen=True, slots=True)
class Translation:
    """An article's texts in another language, as far as they passed the checks."""

    title: str | None = None
    """None if it was refused; then nothing is shown."""
    standfirst: str | None = None
    """None if the article has none, or if it was refused."""
    refused: str | None = None
    """Why title or standfirst was refused, in a few words for the operator."""


@dataclass(frozen=True, slots=True)
class TranslatedArticle(Article):
    """An article as a reader sees it in another language; `language` is the source's own."""

    with_standfirst: bool = False
    """Whether the standfirst is translated too."""


def in_translation(article: Article, translation: Translation, *, standfirsts: bool) -> Article:
    """Return an article with its translated title, and its standfirst if that is wanted.

    Without a translated title it is unchanged.
    """
    if translation.title is None:
        return article
    values = {each.name: getattr(article, each.name) for each in fields(Article)}
    values["title"] = translation.title
    both = standfirsts and translation.standfirst is not None
    if both:
        values["standfirst"] = translation.standfirst
    return TranslatedArticle(**values, with_standfirst=both)


@dataclass(frozen=True, slots=True)
class Known:
    """The fields of a stored article that are needed to judge a source's next articles."""

    article_id: int
    guid: str
    link: str
    title: str
    standfirst: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """The result of one successful fetch of a source, to be stored in one transaction."""

    source_id: int
    now: datetime
    next_check: datetime
    interval: int
    """Seconds between two checks from now on."""
    articles: tuple[NewArticle, ...] = ()
    stories: Mapping[str, int] = field(default_factory=dict)
    """Link → story id, for articles that repeat a known story."""
    events: Mapping[str, EventLink] = field(default_factory=dict)
    """Link → event, for new articles."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Link → amounts in title and standfirst, for known articles whose text has changed."""
    backlog: bool = False
    """Whether the new articles stay out of editions: true for a new source's first round."""
    imported: bool = False
    """Whether they come from another archive.

    Then they count as first seen when they were published, and are kept regardless of age.
    """
    by_editor: bool = False
    """Whether an editor published them: then nothing of the source's own checks changes."""
    waiting: tuple[NewArticle, ...] = ()
    """New articles that an editor has to approve."""
    url: str | None = None
    """The source's new address after a permanent redirect; else None."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing one round."""

    new: tuple[int, ...]
    """Ids of new articles."""
    updated: tuple[int, ...]
    """Ids of known articles whose text had changed."""
    unchanged: int
    stories: dict[str, int]
    """Link → story id, for new articles."""
    waiting: int = 0
    """How many articles began to wait for an editor."""
