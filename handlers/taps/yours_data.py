"""What the buttons of "Yours" and of a scale ask for, by a short code and typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap
from storage.model import Level  # noqa: TC001 - `Tap.unpack` reads the fields' types


class About(StrEnum):
    """What a scale is about."""

    CATEGORY = "c"
    SOURCE = "s"


class Origin(StrEnum):
    """Where a scale was opened, and where its way back leads; a number says which one."""

    YOURS = "y"
    """The page of "Yours" of this number."""
    PICKER = "p"
    """That page as a tab of the picker."""
    SOURCES = "o"
    """The page of all sources of this number."""
    STORY = "a"
    """What the article of this number is about."""
    LIST = "l"
    """The list of the category itself."""


@dataclass(frozen=True, slots=True)
class OpenYours(Tap):
    """Show in place what is followed, wanted more or less of, and muted."""

    code: ClassVar[str] = "y"
    chooses: ClassVar[bool] = True
    page: int


@dataclass(frozen=True, slots=True)
class OpenSources(Tap):
    """Show all sources in place."""

    code: ClassVar[str] = "yo"
    chooses: ClassVar[bool] = True
    page: int


@dataclass(frozen=True, slots=True)
class AboutStory(Tap):
    """Show what an article is about, to have more or less of it: in place, or as a new message."""

    code: ClassVar[str] = "ya"
    chooses: ClassVar[bool] = True
    article: int
    in_place: bool


@dataclass(frozen=True, slots=True)
class OnScale(Tap):
    """What all buttons of one subject's scale carry."""

    chooses: ClassVar[bool] = True
    about: About
    subject: str
    """A category's slug, or a source's number."""
    origin: Origin
    number: int


@dataclass(frozen=True, slots=True)
class OpenScale(OnScale):
    """Show a subject's scale in place."""

    code: ClassVar[str] = "ys"


@dataclass(frozen=True, slots=True)
class SetLevel(OnScale):
    """Have more or less of a subject, or none of it."""

    code: ClassVar[str] = "yl"
    level: Level


@dataclass(frozen=True, slots=True)
class SetFollow(OnScale):
    """Follow a category or leave it, on its scale."""

    code: ClassVar[str] = "yf"
    on: bool


@dataclass(frozen=True, slots=True)
class SetBell(OnScale):
    """A category's alerts, on its scale."""

    code: ClassVar[str] = "yb"
    on: bool


@dataclass(frozen=True, slots=True)
class UnmuteWord(Tap):
    """Take back a muted word, by its mark, where it is shown."""

    code: ClassVar[str] = "yw"
    chooses: ClassVar[bool] = True
    mark: str
    origin: Origin
    page: int
