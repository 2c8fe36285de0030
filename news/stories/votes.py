"""Similarity of a report to an event, computed from its similarity to the event's reports. Pure.

The most similar report counts most, then the next ones. The constants were chosen on general news
in English and Italian.
"""

from __future__ import annotations

from math import log1p, sqrt

ALIKE = 0.373
"""Least similarity, from 0 to 1, with which a report joins an event."""
_VOTES = 3
"""Most reports of an event that count, the most similar ones."""
_FOR_VOTES = 0.03
"""Added to the similarity for each report of the event after the first, up to `_VOTES`."""
_FOR_AGREEING = 0.15
"""Factor of the share of all votes beyond a half, added if several reports count."""
CROWD = 0.18
"""Least similarity of a report in a crowd; news of many sources is worded in many ways."""
_FOR_CROWD, _IN_CROWD = 0.012, 6
"""Added for each report of a crowd after the first, and how many such reports count."""
_OFF_FOR_HOURS = 0.04
"""Factor of the logarithm of the hours since the nearest report; repeats come soon."""
MOST_ADDED = _FOR_VOTES * (_VOTES - 1) + _FOR_AGREEING / 2 + _FOR_CROWD * _IN_CROWD


def nearness(votes: list[float], share: float, crowd: int, hours: float) -> float:
    """Return a report's similarity to an event that has a `share`, 0 to 1, of all votes.

    `crowd` counts similar reports of any event.
    """
    best = votes[:_VOTES]
    together = (best[0] + sqrt(sum([how * how for how in best]) / len(best))) / 2
    together += _FOR_CROWD * min(max(crowd - 1, 0), _IN_CROWD)
    if len(best) > 1:
        together += _FOR_VOTES * (len(best) - 1) + _FOR_AGREEING * (share - 0.5)
    return together - _OFF_FOR_HOURS * log1p(hours)
