"""Why a story is in an edition or not, in an operator's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.choosing.caps import FROM_ONE
from digest.choosing.mix import OF_A_MATTER
from digest.choosing.preview import Why
from storage.model import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from digest.choosing.preview import LeftOutStory
    from storage.model import Article, Category, Reason


def place_of(
    article: Article, reasons: tuple[Reason, ...], categories: Mapping[str, Category]
) -> str:
    """What a story's place is made of, with its points."""
    return ", ".join(
        f"{_in_words(article, each, categories)} ({each.points:+})" for each in reasons
    )


def _in_words(article: Article, reason: Reason, categories: Mapping[str, Category]) -> str:
    what = reason.what
    name = categories[what].name if what in categories else what
    return {
        ReasonKind.AGE: f"{reason.figure} h old",
        ReasonKind.SOURCE: f"weight of {article.source}",
        ReasonKind.CARRIED: f"{reason.figure} sources",
        ReasonKind.QUICK: f"{reason.figure} within six hours",
        ReasonKind.PICTURE: "has a picture",
        ReasonKind.MORE: f"more of {name}",
        ReasonKind.LESS: f"less of {name}",
        ReasonKind.MORE_OF_SOURCE: f"more of {article.source}",
        ReasonKind.LESS_OF_SOURCE: f"less of {article.source}",
    }[reason.kind]


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
        Why.HIDDEN_SOURCE: f"the source {what} is off",
        Why.SOURCE: f"{FROM_ONE} stories from {what} are in already",
        Why.HOUSE: f"{FROM_ONE} stories of {name} are in already",
        Why.MATTER: f"{OF_A_MATTER} stories of the same matter are in already",
        Why.LESS: f"less of {name} is wanted: one story at most",
        Why.FILLER: "it stands above no news: a podcast, a round-up, bargains",
        Why.ROOM: f"no room: {stories} others rank higher",
    }[left_out.why]
