"""The marks that join texts, by language: `Style, Motor`, `腕表、珠宝`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale


@dataclass(frozen=True, slots=True)
class Punctuation:
    """What stands between two parts of a text, the space behind it included."""

    between_names: str = ", "
    """Between the names of a list."""
    comma: str = ", "
    """Before what is added to a phrase: `WWD, also in Vogue`."""
    colon: str = ": "
    gap: str = " "
    """Between two sentences."""


_WESTERN = Punctuation()
_OTHERS = {
    "zh": Punctuation("、", "，", "：", ""),  # noqa: RUF001  # full-width marks bring their space
    "fr": Punctuation(colon="\N{NARROW NO-BREAK SPACE}: "),
}


def punctuation(locale: Locale) -> Punctuation:
    """The marks of a language."""
    return _OTHERS.get(locale.language, _WESTERN)
