"""What the buttons of the settings ask for, by a short code and typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap


class Sheet(StrEnum):
    """One sheet of the settings."""

    MAIN = "m"
    HOUR = "h"
    DAYS = "d"
    ZONE = "z"
    LANGUAGE = "l"
    ARTICLES = "t"
    LAYOUT = "y"
    ALERTS = "a"
    PAUSE = "p"
    EVENING = "e"
    SOUND = "s"


@dataclass(frozen=True, slots=True)
class OpenSheet(Tap):
    """Open one sheet of the settings in place."""

    code: ClassVar[str] = "s"
    chooses: ClassVar[bool] = True
    sheet: Sheet
    page: int = 0


@dataclass(frozen=True, slots=True)
class OpenSettings(Tap):
    """One sheet of the settings as a message of its own, under an edition."""

    code: ClassVar[str] = "sn"
    chooses: ClassVar[bool] = True
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class SetValue(Tap):
    """Give a setting a value; `handlers.settings.declared` has the settings and reads the value."""

    code: ClassVar[str] = "set"
    chooses: ClassVar[bool] = True
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class SetPlace(Tap):
    """The city, of several of one name, by GeoNames' id."""

    code: ClassVar[str] = "sc"
    chooses: ClassVar[bool] = True
    place: int


@dataclass(frozen=True, slots=True)
class SetAlerts(Tap):
    """A followed category's alerts, in the settings."""

    code: ClassVar[str] = "sa"
    chooses: ClassVar[bool] = True
    category: str
    on: bool
    page: int


@dataclass(frozen=True, slots=True)
class AskWord(Tap):
    """Ask for a word to mute."""

    code: ClassVar[str] = "sw"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class OpenManaged(Tap):
    """Show in place which channels and groups one manages. In private alone."""

    code: ClassVar[str] = "sm"


@dataclass(frozen=True, slots=True)
class SetUpChannel(Tap):
    """Set up a channel that the bot was let into without the button for it. In private alone."""

    code: ClassVar[str] = "gs"
    chat: str
    """Telegram's number of it."""


@dataclass(frozen=True, slots=True)
class TurnManaged(Tap):
    """Another page of the same list."""

    code: ClassVar[str] = "gt"
    page: int


@dataclass(frozen=True, slots=True)
class OpenClosed(Tap):
    """Show in place what can be done about a chat of the list that is closed to the bot."""

    code: ClassVar[str] = "gc"
    subscriber: int


@dataclass(frozen=True, slots=True)
class TryAgain(Tap):
    """Send editions again to a chat that was closed, if it lets the bot write by now."""

    code: ClassVar[str] = "gr"
    subscriber: int


@dataclass(frozen=True, slots=True)
class DropManaged(Tap):
    """Take a chat that is closed to the bot from the list of what one manages."""

    code: ClassVar[str] = "gd"
    subscriber: int


@dataclass(frozen=True, slots=True)
class AskChannel(Tap):
    """Show Telegram's own button that picks a channel. In private alone."""

    code: ClassVar[str] = "sg"


@dataclass(frozen=True, slots=True)
class MakeTopics(Tap):
    """In a forum: make a topic for each section that is followed."""

    code: ClassVar[str] = "tp"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class SetStopped(Tap):
    """No more editions of what is managed, or editions again."""

    code: ClassVar[str] = "so"
    chooses: ClassVar[bool] = True
    on: bool
