"""Comparison of word order in two headlines with the same words: who does what to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from news.stories.headline_tokens import TURNS, folded_word
from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOVES = frozenset(("rise", "fall"))
_DECIDED = frozenset(
    map(
        folded_word,
        table(
            """buy sell resign retire cut close appeal trade abdicate join recall invest pay
    create ban allow build raise expel extend"""
        ),
    )
)
"""Actions for which a plan is the same news: `A to buy B` is `A buys B`."""


def same_order(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two headlines with the same words also agree on who does what.

    The order may differ by one moved phrase: "In Milan, A sues B" is "A sues B in Milan", but "B
    sues A in Milan" is not. `A is bought by B` differs from `A buys B`, `from A to B` from `from B
    to A`, `A to visit` from `A visits`, and `A says B attacked` from `B says A attacked`.
    """
    both = {*one}.intersection(other) - TURNS
    first = [word for word in one if word in both]
    second = [word for word in other if word in both]
    if not (_after(one, "to") ^ _after(other, "to")) & both <= _DECIDED:
        return False
    if first == second and ("hasbeen" in one) == ("hasbeen" in other):
        return not _is_turned_around(one, other, both)
    if _figures(first) != _figures(second):
        # "5 killed, 9 hurt" is not "9 killed, 5 hurt".
        return False
    if _is_turned_around(one, other, both) or ("hasbeen" in one) != ("hasbeen" in other):
        return False
    moved = _moved(first, second)
    # "Sales of jewels rise" is not "sales rise on jewels".
    keeps = _MOVES.isdisjoint(moved) or _after(one, "on") & both == _after(other, "on") & both
    return first == second or (bool(moved) and keeps)


def _is_turned_around(one: Sequence[str], other: Sequence[str], both: set[str]) -> bool:
    """Return whether `by`, `from` or `say` precedes different words in the two headlines."""
    if (_after(one, "by") ^ _after(other, "by")) & both:
        return True
    return any(_are_turned(one, other, both, turn) for turn in ("from", "say"))


def _figures(words: Sequence[str]) -> list[str]:
    return [word for word in words if word[0].isdigit()]


def _are_turned(one: Sequence[str], other: Sequence[str], both: set[str], turn: str) -> bool:
    named, theirs = _after(one, turn) & both, _after(other, turn) & both
    return bool(named and theirs and named != theirs)


def _after(words: Sequence[str], turn: str) -> set[str]:
    return {later for word, later in pairwise(words) if word == turn}


def _moved(first: list[str], second: list[str]) -> list[str]:
    if len(first) != len(second) or first == second:
        return []
    apart = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    start, end = apart[0], apart[-1] + 1
    one, other = first[start:end], second[start:end]
    return one if any(one[at:] + one[:at] == other for at in range(1, len(one))) else []
