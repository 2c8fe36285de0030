"""What is found in the words of an article, and how strongly it speaks for each category."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field as made
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from news.filing.lexicon import Name, Word
    from news.filing.phrases import Hit, Text

ENOUGH = 2.5
"""A section or market is told from this score on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: what to call it, and how much its words tell."""

    name: str
    weight: float


TITLE = Place("in the title", 1.0)
STANDFIRST = Place("in the standfirst", 0.7)
FIRST_PARAGRAPH = Place("in the first paragraph", 0.6)
BODY = Place("in the body", 0.0)
TOLD = (TITLE, STANDFIRST)
IN_BODY = (FIRST_PARAGRAPH, BODY)
TAGS = Place("in a tag", 1.0)
LINK = Place("in the link", 0.5)


class Field:
    """A title, a paragraph or a tag, and what is found in it.

    Args:
        place: Where it stands.
        text: Its words.
        found: The names in it, those within longer ones and of persons among them.
        signs: What speaks for or against a name that is doubtful.
        apart: Takes those away that are no houses'; see `news.filing.spelling.names_apart`.
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
    said: str | tuple[Hit[Word], str] = ""
    """What says it best; of a word, the word and where it stands, since few are asked for."""

    def add(self, points: float, said: str | tuple[Hit[Word], str]) -> None:
        """Count what speaks for it."""
        self.total += points
        if points > self.best:
            self.best = points
            self.said = said

    @property
    def reason(self) -> str:
        """The same in words."""
        if isinstance(self.said, str):
            return self.said
        hit, where = self.said
        return f"“{hit.text}” {where}"


@dataclass(slots=True)
class Evidence:
    """All that the words of one article say."""

    houses: defaultdict[str, Score] = made(default_factory=lambda: defaultdict(Score))
    sections: defaultdict[str, Score] = made(default_factory=lambda: defaultdict(Score))

    def told(self) -> set[str]:
        """The sections and markets that are told."""
        return {slug for slug, score in self.sections.items() if score.total >= ENOUGH}

    def tells(self, slug: str) -> bool:
        """Whether a section or market is told."""
        return slug in self.sections and self.sections[slug].total >= ENOUGH
