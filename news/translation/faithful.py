"""Whether a translation has the source's names, numbers, dates and quotations. Runs in a worker.

It sees no more than these: a translation that says something else in the same names and numbers
passes. Negations are not compared: that alone refused more than 3 of 100 sound translations.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from news.text.letters import CJK, without_accents
from news.translation import amounts, translated_names

_DATES = ("en", "it", "es", "fr", "de")
_CAPITALS = frozenset({"en", "de"})
_AMBIGUOUS = frozenset(
    {"may", "march", "mar", "mai", "sun", "sat", "dom", "gen", "set", "dic", "ago", "lun", "sept"}
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_CHINESE_MONTH = re.compile("(?<![\\d.])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?!前|后)")
_CHINESE_DAY = re.compile("(?:周|星期|礼拜)([一二三四五六日天])")
_NUMERALS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"十一": 11, "十二": 12}
_DAYS = "一二三四五六日"
_MARKS = re.compile('["\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f]')
_SINGLE = re.compile(
    r"(?<!\w)['\u2018\u2039](?=\w)[^'\u2018\u2019\u2039\u203a]{1,300}['\u2019\u203a](?!\w)"
)
_CHINESE_QUOTATION = re.compile("[\u201c\u300c][^\u201c\u201d\u300c\u300d]{9,300}[\u201d\u300d]")
_BOOKS = "\u300a"


def refused(source: str, translation: str, of: str | None, language: str) -> str | None:
    """Return what differs between a text and its translation, or None.

    Args:
        source: The title or standfirst.
        translation: Its translation.
        of: The source's language; None if unknown.
        language: The translation's language.
    """
    if amounts.differing(source, translation, of, language):
        return "a number"
    if dates_differ(source, translation, of, language):
        return "a month or weekday"
    if quotations_differ(source, translation):
        return "a quotation"
    if translated_names.other_house(source, translation):
        return "a house"
    if translated_names.unknown(source, translation, language):
        return "a name"
    return None


def dates_differ(source: str, translation: str, of: str | None, language: str) -> bool:
    """Return whether one of the texts has a month or weekday that the other lacks."""
    needed, known = dates(source, of)
    needed_there, known_there = dates(translation, language)
    return bool(needed - known_there or needed_there - known)


def dates(text: str, language: str | None) -> tuple[set[str], set[str]]:
    """Return the months and weekdays in a text: those certainly meant, and all."""
    known: set[str] = set()
    certain: set[str] = set()
    if language in {"zh", None}:
        for number in _CHINESE_MONTH.findall(text):
            certain.add(f"month {_NUMERALS.get(number) or int(number)}")
        certain |= {
            f"day {_DAYS.index(day.replace('天', '日'))}" for day in _CHINESE_DAY.findall(text)
        }
        known |= certain
    for each in _DATES if language is None else (language,):
        table = _dates(each)
        for word in _WORD.findall(text):
            meaning = table.get(without_accents(word))
            if meaning is None or (each in _CAPITALS and not word[0].isupper()):
                continue
            known |= meaning
            if len(meaning) == 1 and without_accents(word) not in _AMBIGUOUS and len(word) > 3:
                certain |= meaning
    return certain, known


@cache
def _dates(language: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    if language not in _DATES:
        return found
    locale = Locale(language)
    for kind, names_of in (("month", locale.months), ("day", locale.days)):
        for width in ("wide", "abbreviated"):
            for number, name in names_of["format"][width].items():
                folded = without_accents(name).rstrip(".")
                found.setdefault(folded, set()).add(f"{kind} {number}")
                if kind == "day" and width == "wide":
                    found.setdefault(f"{folded}s", set()).add(f"{kind} {number}")
    if language == "it":
        found["domeniche"] = {"day 6"}
    return found


def quotations_differ(source: str, translation: str) -> bool:
    """Return whether the translation has more quotations than the source, or none of its."""
    fewest, most = _quotations(source)
    fewest_there, most_there = _quotations(translation)
    return fewest_there > most + source.count(_BOOKS) or (fewest > 0 and most_there == 0)


def _quotations(text: str) -> tuple[int, int]:
    """Return how many quotations there are at least and at most: Chinese quotes names too."""
    singles = len(_SINGLE.findall(text))
    most = (len(_MARKS.findall(text)) + 1) // 2 + singles
    if not CJK.search(text):
        return most, most
    return len(_CHINESE_QUOTATION.findall(text)), most + text.count(_BOOKS)
