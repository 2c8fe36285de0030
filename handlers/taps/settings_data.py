"""Callback data of the buttons of the settings."""

from __future__ import annotations

from enum import StrEnum

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


class CloseSheet(Tap, code="sx", chooses=True):
    """A button that takes the buttons off a page of the settings or a picker."""


class OpenSheet(Tap, code={"s": (False,), "sn": (0, True)}, chooses=True):
    """A button that shows a page of the settings in place, or below an edition."""

    sheet: Sheet
    page: int = 0
    below: bool = False


class SetValue(Tap, code="set", chooses=True):
    """A button that gives a setting a value; `handlers.settings.declared` lists the settings."""

    setting: str
    value: str


class JourneyValue(Tap, code="jv", chooses=True):
    """Give a newcomer's setting a value, and go on to the next step of the journey."""

    setting: str
    value: str


class SetPlace(Tap, code="sc", chooses=True):
    """A button that picks a city, by its GeoNames id, among several of one name."""

    place: int


class SetAlerts(Tap, code="sa", chooses=True):
    """A button in the settings that switches the alerts of a followed category on or off."""

    category: str
    on: bool
    page: int


class AskWord(Tap, code={"sw": (True,), "wa": (False,)}, chooses=True):
    """A button that asks for a word to mute, or to follow."""

    mute: bool


class OpenManaged(Tap, code={"sm": (0,), "gt": ()}):
    """A button that lists the channels and groups that a person manages. Private chats only."""

    page: int = 0


class SetUpChannel(Tap, code="gs"):
    """A button that sets up a channel to which the bot was added by hand. Private chats only."""

    chat: str
    """Telegram's id of the channel, with its sign."""


class OpenClosed(Tap, code="gc"):
    """A button that explains why a managed chat is closed to the bot."""

    subscriber: int


class TryAgain(Tap, code="gr"):
    """A button that resumes a closed chat if the bot may write there again."""

    subscriber: int


class DropManaged(Tap, code="gd"):
    """A button that removes a closed chat from the person's list."""

    subscriber: int


class AskChannel(Tap, code="sg"):
    """A button that offers Telegram's own button to pick a channel. Private chats only."""


class MakeTopics(Tap, code="tp", chooses=True):
    """A button that creates a forum topic for each section that the group follows."""


class FirstEdition(Tap, code={"fv": (False,), "fp": (True,)}, chooses=True):
    """A button that posts the first edition of a managed chat or a topic, or previews it."""

    post: bool


class SetStopped(Tap, code="so", chooses=True):
    """A button that stops or resumes the editions of a managed chat."""

    on: bool
