"""The points of a story's rank: one table for the choice, its reasons and `docs/readers.md`."""

from __future__ import annotations

from typing import NamedTuple

from storage.model import ReasonKind

STEP = 60
"""Points of "more" and "less", and of what the trade may not want: two steps of weight."""
STEP_OF_WEIGHT = 30
STEPS_OF_ONE = 5
"""Steps of a story of weight 1; see `Article.weight`."""
MOST_STEPS = 14
ALERT, NEWS, LARGE, LARGEST = 1, 3, 5.5, 8
"""The steps from which a story is an alert, has a place in its section, is among the main news, and
could lead any front page; docs/decisions/0032 has what each finds, and why alerts begin earlier.

`LARGE` is above the five steps of a story that nobody has weighed.
"""
SOFT = 3
"""Steps deducted from lists, notices and features, which are no news of the day."""
BELIEVED = 0.5
"""The certainty from which the learned kind of a story is believed."""
LAST = 1000
"""Points deducted for a house that the reader wants less of, which ranks it after all others."""
PICTURE = 5
WORTH = 10
"""Points for news of a company and for a house as its subject; deducted for a question."""
QUICK, QUICK_MOST = 5, 25
"""Points for each further source that reported soon after the first, and their maximum."""


class Weights(NamedTuple):
    """Points that depend on how much time an edition covers."""

    carried: int
    """Points for each further source; general papers together count as one source."""
    carried_most: int
    fresh: int
    """Points for a story published now, falling to 0 at the greatest age."""


DAILY = Weights(carried=20, carried_most=80, fresh=60)
WEEKLY = Weights(carried=30, carried_most=180, fresh=30)
"""Weights of a weekly edition, in which the number of sources matters more than the age."""


class RankPoints(NamedTuple):
    """What one kind of reason does to a story's rank in a daily edition."""

    least: int
    most: int
    counts: str
    """What counts, as `docs/readers.md` says it."""
    told: str
    """One reason as operators read it; see `Reason`."""


_RANGE, _MORE, _LESS = (0, STEP_OF_WEIGHT * MOST_STEPS), (STEP, STEP), (-STEP, -STEP)
POINTS = {
    ReasonKind.LEAD: RankPoints(0, 0, "chosen by the editors: it leads", "the editors' lead story"),
    ReasonKind.WEIGHT: RankPoints(*_RANGE, "what it weighs, in steps", "weighs {figure}{kind}"),
    ReasonKind.CARRIED: RankPoints(
        DAILY.carried, DAILY.carried_most, "further sources", "{figure} sources"
    ),
    ReasonKind.QUICK: RankPoints(
        QUICK, QUICK_MOST, "those within six hours of the first", "{figure} within six hours"
    ),
    ReasonKind.AGE: RankPoints(0, DAILY.fresh, "how new it is", "{figure} h old"),
    ReasonKind.SOURCE: RankPoints(0, 100, "its source", "weight of {source}"),
    ReasonKind.COMPANY: RankPoints(WORTH, WORTH, "a company of the trade", "news of a company"),
    ReasonKind.HOUSE: RankPoints(WORTH, WORTH, "about a house", "about a house"),
    ReasonKind.PICTURE: RankPoints(PICTURE, PICTURE, "a picture", "has a picture"),
    ReasonKind.QUESTION: RankPoints(-WORTH, -WORTH, "a headline that asks", "asks a question"),
    ReasonKind.UNSURE: RankPoints(*_LESS, "perhaps not for the trade", "perhaps not for the trade"),
    ReasonKind.MORE: RankPoints(*_MORE, "“more” of a category", "more of {name}"),
    ReasonKind.LESS: RankPoints(
        -LAST, -STEP, "“less” of it; of a house, after all others", "less of {name}"
    ),
    ReasonKind.MORE_OF_SOURCE: RankPoints(*_MORE, "“more” of its source", "more of {source}"),
    ReasonKind.LESS_OF_SOURCE: RankPoints(*_LESS, "“less” of its source", "less of {source}"),
}
"""Each kind of reason for a story's rank."""
