"""The decision on a source's entries: articles to store, their stories and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from storage.model.article_model import EventLink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from news.entry import Refused
    from news.stories.duplicates import Fingerprint
    from storage.model import NewArticle


class ArticleEvent(NamedTuple):
    """The event of an article that is not stored yet."""

    event: int
    """The event's number; a negative placeholder until the event's first article is stored."""
    evidence: str
    figures: tuple[str, ...]

    def link(self, event: int, openers: Mapping[int, str], own: str) -> EventLink:
        """Return the link between article and event; a negative number is a placeholder."""
        if event > 0:
            return EventLink(event, "", self.evidence, self.figures)
        return EventLink(None, openers.get(event, own), self.evidence, self.figures)


@dataclass(frozen=True, slots=True)
class Decision:
    """Articles to store, and the existing stories that some of them join."""

    articles: tuple[NewArticle, ...]
    stories: dict[str, int]
    """Article's link → story's number."""
    backlog: bool
    refused: tuple[Refused, ...] = ()
    """Entries that the source published before under another address."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """Fingerprints of new articles; each `story_id` is a placeholder until it is stored."""
    events: Mapping[str, ArticleEvent] = field(default_factory=dict)
    """Article's link → event, of new articles; empty until events are matched."""
    reports: Mapping[str, str] = field(default_factory=dict)
    """Article's link → packed report from a worker, of new articles."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Article's link → amounts, of known articles with a changed title or standfirst."""
    waiting: tuple[NewArticle, ...] = ()
    """New articles that an editor has to approve."""
