"""Several names as one phrase: “Style, Motor and China”, by the rules of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.lists import format_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babel import Locale

_CHANGED = {"it": (" e ", " ed ", ("e",)), "es": (" y ", " e ", ("i", "hi"))}
"""Language → its “and”, what becomes of it, and before which letters: “Motori ed Europa”. CLDR's
patterns for lists leave that to whoever uses them."""


def listed(names: Sequence[str], locale: Locale) -> str:
    """Names with commas between them and “and” before the last."""
    text = format_list(names, locale=locale)
    if len(names) > 1 and locale.language in _CHANGED:
        plain, changed, letters = _CHANGED[locale.language]
        last = names[-1]
        before = text.removesuffix(last)
        if last.casefold().startswith(letters) and before.endswith(plain):
            return f"{before.removesuffix(plain)}{changed}{last}"
    return text
