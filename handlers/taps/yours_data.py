"""Callback data of the buttons of “Yours” and of scales."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap
from storage.model import Level  # noqa: TC001 - `Tap.unpack` reads the fields' types


class About(StrEnum):
    """The kind of subject that a scale has."""

    CATEGORY = "c"
    SOURCE = "s"


class Origin(StrEnum):
    """Where a scale was opened, and where its back button leads; a number gives the page or id."""

    YOURS = "y"
    """The page of “Yours” with this number."""
    PICKER = "p"
    """The page of “Yours” with this number, as a tab of the picker."""
    SOURCES = "o"
    """The page of all sources with this number."""
    STORY = "a"
    """The subjects of the article with this id."""
    LIST = "l"
    """The list of the category itself."""


class OpenYours(Tap):
    """A button that shows in place all that a reader follows, ranks and mutes."""

    code: ClassVar[str] = "y"
    chooses: ClassVar[bool] = True
    page: int


class OpenSources(Tap):
    """A button that shows a page of all sources in place."""

    code: ClassVar[str] = "yo"
    chooses: ClassVar[bool] = True
    page: int


class AboutStory(Tap):
    """A button that shows the subjects of an article and their levels, in place or below."""

    code: ClassVar[str] = "ya"
    chooses: ClassVar[bool] = True
    article: int
    in_place: bool


class LessOfStory(Tap):
    """A button on a card for fewer stories of what the article is mostly about."""

    code: ClassVar[str] = "yc"
    chooses: ClassVar[bool] = True
    article: int


class LessInstead(Tap):
    """A button for fewer stories of another subject of the article, in place of the first."""

    code: ClassVar[str] = "yi"
    chooses: ClassVar[bool] = True
    article: int
    subject: int
    """The place of the wanted subject among those of the article."""
    undone: int
    """The place of the subject whose level is restored."""
    level: Level
    """The level that it had before."""


class OnScale(Tap):
    """The fields of all buttons on a scale: the page where a reader sets a subject's level."""

    chooses: ClassVar[bool] = True
    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    origin: Origin
    number: int


class OpenScale(OnScale):
    """A button that shows in place the levels of a subject, from off to more."""

    code: ClassVar[str] = "ys"


class SetLevel(OnScale):
    """A button that sets the level of a subject: off, less, normal or more."""

    code: ClassVar[str] = "yl"
    level: Level


class SetFollow(OnScale):
    """A button on a scale that follows or unfollows its category."""

    code: ClassVar[str] = "yf"
    on: bool


class SetBell(OnScale):
    """A button on a scale that switches its category's alerts on or off."""

    code: ClassVar[str] = "yb"
    on: bool


class UnmuteWord(Tap):
    """A button that unmutes a word, named by its hash."""

    code: ClassVar[str] = "yw"
    chooses: ClassVar[bool] = True
    mark: str
    origin: Origin
    page: int
