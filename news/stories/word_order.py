"""Whether two headlines of the same words tell the same of everybody: who does what to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from news.stories.headline_tokens import NATIONS, TURNS, folded_word, table
from news.stories.synonyms import COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOVES = frozenset(("rise", "fall"))
_LEAST_THERE = 4
_SUFFERED = table("kill hurt")
_MANY = frozenset(map(folded_word, table("dozens scores hundreds thousands many several")))
_PEOPLE = COUNTED | frozenset(
    map(folded_word, table("police troops people kids protesters gunmen rebels fans men women"))
)
"""Those that a number before them counts: they were killed, or they killed."""
_PASSIVE = table("appoint sell elect")
"""Deeds of a house to another than a house: who does it needs no `by` to be told."""
_OF_THEMSELVES = frozenset(
    map(folded_word, table("begin resume end close open double halve reopen"))
)
"""What somebody does to a thing, or the thing does: a city opens a museum, which opens there."""
_OF_STATES = frozenset(
    map(folded_word, table("fine ban jail arrest charge convict expel sentence seize confirm"))
)
"""What is done in a country when the country does it."""
_GOES = frozenset(map(folded_word, table("resign retire leave die")))
_DECIDED = frozenset(
    map(
        folded_word,
        table(
            """buy sell resign retire cut close appeal trade abdicate join recall invest pay
    create ban allow build raise expel extend"""
        ),
    )
)
"""Deeds that are news when they are decided: to buy a house is to have bought it, to a reader."""


def compounded(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """The words of `one`, two of them written as one where `other` has them so: `bail out`."""
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
    first = [word for word in one if word in both]
    second = [word for word in other if word in both]
    if not (_after(one, "to") ^ _after(other, "to")) & both <= _DECIDED:
        return False
    if first == second and ("hasbeen" in one) == ("hasbeen" in other):
        return not _is_turned_around(one, other, both)
    if _figures(first) != _figures(second):
        # "5 killed, 9 hurt" is not "9 killed, 5 hurt".
        return False
    if _is_told_passively(first, second, one, other) or _is_told_passively(
        second, first, other, one
    ):
        return True
    if _is_turned_around(one, other, both) or ("hasbeen" in one) != ("hasbeen" in other):
        return False
    first, second = _deeds_first(first), _deeds_first(second)
    moved = _moved(first, second)
    # "Sales of jewels rise" is not "sales rise on jewels".
    stands = _MOVES.isdisjoint(moved) or _after(one, "on") & both == _after(other, "on") & both
    return first == second or (bool(moved) and stands)


def _is_turned_around(one: Sequence[str], other: Sequence[str], both: set[str]) -> bool:
    """Whether a small word stands before somebody else in the other."""
    turned = (_after(one, "by") ^ _after(other, "by")) & both
    if turned and (both.isdisjoint(_OF_STATES) or not turned <= NATIONS):
        return True
    return any(_are_turned(one, other, both, turn) for turn in ("from", "say"))


def _is_told_passively(
    first: list[str], second: list[str], one: Sequence[str], other: Sequence[str]
) -> bool:
    """Whether the second tells in the passive what the first does in the active."""
    if len(first) != len(second):
        return False
    return (
        _is_suffered(second, first)
        or _is_done_there(first, second)
        or _goes(first, second)
        or _is_done_by(first, second, one, other)
        or _is_passive(_deeds_first(first), _deeds_first(second), one, other)
    )


def is_sale(seller: Sequence[str], buyer: Sequence[str]) -> bool:
    """Whether the buyer's title tells what the seller's does: `A sells B to C`, `C buys B of A`."""
    sold, bought = seller.index("sell"), buyer.index("buy")
    who = [word for word in buyer[:bought] if word not in TURNS]
    if not who or "to" not in seller[sold:]:
        return False
    to = seller.index("to", sold) + 1
    return list(seller[to : to + len(who)]) == who and who[0] not in seller[:sold]


def _figures(words: Sequence[str]) -> list[str]:
    return [word for word in words if word[0].isdigit()]


def _is_suffered(bare: list[str], told: list[str]) -> bool:
    """Whether `5 killed in Lima crash` is what `Lima crash kills 5` tells.

    Who did it is not said in the first, so that nobody can be turned around, unless the second
    counts those who were killed, or who did it.
    """
    for number, deed in pairwise(bare):
        if deed in _SUFFERED and _counts(number):
            place = told.index(deed)
            before, behind = told[:place], told[place + 1 :]
            if behind[:1] == [number] and not any(map(_counts, before[-1:])):
                return (
                    sorted(bare) == sorted(told)
                    and _PEOPLE.isdisjoint(before)
                    and _PEOPLE.isdisjoint(behind[1:2])
                )
    return False


def _counts(word: str) -> bool:
    return word[0].isdigit() or word in _MANY


def _is_done_by(
    active: list[str], passive: list[str], one: Sequence[str], other: Sequence[str]
) -> bool:
    """Whether the second tells in the passive who does what to whom, phrases wherever they stand.

    Who comes before the deed and then whom in the first, whom before the deed and then `by` who
    in the second.
    """
    doers = _after(other, "by")
    if not doers or "by" in one or sorted(active) != sorted(passive):
        return False
    for who in doers.intersection(passive):
        by = passive.index(who)
        for at in range(active.index(who) + 1, len(active) - 1):
            deed, whom = active[at], active[at + 1]
            if passive.index(whom) < passive.index(deed) < by:
                return True
    return False


def _goes(titled: list[str], named: list[str]) -> bool:
    """Whether `Gucci chief Anna Bell resigns` is told as `Anna Bell resigns as chief of Gucci`."""
    if titled[-1] not in _GOES:
        return False
    at = named.index(titled[-1])
    who, post = named[:at], named[at + 1 :]
    before = len(titled) - 1 - at
    return titled[before:-1] == who and sorted(titled[:before]) == sorted(post)


def _is_done_there(state: list[str], there: list[str]) -> bool:
    """Whether `Italy fines Shein` is told as `Shein fined in Italy`, who is no country."""
    if len(state) < _LEAST_THERE:
        return False
    who, deed, whom = state[:3]
    return (
        who in NATIONS
        and whom not in NATIONS
        and deed in _OF_STATES
        and there[0] == whom
        and sorted(state) == sorted(there)
        and there.index(deed) < there.index(who)
    )


def _are_turned(one: Sequence[str], other: Sequence[str], both: set[str], turn: str) -> bool:
    named, told = _after(one, turn) & both, _after(other, turn) & both
    return bool(named and told and named != told)


def _after(words: Sequence[str], turn: str) -> set[str]:
    return {later for word, later in pairwise(words) if word == turn}


def _deeds_first(words: list[str]) -> list[str]:
    """Words with `5 killed` as `killed 5`."""
    words = [*words]
    for at in range(1, len(words)):
        if words[at] in _SUFFERED and words[at - 1][0].isdigit():
            words[at - 1], words[at] = words[at], words[at - 1]
    return words


def _moved(first: list[str], second: list[str]) -> list[str]:
    """The words between which a phrase was moved, where two orders of the same differ by that."""
    if len(first) != len(second) or first == second:
        return []
    apart = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    start, end = apart[0], apart[-1] + 1
    one, other = first[start:end], second[start:end]
    return one if any(one[at:] + one[:at] == other for at in range(1, len(one))) else []


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
    named = "hasbeen" in other and "hasbeen" not in one
    return any(
        _is_turned(first, second, at, by=first[0] in agents or (named and first[at] == "appoint"))
        for at in range(1, len(first) - 1)
        if first[at] in _PASSIVE or first[at] in _OF_THEMSELVES or first[0] in agents
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
        if deed in _OF_THEMSELVES and second == [*whom, deed, *who, *then]:
            return True
    return False
