"""Articles of a large archive: seeded random words of several languages, by frequency."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

LANGUAGES = {
    "en": 0.58,
    "it": 0.12,
    "fr": 0.08,
    "de": 0.06,
    "es": 0.05,
    "zh": 0.06,
    "ru": 0.03,
    "pt": 0.02,
}
"""Language → its share of the archive."""
RARE, RARE_ONE_IN = "lv", 40_000
"""A language of few articles, and the number of articles for each of these."""
UNKNOWN_ONE_IN = 10_000
"""The number of articles for each one in an unknown language."""
WORDS = 50_000
"""Number of words in a language."""
PARAGRAPHS = 2_000
"""Number of paragraphs in a language, from which bodies are assembled."""
CATEGORIES = 240
SPAN = timedelta(days=3 * 365)
KNOWN = {
    "en": "the of and fashion luxury watch collection brand house gold",
    "it": "di la moda lusso orologio collezione marchio casa oro nuova",
    "fr": "de la mode luxe montre collection marque maison joaillerie or",
}
"""The most frequent words of some languages; all other words are made up."""
_SOUNDS = {"ru": ("бвгдклмнпрст", "аеиоуы")}
_LATIN = ("bcdfglmnprstvz", "aeiou")


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A piece of text, and its tokens separated by spaces."""

    written: str
    tokens: str


@dataclass(frozen=True, slots=True)
class DrawnArticle:
    """An article."""

    title: DrawnText
    standfirst: DrawnText
    body: DrawnText
    language: str | None
    published: datetime
    categories: tuple[str, ...]


class RandomLanguage:
    """A language that generates texts."""

    def __init__(self, language: str, chance: random.Random) -> None:
        self._chance = chance
        self.blank = "" if language == "zh" else " "
        self.words = _characters(chance) if language == "zh" else _words(language, chance)
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.paragraphs = [self.text(45) for _ in range(PARAGRAPHS)]

    def text(self, number: int) -> DrawnText:
        """Return a text of `number` words."""
        drawn = self._chance.choices(self.words, cum_weights=self._weights, k=number)
        written = self.blank.join(drawn)
        return DrawnText(written, search_words.joined_tokens(written))

    def body(self) -> DrawnText:
        """Return a body of three to seven paragraphs."""
        parts = self._chance.choices(self.paragraphs, k=self._chance.randint(3, 7))
        return DrawnText(
            "\n\n".join(part.written for part in parts), " ".join(part.tokens for part in parts)
        )


def _words(language: str, chance: random.Random) -> Sequence[str]:
    consonants, vowels = _SOUNDS.get(language, _LATIN)
    found = dict.fromkeys(KNOWN.get(language, "").split())
    while len(found) < WORDS:
        syllables = chance.choices((1, 2, 3, 4), weights=(1, 8, 8, 3))[0]
        found["".join(chance.choice(consonants) + chance.choice(vowels) for _ in range(syllables))
              + chance.choice(("", "", consonants[0], consonants[-1]))] = None  # fmt: skip
    return tuple(found)


def _characters(chance: random.Random) -> Sequence[str]:
    """Return Chinese words of one to three out of 3,500 characters."""
    signs = [chr(0x4E00 + number * 5) for number in range(3_500)]
    weights = list(accumulate(1 / (rank + 20) for rank in range(len(signs))))
    lengths = chance.choices((1, 2, 3), weights=(2, 7, 1), k=WORDS)
    return tuple("".join(chance.choices(signs, cum_weights=weights, k=some)) for some in lengths)


class Library:
    """The articles of an archive; the same in every run."""

    def __init__(self) -> None:
        self.chance = random.Random(11)  # noqa: S311  # the same archive in every run
        self.languages = {language: RandomLanguage(language, self.chance) for language in LANGUAGES}
        self.categories = tuple(f"house-{number}" for number in range(CATEGORIES))

    def articles(self, number: int, now: datetime) -> Iterator[DrawnArticle]:
        """Yield `number` articles, from the oldest to the newest."""
        languages = list(LANGUAGES)
        shares = list(accumulate(LANGUAGES.values()))
        often = list(accumulate(1 / (rank + 2) for rank in range(CATEGORIES)))
        for place in range(number):
            language = self.chance.choices(languages, cum_weights=shares)[0]
            drawn = self.languages[language]
            declared: str | None = language
            if place % RARE_ONE_IN == RARE_ONE_IN // 2:
                declared = RARE
            elif place % UNKNOWN_ONE_IN == 7:
                declared = None
            filed = self.chance.choices(
                self.categories, cum_weights=often, k=self.chance.randint(1, 3)
            )
            yield DrawnArticle(
                title=drawn.text(8),
                standfirst=drawn.text(18),
                body=drawn.body(),
                language=declared,
                published=now - SPAN * ((number - place) / number),
                categories=tuple(dict.fromkeys(filed)),
            )
