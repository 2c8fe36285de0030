"""Which titles are told again of other news: columns, and what markets do every day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.stories.headline_tokens import QUOTED, folded_word
from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_SHORT = 4
"""So few words tell no day's news from another's; a house counts as one."""
_COLUMN = re.compile(
    r"\bof the (?:day|week|month)\b|\bthe (?:day|week|month)(?: ahead)? in\b"
    r"|^(?:your )?(?:daily|weekly|monthly)\b|\bnewsletter\b|\bround-?up\b|\brecap\b"
    r"|\b(?:morning|evening|weekend|news|daily|weekly) (?:briefing|brief|digest)\b"
    r"|\bthings to (?:know|do|see|buy|watch)\b|\bwhat to (?:wear|watch|read|buy|know|do|see)\b"
    r"|\b(?:prices?|rates?) today\b|\b(?:we're|is|are) hiring\b|\bcrossword\b"
    r"|\bhoroscopes?\b|\bhoroskop\b|\boroscopo\b|\bdes (?:tages|monats)\b|\bder woche\b"
    r"|\bdu (?:jour|mois)\b|\bde la sem(?:aine|ana)\b|\bdel (?:giorno|mese|d[ií]a|mes)\b"
    r"|\bdella settimana\b|\brecrute\b|\btop stories\b"
    r"|本周|每日|今日要闻|[日周早晚]报|今日の|今週の",
    re.IGNORECASE,
)
_MARKETS = frozenset(
    map(folded_word, table("market markets bourse index futures gold silver copper platinum bonds"))
)
_MOVES = frozenset(
    map(
        folded_word,
        table("rise fall open close end steady flat mixed edge rally retreat ease firm"),
    )
)
"""What markets do every day, where one is named; a gold watch does not."""


def is_column(title: str) -> bool:
    """Whether a title stands above other news every time, at several publishers."""
    return _COLUMN.search(title) is not None


def is_routine(words: AbstractSet[str], *, housed: bool) -> bool:
    """Whether a title may be told again of another day: `Wall Street opens higher`, or a short one.

    A figure tells one day from another.

    Args:
        words: Of the title, folded.
        housed: Whether it names a house.
    """
    if any(word[0].isdigit() for word in words):
        return False
    if len(words) <= _SHORT - housed or not words.isdisjoint(QUOTED):
        return True
    return not (_MARKETS.isdisjoint(words) or _MOVES.isdisjoint(words))
