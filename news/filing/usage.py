"""Whether a headline uses a weak name as a house.

A name that begins a headline and does what companies do (`Lotus cuts jobs`) is a company's. People
do some of these things too, so a name that is also a person's or a place's needs more. What
companies do and have is listed in `context.toml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from news.filing.taxonomy import Companies

_CLAUSE = re.compile(r"(?:^|[:;.!?|\u2013\u2014]\s|\s-\s)[\"'\u201c\u2018«„\s]*$")
_NEXT = re.compile(r"(?:'s?)?[\s-]+([^\W\d_]+)(?:\s+([^\W\d_]+))?(?:\s+([^\W\d_]+))?")
_FAR = 60
"""Characters on either side of a name that are looked at."""
_FUTURE = frozenset({"to", "will"})


def acts(
    companies: Companies, folded: str, start: int, end: int, *, person: bool, business: bool
) -> bool:
    """Return whether a name begins a clause and is followed by what a company does or has.

    `person` says that the name is also a person's or a place's.
    """
    if not _begins_a_clause(folded, start):
        return False
    following = _following(folded, end)
    if following & companies.only_they_do:
        return True
    if following & companies.others_do or (person and not business):
        return False
    return bool(following & (companies.do | companies.have))


def is_placed(companies: Companies, folded: str, end: int) -> bool:
    """Return whether a town follows, as in `Fairmont Doha` or `Aman opens in Kyoto`."""
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return False
    first, *others = following.groups()
    return first in companies.towns or (
        first in companies.do and not companies.towns.isdisjoint(others)
    )


def is_introduced(companies: Companies, folded: str, start: int) -> bool:
    """Return whether the words before a name make it a company's: `carmaker Lotus`."""
    words = folded[max(start - _FAR, 0) : start].split()
    return bool(words) and (
        words[-1] in companies.makers or " ".join(words[-2:]) in companies.makers
    )


def _begins_a_clause(text: str, start: int) -> bool:
    return _CLAUSE.search(text[max(start - _FAR, 0) : start]) is not None if start else True


def _following(folded: str, end: int) -> frozenset[str]:
    """Return the next one, two and three words, each as a string; `will cut` gives `to cut`."""
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return frozenset()
    words = [word for word in following.groups() if word]
    if words[0] in _FUTURE:
        words[0] = "to"
    return frozenset(" ".join(words[: count + 1]) for count in range(len(words)))
