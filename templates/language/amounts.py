"""Amounts in a reader's language, `1.25 billion` as `1,25 Mld`; small numbers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.numbers import format_compact_decimal, format_decimal, format_percent

from templates.language.languages import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from babel import Locale

COUNTS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
"""Numbers of stories in words, starting with one; larger numbers are written in digits."""

COUNT_CONTEXT = "number of stories"

_SCALES = {"million": 1e6, "billion": 1e9, "trillion": 1e12}
_LONGEST = 20
_LEAST = 1e5
"""The least number without a scale that is formatted; smaller ones are years or parts of names."""


def amount(text: str, locale: Locale) -> str:
    """Format an amount such as `1.25 billion` or `11%`; return any other text unchanged."""
    digits, _, scale = text.partition(" ")
    bare = digits.removesuffix("%")
    if len(bare) > _LONGEST or not bare.replace(".", "", 1).isdecimal():
        return text
    value = float(bare)
    if bare != digits:
        share = format_percent(value / 100, locale=locale, decimal_quantization=False)
        return text if scale else str(share)
    if scale in _SCALES and locale.language != SOURCE_LANGUAGE:
        whole = value * _SCALES[scale]
        return str(format_compact_decimal(whole, locale=locale, fraction_digits=3))
    return text if scale or value < _LEAST else str(format_decimal(value, locale=locale))
