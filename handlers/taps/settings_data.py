"""Callback data of the buttons of the settings."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap


class Sheet(StrEnum):
    """A page of the settings."""

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


class CloseSheet(Tap):
    """A button that takes the buttons off a page of the settings or a picker."""

    code: ClassVar[str] = "sx"
    chooses: ClassVar[bool] = True


class OpenSheet(Tap):
    """A button that shows a page of the settings in place."""

    code: ClassVar[str] = "s"
    chooses: ClassVar[bool] = True
    sheet: Sheet
    page: int = 0


class OpenSettings(Tap):
    """A button under an edition that sends a page of the settings as a new message."""

    code: ClassVar[str] = "sn"
    chooses: ClassVar[bool] = True
    sheet: Sheet


class SetValue(Tap):
    """A button that gives a setting a value; `handlers.settings.declared` lists the settings."""

    code: ClassVar[str] = "set"
    chooses: ClassVar[bool] = True
    setting: str
    value: str


class JourneyValue(Tap):
    """Give a newcomer's setting a value, and go on to the next step of the journey."""

    code: ClassVar[str] = "jv"
    chooses: ClassVar[bool] = True
    setting: str
    value: str


class SetPlace(Tap):
    """A button that picks a city, by its GeoNames id, among several of one name."""

    code: ClassVar[str] = "sc"
    chooses: ClassVar[bool] = True
    place: int


class SetAlerts(Tap):
    """A button in the settings that switches the alerts of a followed category on or off."""

    code: ClassVar[str] = "sa"
    chooses: ClassVar[bool] = True
    category: str
    on: bool
    page: int


class AskWord(Tap):
    """A button that asks for a word to mute."""

    code: ClassVar[str] = "sw"
    chooses: ClassVar[bool] = True


class OpenManaged(Tap):
    """A button that lists the channels and groups that a person manages. Private chats only."""

    code: ClassVar[str] = "sm"


class SetUpChannel(Tap):
    """A button that sets up a channel to which the bot was added by hand. Private chats only."""

    code: ClassVar[str] = "gs"
    chat: str
    """Telegram's id of the channel, with its sign."""


class TurnManaged(Tap):
    """A button that shows another page of the managed channels and groups."""

    code: ClassVar[str] = "gt"
    page: int


class OpenClosed(Tap):
    """A button that explains why a managed chat is closed to the bot."""

    code: ClassVar[str] = "gc"
    subscriber: int


class TryAgain(Tap):
    """A button that resumes a closed chat if the bot may write there again."""

    code: ClassVar[str] = "gr"
    subscriber: int


class DropManaged(Tap):
    """A button that removes a closed chat from the person's list."""

    code: ClassVar[str] = "gd"
    subscriber: int


class AskChannel(Tap):
    """A button that offers Telegram's own button to pick a channel. Private chats only."""

    code: ClassVar[str] = "sg"


class MakeTopics(Tap):
    """A button that creates a forum topic for each section that the group follows."""

    code: ClassVar[str] = "tp"
    chooses: ClassVar[bool] = True


class PreviewFirst(Tap):
    """A button that shows a manager the first edition of a chat before it is posted."""

    code: ClassVar[str] = "fv"
    chooses: ClassVar[bool] = True


class PostFirst(Tap):
    """A button that posts the first edition of a channel, a group or a topic at once."""

    code: ClassVar[str] = "fp"
    chooses: ClassVar[bool] = True


class SetStopped(Tap):
    """A button that stops or resumes the editions of a managed chat."""

    code: ClassVar[str] = "so"
    chooses: ClassVar[bool] = True
    on: bool
