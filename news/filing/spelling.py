"""How far what somebody typed may be from a name, in letters and by ear."""

from __future__ import annotations

from itertools import groupby

from news.filing.folding import has_cjk

_LEAST_HEARD = 4
"""Letters from which on a name is told by its sound: shorter ones sound like too much."""
_SOUNDS = (
    *(("sch", "sh"), ("ch", "sh"), ("ck", "k"), ("x", "ks"), ("ph", "f"), ("qu", "k"), ("q", "k")),
    *(("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("z", "s"), ("y", "i"), ("w", "v")),
    *(("th", "t"), ("gh", "g"), ("ou", "u"), ("oo", "u")),
)
"""Letters that sound alike, each with the one that stands for it, in the order of replacing."""


def slips(name: str) -> int:
    """How many letters of a name may be wrong, missing, too many or swapped, by its length.

    Of a short word one slip makes another word: `Milan` is no Kilian. Chinese names are two or
    three letters long, and few are near each other.
    """
    if has_cjk(name):
        return 1 if len(name) > 1 else 0
    return 0 if len(name) < 4 else 1 if len(name) < 7 else 2 if len(name) < 12 else 3


def sound(name: str) -> str:
    """How a name sounds, roughly, in any of our languages: `roleks` for `rolecs` and `rolex`.

    Args:
        name: By `folding.key`.

    Returns:
        The same text for names that sound alike; empty for one that is too short or Chinese.
    """
    if len(name) < _LEAST_HEARD or has_cjk(name):
        return ""
    heard = name.removeprefix("h")
    for letters, one in _SOUNDS:
        heard = heard.replace(letters, one)
    return "".join(letter for letter, _ in groupby(heard)).removesuffix("e")
