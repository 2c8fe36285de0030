"""Corrections of delivered stories, and how a corrected story is marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Grade(StrEnum):
    """How much a correction matters to a reader."""

    TYPO = "typo"
    """Copies are edited without a word."""
    FACT = "fact"
    """The story's line says when it was corrected, and its card what was wrong."""
    WITHDRAWN = "withdrawn"
    """The story's line is struck out, with a sentence of why."""


TAKEN_BACK = "taken back"
"""The reason of a withdrawal by undoing the publication; templates say it in each language."""


class StoryMark(NamedTuple):
    """What the line of a corrected story says."""

    grade: Grade
    at: datetime
    """When it was corrected, in the reader's local time, labelled as UTC."""
    other_day: bool
    """Whether that was on another local day than the edition's."""
    reason: str = ""
    """Why it was withdrawn; empty for other grades."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of an article."""

    id: int
    article_id: int
    made: datetime
    grade: Grade
    link: str
    title_was: str
    standfirst_was: str
    title: str
    standfirst: str
    reason: str | None
    version: int
    """The article's version with these texts; see `Article.version`."""
    wrong_since: datetime
    """When the article was first seen."""
    undone: bool
    changed: int
    """Number of delivered copies that were edited."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """A short error kind → number of copies that could not be edited because of it."""
    waiting: int = 0
    """Number of copies that are still to be edited, as far as they were found."""
    done: datetime | None = None
    """When the last copy was edited or given up; None while work is left."""

    @property
    def lost(self) -> int:
        """The number of copies that could not be edited."""
        return sum(self.failed.values())
