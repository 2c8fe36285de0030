"""What was decided of a source's entries: articles for the archive, their stories and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from storage.model.event_model import EventLink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from news.entry import Refused
    from news.stories.matching import Fingerprint
    from storage.model import NewArticle


class ArticleEvent(NamedTuple):
    """The event of an article that is not stored yet."""

    event: int
    """Its number; below zero, one that stands in until its first article is stored."""
    evidence: str
    figures: tuple[str, ...]

    def link(self, event: int, openers: Mapping[int, str], own: str) -> EventLink:
        """What the archive is told.

        Args:
            event: Its number by now.
            openers: Stand-in → link, of the articles that may begin an event.
            own: The article's own link.
        """
        if event > 0:
            return EventLink(event, "", self.evidence, self.figures)
        return EventLink(None, openers.get(event, own), self.evidence, self.figures)


@dataclass(frozen=True, slots=True)
class Decision:
    """Articles for the archive, and the stories that some of them tell again."""

    articles: tuple[NewArticle, ...]
    stories: dict[str, int]
    """Link → story."""
    backlog: bool
    refused: tuple[Refused, ...] = ()
    """Those that their source had told before, under another address."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """Of what is new to the archive; their story's number is not theirs yet."""
    events: Mapping[str, ArticleEvent] = field(default_factory=dict)
    """Link → event, of what is new; told once they have numbers."""
    reports: Mapping[str, bytes] = field(default_factory=dict)
    """Link → report as it came, of what is new, where a worker made it."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Link → the amounts in it, of what is known and told in other words now."""
