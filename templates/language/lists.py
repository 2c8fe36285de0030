"""Lists of names as one phrase, “Style, Motor and China”, and their order in a language."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.lists import format_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIST_CONTEXT = "last of a list of categories"
AND_MORE = "more"
"""The last item of a list, in place of those without room: “Style, Motor, China and more”."""
AND_THEN = "%(first)s, %(then)s"
"""Two clauses of a line: “Vogue, also in Elle”."""
_EMPTY_LIST = re.compile(r"(?<!\s)\s*[:\uff1a]\s*(?=[.\u3002])")
_CHANGED = {"it": (" e ", " ed ", ("e",)), "es": (" y ", " e ", ("i", "hi"))}
"""Language → “and”, its other form, and letters that it precedes: “Motori ed Europa”."""


def listed(names: Sequence[str], locale: Locale) -> str:
    """Join names with commas, and “and” before the last."""
    if not names:
        return ""
    *others, last = names
    text = _pattern(len(others), str(locale)) % tuple(others)
    if others and locale.language in _CHANGED:
        plain, changed, letters = _CHANGED[locale.language]
        if last.casefold().startswith(letters):
            text = text.removesuffix(plain) + changed
    return text + last


def named(names: Sequence[str], most: int) -> Sequence[str]:
    """Return the first `most` names, or all if only one would be left for “other categories”."""
    return names if len(names) <= most + 1 else names[:most]


def commas(names: Iterable[str], locale: Locale) -> str:
    """Join names with commas, without an “and”."""
    return between(locale).join(names)


def without_list(text: str) -> str:
    """Return a text without the colon before an empty list: `Two stories: .` → `Two stories.`."""
    return _EMPTY_LIST.sub("", text)


def with_article(date: str, locale: Locale) -> str:
    """Return a date after its Italian article, which depends on the number; others unchanged."""
    if locale.language != "it":
        return date
    return f"l\u2019{date}" if date.split(maxsplit=1)[0] in {"8", "11"} else f"il {date}"


def between(locale: Locale) -> str:
    """Return the separator of two names in a list."""
    return "、" if locale.language == "zh" else ", "


def gap(locale: Locale) -> str:
    """Return the separator of two sentences; full-width punctuation needs none."""
    return "" if locale.language == "zh" else " "


def order(name: str, locale: Locale) -> tuple[bytes | str, str]:
    """Return a name's sort key: its letters without case and accents, then the name.

    Chinese names sort by GB 18030, which has common characters in pinyin order; Latin names come
    before them.
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if locale.language == "zh":
        return plain.encode("gb18030", errors="replace"), name
    return plain, name


@lru_cache(maxsize=256)
def _pattern(others: int, locale: str) -> str:
    """Return a list's text before its last name, `%s` each; cached, as Babel is slow."""
    last = "\ue000"
    return format_list([*["%s"] * others, last], locale=Locale.parse(locale)).removesuffix(last)
