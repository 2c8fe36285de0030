"""Why a story is in an edition or not, in an operator's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.edition import FROM_ONE
from digest.preview import Why
from storage.model import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from digest.preview import LeftOutStory
    from storage.model import Article, Category, Reason


def place_of(article: Article, reasons: tuple[Reason, ...]) -> str:
    """What a story's place is made of, with its points."""
    return ", ".join(f"{_in_words(article, each)} (+{each.points})" for each in reasons)


def _in_words(article: Article, reason: Reason) -> str:
    match reason.kind:
        case ReasonKind.AGE:
            return f"{reason.figure} h old"
        case ReasonKind.SOURCE:
            return f"weight of {article.source}"
        case ReasonKind.CARRIED:
            return f"{reason.figure} sources"
        case ReasonKind.PICTURE:
            return "has a picture"
        case ReasonKind.PINNED:
            return "pinned by an editor"


def why_not(
    left_out: LeftOutStory, categories: Mapping[str, Category], *, stories: int, oldest: timedelta
) -> str:
    """Why a story was left out of an edition with so many others, none older than that."""
    what = left_out.what
    name = categories[what].name if what in categories else what
    return {
        Why.OLD: f"it is older than {oldest.days} days",
        Why.ALERTED: "it was sent as an alert",
        Why.BACKLOG: "it came with the first round of a new source",
        Why.EARLIER: f"it was there for an earlier edition, from {what}",
        Why.LANGUAGE: f"it is in a language that is not read: {what}",
        Why.CATEGORY: f"{name} is muted",
        Why.WORD: f"the word “{what}” is muted",
        Why.SOURCE: f"{FROM_ONE} stories from {what} are in already",
        Why.HOUSE: f"{FROM_ONE} stories of {name} are in already",
        Why.ROOM: f"no room: {stories} others rank higher",
    }[left_out.why]
