"""How near a report is to an event, by how near it is to some of the event's reports. Pure.

The nearest says most, then those that are near beside it. An event of one report is as near as
that one. What is added was chosen on general news, in English and in Italian.
"""

from __future__ import annotations

from math import log1p, sqrt

ALIKE = 0.373
"""How near an event has to be, from 0 to 1: its nearest report and its votes, half each."""
_VOTES = 3
"""The nearest reports of an event that vote; of one that has fewer, those that there are."""
_FOR_VOTES = 0.03
"""For each vote after the first."""
_FOR_AGREEING = 0.15
"""So much of how far more than half of all votes are for it, where there are several."""
CROWD = 0.18
"""How near the reports are that make a crowd: what is in the news is told in many words."""
_FOR_CROWD, _IN_CROWD = 0.012, 6
"""For each report of a crowd beyond the first, and how many count."""
_OFF_FOR_HOURS = 0.04
"""Less for the logarithm of the hours since the nearest report: what is told again comes soon."""
MOST_ADDED = _FOR_VOTES * (_VOTES - 1) + _FOR_AGREEING / 2 + _FOR_CROWD * _IN_CROWD


def nearness(votes: list[float], share: float, crowd: int, hours: float) -> float:
    """How near an event is.

    Args:
        votes: How near its reports are, the nearest first.
        share: Of all votes those for this event, from 0 to 1.
        crowd: How many reports are near, of whichever event.
        hours: Between the report and the nearest.
    """
    best = votes[:_VOTES]
    together = (best[0] + sqrt(sum([how * how for how in best]) / len(best))) / 2
    together += _FOR_CROWD * min(max(crowd - 1, 0), _IN_CROWD)
    if len(best) > 1:
        together += _FOR_VOTES * (len(best) - 1) + _FOR_AGREEING * (share - 0.5)
    return together - _OFF_FOR_HOURS * log1p(hours)
