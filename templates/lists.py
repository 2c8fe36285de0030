"""Several names as one phrase: “Style, Motor and China”, by the rules of a language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.lists import format_list

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHANGED = {"it": (" e ", " ed ", ("e",)), "es": (" y ", " e ", ("i", "hi"))}
"""Language → its “and”, what becomes of it, and before which letters: “Motori ed Europa”. CLDR's
patterns for lists leave that to whoever uses them."""


def listed(names: Sequence[str], locale: Locale) -> str:
    """Names with commas between them and “and” before the last."""
    if not names:
        return ""
    *others, last = names
    text = _pattern(len(others), str(locale)) % tuple(others)
    if others and locale.language in _CHANGED:
        plain, changed, letters = _CHANGED[locale.language]
        if last.casefold().startswith(letters):
            text = text.removesuffix(plain) + changed
    return text + last


@lru_cache(maxsize=256)
def _pattern(others: int, locale: str) -> str:
    """What stands before the last of some names, with a `%s` for each of the others.

    Babel takes longer to put three names together than an edition takes for all the rest.
    """
    last = "\ue000"
    return format_list([*["%s"] * others, last], locale=Locale.parse(locale)).removesuffix(last)
