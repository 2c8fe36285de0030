"""Several names as one phrase, “Style, Motor and China”, and in the order of a language."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.lists import format_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def commas(names: Iterable[str], locale: Locale) -> str:
    """Names one after another, without an “and”."""
    return between(locale).join(names)


def between(locale: Locale) -> str:
    """What stands between two names of a list."""
    return "、" if locale.language == "zh" else ", "


def gap(locale: Locale) -> str:
    """What stands between two sentences: full-width punctuation brings its own space."""
    return "" if locale.language == "zh" else " "


def order(name: str, locale: Locale) -> tuple[bytes | str, str]:
    """What names are sorted by: their letters without case and accents, then as they are written.

    Chinese goes by GB 18030, whose common characters stand in the order of their pinyin; Latin
    names come before them.
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if locale.language == "zh":
        return plain.encode("gb18030", errors="replace"), name
    return plain, name


@lru_cache(maxsize=256)
def _pattern(others: int, locale: str) -> str:
    """What stands before the last of some names, with a `%s` for each of the others.

    Babel takes longer to put three names together than an edition takes for all the rest.
    """
    last = "\ue000"
    return format_list([*["%s"] * others, last], locale=Locale.parse(locale)).removesuffix(last)
