"""Whether two headlines of the same words tell the same of everybody: who does what to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from news.wording import TURNS, folded_word, table

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUFFERED = table("kill hurt")
_PASSIVE = table("appoint sell")
"""Deeds of a house to another than a house: who does it needs no `by` to be told."""
_DECIDED = frozenset(
    map(
        folded_word,
        table(
            """open buy sell resign retire cut close appeal trade abdicate join recall invest pay
    create ban allow build raise expel"""
        ),
    )
)
"""Deeds that are news when they are decided: to buy a house is to have bought it, to a reader."""


def compounded(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """The words of `one`, two of them written as one where `other` has them so: `bail out`."""
    if all(len(word) < 6 for word in other):
        return tuple(one)
    held = set(other)
    result: list[str] = []
    for word in one:
        both = result[-1] + word if result else word
        if result and both in held and word not in held:
            result[-1] = both
        else:
            result.append(word)
    return tuple(result)


def same_order(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words of both stand in one order, but for a phrase, and nobody is turned around.

    "In Milan, A sues B" is "A sues B in Milan"; "B sues A in Milan" is not. `A is bought by B` is
    no `A buys B`, `from A to B` no `from B to A`, `A to visit` no `A visits`, and
    `A says B attacked` no `B says A attacked`.
    """
    both = {*one}.intersection(other) - TURNS
    first = _deeds_first([word for word in one if word in both])
    second = _deeds_first([word for word in other if word in both])
    if not (_after(one, "to") ^ _after(other, "to")) & both <= _DECIDED:
        return False
    if _is_passive(first, second, one, other) or _is_passive(second, first, other, one):
        return True
    if _after(one, "by") & both != _after(other, "by") & both:
        return False
    if any(_are_turned(one, other, both, turn) for turn in ("from", "say")):
        return False
    return first == second or _is_moved(first, second)


def _are_turned(one: Sequence[str], other: Sequence[str], both: set[str], turn: str) -> bool:
    named, told = _after(one, turn) & both, _after(other, turn) & both
    return bool(named and told and named != told)


def _after(words: Sequence[str], turn: str) -> set[str]:
    return {later for word, later in pairwise(words) if word == turn}


def _deeds_first(words: list[str]) -> list[str]:
    """Words with `5 killed` as `killed 5`."""
    for at in range(1, len(words)):
        if words[at] in _SUFFERED and words[at - 1][0].isdigit():
            words[at - 1], words[at] = words[at], words[at - 1]
    return words


def _is_moved(first: list[str], second: list[str]) -> bool:
    """Whether two orders of the same words differ by the place of one phrase."""
    if len(first) != len(second):
        return False
    apart = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    start, end = apart[0], apart[-1] + 1
    one, other = first[start:end], second[start:end]
    return any(one[at:] + one[:at] == other for at in range(1, len(one)))


def _is_passive(
    first: list[str], second: list[str], one: Sequence[str], other: Sequence[str]
) -> bool:
    """Whether the second tells in the passive what the first does in the active.

    "A buys B in Milan" is "B is bought by A in Milan", and "A names B its head" is "B is named
    head of A".
    """
    if len(first) != len(second) or first[:1] == second[:1]:
        return False
    agents = set[str]() if "by" in one else _after(other, "by")
    return any(
        _is_turned(first, second, at, by=first[0] in agents)
        for at in range(1, len(first) - 1)
        if first[at] in _PASSIVE or first[0] in agents
    )


def _is_turned(first: list[str], second: list[str], at: int, *, by: bool) -> bool:
    """Whether the deed of the active at `at` is that of the passive, of whoever came before it."""
    who, deed, rest = first[:at], first[at], first[at + 1 :]
    for end in range(1, len(rest) + 1):
        whom, then = rest[:end], rest[end:]
        if (then or by) and second == [*whom, deed, *then, *who]:
            return True
        if by and second == [*whom, deed, *who, *then]:
            return True
    return False
