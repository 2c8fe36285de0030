"""Names in a text and in its translation: those of houses, places, institutions and people."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from babel import Locale

from news.filing import taxonomy
from news.filing.tokenising.phrases import Phrases
from news.filing.tokenising.tokens import Text
from news.stories.report import word_counts
from news.text.letters import without_accents
from news.translation.amounts import words_of_languages
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("en", "it", "es", "fr", "de", "zh")
_HOUSE = "house:"
_WORD = re.compile(r"[^\W\d_]+(?:[-&.][^\W\d_]+)*")
_ROMAN = re.compile("[IVX]+e?")
_PART_OF_NAME = re.compile("[^-.&]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_BEGINS = frozenset(".!?:;|-(\"'\u2013\u2014\u2018\u201c\u201d\u201e\u00ab")
"""Characters before the first word of a sentence or quotation."""
_STEM, _PART = 4, 0.6
"""A name is spelled alike in two languages if so many of its first letters are the same."""
_TITLE_CASE, _FEW = 0.6, 3
_LONG = 4
_KNOWN = 2
"""Headlines that have a word which is no name of its own."""


def other_house(source: str, translation: str) -> bool:
    """Return whether only one of the texts names a house."""
    here, there = _named(source), _named(translation)
    return any(each.startswith(_HOUSE) for each in here ^ there)


def unknown(source: str, text: str, language: str) -> str | None:
    """Return a name in a text that its source does not have in any spelling, or None."""
    here = _named(source)
    covered = [hit.place for hit in _phrases().find(Text(text)) if hit.meaning in here]
    words = {without_accents(each) for each in _WORD.findall(source)}
    words |= {part for each in words for part in _PART_OF_NAME.findall(each)}
    stems = {each[:_STEM] for each in words}
    names = _LATIN.finditer(text) if language == "zh" else _capitalised(text)
    for match in names:
        start, end = match.span()
        if any(since < end and start < last for since, last in covered):
            continue
        for part in _PART_OF_NAME.findall(match[0]):
            folded = without_accents(part)
            if part.islower() and language != "zh":
                continue
            if len(folded) < 2 or folded in words or folded in _free() or _ROMAN.fullmatch(part):
                continue
            if not (folded[:_STEM] in stems and any(_alike(folded, each) for each in words)):
                return match[0]
    if "·" in text and "·" not in source and language == "zh":
        return "·"
    return None


def _alike(name: str, other: str) -> bool:
    same = next(
        (at for at, (a, b) in enumerate(zip(name, other, strict=False)) if a != b),
        min(len(name), len(other)),
    )
    return same >= max(_STEM, _PART * min(len(name), len(other)))


def _capitalised(text: str) -> Iterator[re.Match[str]]:
    """Yield the words with a capital that they do not have for another reason."""
    words = list(_WORD.finditer(text))
    long = [each for each in words[1:] if len(each[0]) >= _LONG]
    capital = [each for each in long if each[0][0].isupper()]
    titled = len(long) >= _FEW and len(capital) > _TITLE_CASE * len(long)
    common = word_counts().words
    for number, match in enumerate(words):
        if not match[0][0].isupper():
            continue
        before = text[: match.start()].rstrip()
        if not before or before[-1] in _BEGINS:
            after = words[number + 1][0] if number + 1 < len(words) else ""
            folded = without_accents(match[0])
            if not after[:1].isupper() or titled or len(folded) < _LONG or folded in common:
                continue
        if titled and common.get(without_accents(match[0]), 0) >= _KNOWN:
            continue
        yield match


def _named(text: str) -> frozenset[str]:
    return frozenset(hit.meaning for hit in _phrases().find(Text(text)))


@cache
def _free() -> frozenset[str]:
    """Return the words with a capital that are no names: those of dates are compared elsewhere."""
    listed = {without_accents(word) for word in words_of_languages()["free"]["words"].split()}
    for locale in map(Locale, LANGUAGES):
        for table in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                listed |= {
                    without_accents(each).strip(".") for each in table["format"][width].values()
                }
    return frozenset(listed | {f"{each}s" for each in listed})


@cache
def _phrases() -> Phrases[str]:
    """Return the names that have several spellings, each with what it names."""
    return Phrases(dict.fromkeys(chain(_listed(), _places(), _categories())))


def _listed() -> Iterator[tuple[str, str]]:
    for line in words_of_languages()["names"]["same"]:
        first, *others = line.split("|")
        for name in (first, *others):
            yield name, first


def _places() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        locale = Locale(language)
        for code, name in locale.territories.items():
            if len(name) > 1:
                yield name, f"territory:{code}"
        for zone, names in locale.time_zones.items():
            yield zone.rpartition("/")[2].replace("_", " "), f"city:{zone}"
            if "city" in names:
                yield names["city"], f"city:{zone}"


def _categories() -> Iterator[tuple[str, str]]:
    for slug, entry in taxonomy.load().entries.items():
        kind = entry.category.kind
        if kind is Kind.SECTION:
            continue
        meaning = f"{'' if kind is Kind.MARKET else _HOUSE}{slug}"
        for name in entry.names:
            yield name, meaning
        for name in (*entry.shared, *entry.weak):
            yield name, f"perhaps {slug}"
