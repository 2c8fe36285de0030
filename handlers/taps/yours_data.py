"""Callback data of the buttons of “Yours”, scales, followed words, and of what undoes requests."""

from __future__ import annotations

from enum import StrEnum

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


class OpenYours(Tap, code="y", chooses=True):
    """A button that shows in place all that a reader follows, ranks and mutes."""

    page: int


class OpenSources(Tap, code="yo", chooses=True):
    """A button that shows a page of all sources in place."""

    page: int


class AboutStory(Tap, code="ya", chooses=True):
    """A button that shows the subjects of an article and their levels, in place or below."""

    article: int
    in_place: bool


class LessOfStory(Tap, code="yc", chooses=True):
    """A button on a card for fewer stories of what the article is mostly about."""

    article: int


class LessInstead(Tap, code="yi", chooses=True):
    """A button for fewer stories of another subject of the article, in place of the first."""

    article: int
    subject: int
    """The place of the wanted subject among those of the article."""
    undone: int
    """The place of the subject whose level is restored."""
    level: Level
    """The level that it had before."""


class OnScale(Tap, chooses=True):
    """The fields of all buttons on a scale: the page where a reader sets a subject's level."""

    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    origin: Origin
    number: int


class OpenScale(OnScale, code="ys"):
    """A button that shows in place the levels of a subject, from off to more."""


class SetLevel(OnScale, code="yl"):
    """A button that sets the level of a subject: off, less, normal or more."""

    level: Level


class SetFollow(OnScale, code="yf"):
    """A button on a scale that follows or unfollows its category."""

    on: bool


class SetBell(OnScale, code="yb"):
    """A button on a scale that switches its category's alerts on or off."""

    on: bool


class UnmuteWord(Tap, code="yw", chooses=True):
    """A button that unmutes a word, named by its hash."""

    mark: str
    origin: Origin
    page: int


class FollowThis(Tap, code="wf", own=True):
    """A button that follows the words that its message replies to, for the person who taps."""


class OnWord(Tap, chooses=True):
    """The fields that all buttons of a followed word have."""

    mark: str
    """Hash of the word (`yours_page.mark_of_word`), because the word may be too long for a button.
    """
    origin: Origin
    page: int
    """The page of “Yours” to go back to."""


class OpenWord(OnWord, code="wo"):
    """A button that shows a followed word's page in place."""


class SetWordBell(OnWord, code="wb"):
    """A button that switches a followed word's alerts on or off."""

    on: bool


class DropWord(OnWord, code="wd"):
    """A button that unfollows a word, or mutes it instead."""

    mute: bool


class UndoSubject(Tap, code="us", chooses=True):
    """A button that restores the level of a category or source, and a category's follow."""

    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    level: Level
    followed: bool
    alerts: bool


class UndoWord(Tap, code="uw", chooses=True):
    """A button that restores a word, found in the message that its message replies to."""

    followed: bool
    alerts: bool
    muted: bool


class UndoPause(Tap, code="up", chooses=True):
    """A button that takes back a pause, or its end."""

    minutes: int
    """End of the earlier pause in minutes since 1970; 0 if there was none."""
    stopped: bool
    """Whether the editions were stopped."""
