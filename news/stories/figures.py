"""Amounts in headlines of any language: `€1.25bn` and `1,25 miliardi di euro` are equal."""

from __future__ import annotations

import re
from typing import NamedTuple

from news.text.letters import table

SCALES = {
    **dict.fromkeys(table("thousand k mila mille mil tausend"), 1e3),
    **dict.fromkeys(table("万 萬 만"), 1e4),
    **dict.fromkeys(
        table(
            """m mn mln mio million millions milione milioni millionen millón millon millones
    milhões milhoes"""
        ),
        1e6,
    ),
    **dict.fromkeys(table("亿 億 억"), 1e8),
    **dict.fromkeys(
        table(
            """b bn bln billion billions miliardo miliardi mld mrd mds
    milliard milliards milliarde milliarden"""
        ),
        1e9,
    ),
    **dict.fromkeys(table("trillion trillions"), 1e12),
}
"""Word or letter after a number → the factor that it means."""
_SHARES = frozenset(("%", "\uff05", "percent", "pct"))
_FIGURE = re.compile(
    # Starting with a digit makes the search five times as fast as starting with the characters
    # before it.
    r"(\d(?<![\dA-Za-z.,].)\d{0,14}(?:[.,\u2019]\d{1,6}){0,4})"
    r" ?(%|\uff05|per ?cento?\b|pct\b|por ciento\b|pour cent\b|prozent\b"
    r"|[万萬만亿億억]|(?:thousand|k|mila|mille|mil|tausend|m|mn|mln|mio|mill[io]on[es]{0,2}"
    r"|milion[ei]|millionen|mill[oó]n(?:es)?|milh[oõ]es|b|bn|bln|billions?|miliard[oi]|mld|mrd"
    r"|mds|milliard(?:s|en|e)?|trillions?)\b)?"
    r"(?: ?(?:di|de|d['\u2019])? ?(euros?|dollars?|dollari|dólares|pounds?|sterline|francs?|yuan"
    r"|yen|欧元|歐元|美元|人民币|英镑)\b)?",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"(?:[$€£¥] ?|\b(?:usd|eur|gbp|chf|rmb) {0,2})\Z", re.IGNORECASE)
_BEFORE = 6
"""Characters before a number that are searched for its currency."""
_GROUPED = re.compile(r"[.,\u2019](?=\d{3}(?:\D|$))")
_NAMES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_LEAST = 1e5
_FEWEST = 6
"""Fewest digits of an amount that has no word for its scale, such as `million`."""


class Figure(NamedTuple):
    """An amount: `(1.25e9, "")`, or `(12.5, "%")`."""

    value: float
    unit: str
    """`%` or empty. Currencies are dropped, since reports convert one amount to different ones."""

    def __str__(self) -> str:
        """Return the amount as a reader sees it: `1.25 billion`."""
        if self.unit:
            return f"{self.value:g}%"
        scale, name = next((one for one in _NAMES if self.value >= one[0]), (1.0, ""))
        return f"{self.value / scale:.6g} {name}".rstrip()


def figures(text: str) -> frozenset[Figure]:
    """Return the amounts that distinguish events: large numbers, money, percentages, no years."""
    found = set()
    for match in _FIGURE.finditer(text):
        digits, after, behind = match.groups("")
        if not after and len(digits) < _FEWEST:
            continue
        unit = after.casefold()
        if unit in _SHARES or unit.startswith(("per", "por", "pour", "pro")):
            found.add(Figure(_number(digits, grouped=False), "%"))
            continue
        scale = SCALES.get(unit)
        value = _number(digits, grouped=(scale or 1.0) < 1e9) * (scale or 1.0)
        if value >= _LEAST and (scale or behind or _is_of_money(text, match.start())):
            found.add(Figure(float(f"{value:.6g}"), ""))
    return frozenset(found)


def _is_of_money(text: str, start: int) -> bool:
    return _CURRENCY.search(text, max(start - _BEFORE, 0), start) is not None


def _number(digits: str, *, grouped: bool) -> float:
    """Return the value of digits; `grouped` as in `1.250 million`, not in `1.125 billion`."""
    bare = _GROUPED.sub("", digits) if grouped and not digits.startswith("0") else digits
    first, *rest = bare.replace("\u2019", "").replace(",", ".").split(".")
    return float(f"{first}.{''.join(rest) or 0}")
