"""Evidence in the words of an article, and its points for each category."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from news.filing.lexicon import Name, Word
    from news.filing.tokenising.tokens import Hit, Text

ENOUGH = 2.5
"""Fewest points for which an article is filed under a section or market."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an article: its name in reasons, and the weight of its words."""

    name: str
    weight: float


TITLE = Place("in the title", 1.0)
STANDFIRST = Place("in the standfirst", 0.7)
FIRST_PARAGRAPH = Place("in the first paragraph", 0.6)
BODY = Place("in the body", 0.0)
HEAD = (TITLE, STANDFIRST)
IN_BODY = (FIRST_PARAGRAPH, BODY)
TAGS = Place("in a tag", 1.0)
LINK = Place("in the link", 0.5)


class Passage:
    """A title, a paragraph or a tag, with the names found in it and signs for or against them."""

    __slots__ = ("_apart", "_names", "found", "place", "signs", "text", "words")

    def __init__(
        self,
        place: Place,
        text: Text,
        found: list[Hit[Name]],
        signs: list[Name],
        apart: Callable[[Text, list[Hit[Name]]], list[Hit[Name]]],
    ) -> None:
        self.place = place
        self.text = text
        self.found = found
        self.signs = signs
        self.words: list[Hit[Word]] = []
        """Words of sections; empty for a body."""
        self._apart = apart
        self._names: list[Hit[Name]] | None = None if found else found

    @property
    def names(self) -> list[Hit[Name]]:
        """The names that can be houses', computed on first use."""
        if self._names is None:
            self._names = self._apart(self.text, self.found)
        return self._names

    def may_repeat(self) -> bool:
        """Return whether any house may be named more than once in the passage."""
        ends: dict[str, int] = {}
        return any(ends.setdefault(hit.meaning.slug, hit.last) < hit.since for hit in self.found)


@dataclass(slots=True)
class Score:
    """Points for a category, and the best reason."""

    total: float = 0.0
    best: float = 0.0
    because: str | tuple[Hit[Word], str] = ""
    """The reason with the most points: a text, or a word with its place."""

    def add(self, points: float, because: str | tuple[Hit[Word], str]) -> None:
        """Add points, and keep their reason if they are the most so far."""
        self.total += points
        if points > self.best:
            self.best = points
            self.because = because

    @property
    def reason(self) -> str:
        """The best reason as text."""
        if isinstance(self.because, str):
            return self.because
        hit, where = self.because
        return f"“{hit.text}” {where}"


class Points(NamedTuple):
    """Points from the lists of words, as input to the decision."""

    words: Mapping[str, float]
    """Slug of a section or market → its points, without those that houses add."""
    homes: Mapping[str, float]
    """Section → points that houses add to it as their home."""
    houses: bool
    """Whether the article names any house."""
    everyday: bool = False
    """Whether there are words of everyday news: crime, accidents, weather."""
    length: float = 0
    """Words of the title; two ideographs count as one."""


@dataclass(slots=True)
class Evidence:
    """All evidence in the words of one article."""

    logits: Mapping[str, float]
    """Section → logit of the learned layer."""
    houses: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    sections: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    of_words: dict[str, float] = field(default_factory=dict)
    """Section or market → its points, without those that houses add."""

    elsewise: bool = False
    """Whether title or standfirst has a section's word with another meaning: `Sea Watch`."""
    everyday: bool = False
    """Whether the article has words of everyday news: crime, accidents, weather."""
    length: float = 0
    """Words of the title; two ideographs count as one."""

    def as_points(self) -> Points:
        """Return the evidence as input to the decision."""
        homes = {
            slug: more
            for slug, score in self.sections.items()
            if (more := score.total - self.of_words.get(slug, 0)) > 0
        }
        return Points(self.of_words, homes, bool(self.houses), self.everyday, self.length)

    def enough(self) -> set[str]:
        """Return the sections and markets with enough points."""
        return {slug for slug, score in self.sections.items() if score.total >= ENOUGH}

    def points(self, slug: str) -> float:
        """Return the points of a section or market; 0 if it has none."""
        return self.sections[slug].total if slug in self.sections else 0.0

    def is_likely(self, slug: str, least: float) -> bool:
        """Return whether the learned layer's logit for a section or market is at least this."""
        return self.logits.get(slug, least - 1) >= least
