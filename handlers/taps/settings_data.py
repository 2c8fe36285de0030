"""What the buttons of the settings ask for, by a short code and typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap
from storage.model import Layout  # noqa: TC001 - `Tap.unpack` reads the fields' types


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
class SetMinute(Tap):
    """The hour of the edition, in minutes after midnight."""

    code: ClassVar[str] = "sh"
    chooses: ClassVar[bool] = True
    minute: int


@dataclass(frozen=True, slots=True)
class SetEvening(Tap):
    """The hour of a second edition, in minutes after midnight; 0 for none."""

    code: ClassVar[str] = "sv"
    chooses: ClassVar[bool] = True
    minute: int


@dataclass(frozen=True, slots=True)
class SetDays(Tap):
    """The days of the edition, as bits."""

    code: ClassVar[str] = "sd"
    chooses: ClassVar[bool] = True
    days: int


@dataclass(frozen=True, slots=True)
class SetPlace(Tap):
    """The city, of several of one name, by GeoNames' id."""

    code: ClassVar[str] = "sc"
    chooses: ClassVar[bool] = True
    place: int


@dataclass(frozen=True, slots=True)
class SetZone(Tap):
    """The time zone, by its IANA name."""

    code: ClassVar[str] = "sz"
    chooses: ClassVar[bool] = True
    zone: str


@dataclass(frozen=True, slots=True)
class SetLanguage(Tap):
    """The language of the bot."""

    code: ClassVar[str] = "sl"
    chooses: ClassVar[bool] = True
    language: str


@dataclass(frozen=True, slots=True)
class SetArticles(Tap):
    """Take articles of one language, or leave them; no language means all."""

    code: ClassVar[str] = "st"
    chooses: ClassVar[bool] = True
    language: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetLayout(Tap):
    """How the editions of a reader look."""

    code: ClassVar[str] = "sy"
    chooses: ClassVar[bool] = True
    layout: Layout


@dataclass(frozen=True, slots=True)
class SetEmptyNote(Tap):
    """Whether a day with nothing new is worth a line."""

    code: ClassVar[str] = "se"
    chooses: ClassVar[bool] = True
    on: bool


@dataclass(frozen=True, slots=True)
class SetSilent(Tap):
    """Whether editions, or alerts, arrive without a sound."""

    code: ClassVar[str] = "sx"
    chooses: ClassVar[bool] = True
    alerts: bool
    on: bool


@dataclass(frozen=True, slots=True)
class SetAlerts(Tap):
    """A followed category's alerts, in the settings."""

    code: ClassVar[str] = "sa"
    chooses: ClassVar[bool] = True
    category: str
    on: bool
    page: int


@dataclass(frozen=True, slots=True)
class SetQuiet(Tap):
    """Quiet hours for alerts, in minutes after midnight; equal ends mean none."""

    code: ClassVar[str] = "sq"
    chooses: ClassVar[bool] = True
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SetAlertsADay(Tap):
    """How many alerts a day at most; 0 for none."""

    code: ClassVar[str] = "sb"
    chooses: ClassVar[bool] = True
    most: int


@dataclass(frozen=True, slots=True)
class Pause(Tap):
    """No editions for so many days; 0 ends the pause."""

    code: ClassVar[str] = "sp"
    chooses: ClassVar[bool] = True
    days: int


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
