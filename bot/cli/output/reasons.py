"""The reasons why a story is in an edition or not, in words for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.choosing.mix import FROM_ONE, OF_A_MATTER
from digest.choosing.rank_points import POINTS
from digest.editions.preview import Why

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from digest.editions.preview import LeftOutStory
    from storage.model import Article, Category, Reason


def place_of(
    article: Article, reasons: tuple[Reason, ...], categories: Mapping[str, Category]
) -> str:
    """Return the components of a story's score, each with its points."""
    return ", ".join(
        f"{_in_words(article, each, categories)} ({each.points:+})" for each in reasons
    )


def _in_words(article: Article, reason: Reason, categories: Mapping[str, Category]) -> str:
    what = reason.what
    name = categories[what].name if what in categories else what
    return POINTS[reason.kind].told.format(
        figure=reason.figure, name=name, source=article.source, kind=f", {what}" if what else ""
    )


def why_not(
    left_out: LeftOutStory, categories: Mapping[str, Category], *, stories: int, oldest: timedelta
) -> str:
    """Return why a story was left out of an edition."""
    what = left_out.what
    name = categories[what].name if what in categories else what
    return {
        Why.OLD: f"it is older than {oldest.days} days",
        Why.ALERTED: "it was sent as an alert",
        Why.BACKLOG: "it came with the first round of a new source",
        Why.EARLIER: f"it was available for an earlier edition, from {what}",
        Why.LANGUAGE: f"it is in a language that the reader did not choose: {what}",
        Why.CATEGORY: f"{name} is muted",
        Why.WORD: f"the word “{what}” is muted",
        Why.HIDDEN_SOURCE: f"the source {what} is off",
        Why.SOURCE: f"the edition already has {FROM_ONE} stories from {what}",
        Why.HOUSE: f"the edition already has {FROM_ONE} stories about {name}",
        Why.MATTER: f"the edition already has {OF_A_MATTER} stories about the same matter",
        Why.LESS: f"less of {name}: one story at most",
        Why.FILLER: "its headline is not news: a podcast, a round-up, bargains",
        Why.DOUBTFUL: "a general paper's report that the trade may not want",
        Why.ROOM: f"no room: {stories} others rank higher",
    }[left_out.why]
