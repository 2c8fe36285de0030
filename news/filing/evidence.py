"""What is found in the words of an article, and how strongly it speaks for each category."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from news.filing.lexicon import Name, Word
    from news.filing.tokens import Hit, Text

ENOUGH = 2.5
"""An article is filed under a section or market from this many points on."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an article: what to call it, and how much its words count."""

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
    """A title, a paragraph or a tag, and what is found in it.

    Args:
        place: Which part of the article it is.
        text: Its words.
        found: The names in it, those within longer ones and of persons among them.
        signs: What speaks for or against a name that is doubtful.
        apart: Takes those away that are no houses'; see `news.filing.names.names_apart`.
    """

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
        """The words of sections; none of a body."""
        self._apart = apart
        self._names: list[Hit[Name]] | None = None if found else found

    @property
    def names(self) -> list[Hit[Name]]:
        """The names that can be houses'. Those of a body are many, and seldom asked for."""
        if self._names is None:
            self._names = self._apart(self.text, self.found)
        return self._names

    def may_repeat(self) -> bool:
        """Whether any house may be named here more than once."""
        ends: dict[str, int] = {}
        return any(ends.setdefault(hit.meaning.slug, hit.last) < hit.since for hit in self.found)


@dataclass(slots=True)
class Score:
    """How strongly something speaks for a category, and what says it best."""

    total: float = 0.0
    best: float = 0.0
    because: str | tuple[Hit[Word], str] = ""
    """What says it best; of a word, the word and its place, since few are asked for."""

    def add(self, points: float, because: str | tuple[Hit[Word], str]) -> None:
        """Count what speaks for it."""
        self.total += points
        if points > self.best:
            self.best = points
            self.because = because

    @property
    def reason(self) -> str:
        """The same in words."""
        if isinstance(self.because, str):
            return self.because
        hit, where = self.because
        return f"“{hit.text}” {where}"


class Points(NamedTuple):
    """What the lists find, for the decision."""

    words: Mapping[str, float]
    """Slug of a section or market → its points, without what houses add."""
    homes: Mapping[str, float]
    """Section → what the houses at home in it add."""
    houses: bool
    """Whether any house is named."""
    everyday: bool = False
    """Whether the words are those of everyday news: crime, accidents, weather."""


@dataclass(slots=True)
class Evidence:
    """All that the words of one article say."""

    logits: Mapping[str, float]
    """What the learned layer says of each section that it knows."""
    houses: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    sections: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    of_words: dict[str, float] = field(default_factory=dict)
    """The points of sections and markets, without what houses add."""

    everyday: bool = False
    """As in `Points`."""

    def as_points(self) -> Points:
        """Return what is found, as the decision takes it."""
        homes = {
            slug: more
            for slug, score in self.sections.items()
            if (more := score.total - self.of_words.get(slug, 0)) > 0
        }
        return Points(self.of_words, homes, bool(self.houses), self.everyday)

    def enough(self) -> set[str]:
        """The sections and markets that enough speaks for."""
        return {slug for slug, score in self.sections.items() if score.total >= ENOUGH}

    def points(self, slug: str) -> float:
        """The points of a section or market; 0 of one that nothing speaks for."""
        return self.sections[slug].total if slug in self.sections else 0.0

    def is_likely(self, slug: str, least: float) -> bool:
        """Whether the learned layer finds a section or market likely."""
        return self.logits.get(slug, least - 1) >= least
