"""Whether a weak name is meant as the house, from how a headline uses it.

Two signs. A name that begins a headline and does what companies do (`Lotus cuts jobs`) is a
company's. A name with a capital inside a headline that has few of them (`Why shoppers came back to
Coach`) is no everyday word. People do some of what companies do, so a name that is also a person's
or a place's takes more than that. What companies do, have and are called is in `context.toml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from news.filing.taxonomy import Companies

_CLAUSE = re.compile(r"(?:^|[:;.!?|\u2013\u2014]\s|\s-\s)[\"'\u201c\u2018«„\s]*$")
_NEXT = re.compile(r"(?:'s?)?[\s-]+([^\W\d_]+)(?:\s+([^\W\d_]+))?(?:\s+([^\W\d_]+))?")
_PAUSE = re.compile(r"\s?[,:\u2013\u2014]\s")
_YACHT_NUMBER = re.compile(r"(?:'s\snew)?\s[a-z]?\d{2,3}\b(?!\s?(?:%|[a-z]))")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_FAR = 60
"""Characters: what is looked at on either side of a name."""
_WIDE = 200
"""Characters on either side in which capitals are counted."""
_FEW_CAPITALS = 0.5
"""The share of a headline's longer words, besides the name, that may begin with a capital."""
_FUTURE = frozenset({"to", "will"})


def acts(
    companies: Companies, folded: str, start: int, end: int, *, person: bool, business: bool
) -> bool:
    """Whether a name begins a clause and does or has there what a company does or has.

    Args:
        companies: What companies do.
        folded: The text without case and accents.
        start: Where the name begins.
        end: Where it ends.
        person: Whether the name is a person's or a place's as well.
        business: Whether the text is about business.
    """
    if not _begins_a_clause(folded, start):
        return False
    following = _following(folded, end)
    if not following:
        return business and _PAUSE.match(folded, end) is not None
    if following & companies.only_they_do:
        return True
    if following & companies.others_do or (person and not business):
        return False
    return bool(following & (companies.do | companies.have))


def trades(companies: Companies, folded: str, end: int) -> bool:
    """Whether what a house does is news of business: `Maserati halts …`, `Volvo to build …`.

    Args:
        companies: What companies do.
        folded: The text without case and accents.
        end: Where the house's name ends.
    """
    following = _following(folded, end)
    return bool(following & companies.trade) and not following & companies.others_do


def is_placed(companies: Companies, folded: str, end: int) -> bool:
    """Whether a town follows, as in a hotel's name: `Fairmont Doha`, `Aman opens in Kyoto`."""
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return False
    first, *others = following.groups()
    return first in companies.towns or (
        first in companies.do and not companies.towns.isdisjoint(others)
    )


def is_numbered(folded: str, end: int) -> bool:
    """Whether a yacht's length or number follows its yard's name: `Swan 88`."""
    return _YACHT_NUMBER.match(folded, end) is not None


def is_introduced(companies: Companies, folded: str, start: int) -> bool:
    """Whether what precedes a name makes it a company's: `carmaker Lotus`, `CEO of Coach`."""
    words = folded[max(start - _FAR, 0) : start].split()
    return bool(words) and (
        words[-1] in companies.makers or " ".join(words[-2:]) in companies.makers
    )


def is_set_off(companies: Companies, original: str, start: int, end: int) -> bool:
    """Whether a name has a capital where an everyday word would have none.

    Args:
        companies: The words that begin headlines and belong to no name.
        original: The text as it was written.
        start: Where the name begins, not at the beginning of a sentence.
        end: Where it ends.
    """
    before, after = original[max(start - _WIDE, 0) : start], original[end : end + _WIDE]
    if not original[start].isupper() or _begins_a_clause(original, start):
        return False
    last = before.rstrip().rpartition(" ")[2] if before[-1:].isspace() else ""
    if last[:1].isupper() and last[-1].isalnum():
        first = _begins_a_clause(original, start - len(last) - 1)
        if not (first and fold(last) in companies.openers):
            return False
    following = _NEXT.match(after)
    if following and following[1][0].isupper():
        return False
    words = [*_LONG_WORD.findall(before), *_LONG_WORD.findall(after)]
    return _share_of_capitals(words) <= _FEW_CAPITALS


def _begins_a_clause(text: str, start: int) -> bool:
    return _CLAUSE.search(text[max(start - _FAR, 0) : start]) is not None if start else True


def _following(folded: str, end: int) -> frozenset[str]:
    """What follows a name: the next word, the next two and the next three, each as one string.

    Of `to cut` and `will cut` it is `to cut`.
    """
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return frozenset()
    words = [word for word in following.groups() if word]
    if words[0] in _FUTURE:
        words[0] = "to"
    return frozenset(" ".join(words[: count + 1]) for count in range(len(words)))


def _share_of_capitals(words: Iterable[str]) -> float:
    """How many of the words begin with a capital; all of none, since none says nothing."""
    capitals = [word[0].isupper() for word in words]
    return sum(capitals) / len(capitals) if capitals else 1.0
