"""Tolerance for typing errors in names, by letters and by sound."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from news.filing.tokenising.folding import has_cjk

if TYPE_CHECKING:
    from collections.abc import Collection

_SHORTEST = 4
"""Fewest letters of a name that is compared by sound."""
_SOUNDS = (
    *(("sch", "sh"), ("ch", "sh"), ("ck", "k"), ("x", "ks"), ("ph", "f"), ("qu", "k"), ("q", "k")),
    *(("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("z", "s"), ("y", "i"), ("w", "v")),
    *(("th", "t"), ("gh", "g"), ("ou", "u"), ("oo", "u")),
)
"""Letters and the ones that they sound like, in the order of replacement."""


def slips(name: str) -> int:
    """Return how many letters of a name of this length may be wrong, missing, extra or swapped.

    A short word with one error is often another word: `Milan` is not Kilian. Chinese names have two
    or three characters, and few are similar.
    """
    if has_cjk(name):
        return 1 if len(name) > 1 else 0
    return 0 if len(name) < 4 else 1 if len(name) < 7 else 2 if len(name) < 12 else 3


def nearest(text: str, names: Collection[str]) -> list[tuple[str, int]]:
    """Return the names that a mistyped text may mean, and the errors of each; the fewest first."""
    # Imported here, because it takes 2 MiB, and few texts are mistyped.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(text, names, scorer=OSA.distance, score_cutoff=slips(text), limit=None)
    return [(name, int(errors)) for name, errors, _ in found]


def sound(name: str) -> str:
    """Return how a name (`folding.key`) sounds, roughly: `roleks` for `rolex`; "" if too short."""
    if len(name) < _SHORTEST or has_cjk(name):
        return ""
    sounded = name.removeprefix("h")
    for letters, one in _SOUNDS:
        sounded = sounded.replace(letters, one)
    return "".join(letter for letter, _ in groupby(sounded)).removesuffix("e")
