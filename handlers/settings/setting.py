"""The parts of a setting, and the buttons that offer its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from handlers.buttons.keyboards import button, chosen, rows
from handlers.taps.callback_data import JourneyValue, SetValue
from handlers.typed.parse_input import read_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from handlers.core.services.memory import Awaited
    from handlers.taps.callback_codec import Tap
    from handlers.taps.callback_data import Sheet
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

Read: TypeAlias = "Callable[[Context, Subscriber, str], Changes | None]"
"""Function from a tapped or typed value to the changed fields, or None if invalid. Pure."""
Lines: TypeAlias = "list[list[InlineKeyboardButton]]"
MOST = 5
"""The most digits of a number in a button's value."""


class Option(NamedTuple):
    """A value that a button offers."""

    label: str
    value: str
    """The value as `Setting.read` accepts it."""
    holds: bool
    """Whether this is the present value."""


class Typed(NamedTuple):
    """How a setting is changed by a typed answer."""

    question: Awaited
    read: Read
    refused: str
    """Template of the message that explains what can be typed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a chat, with all that taps, typed answers, pages and new topics need of it."""

    key: str
    """The name of the setting in callback data."""
    sheet: Sheet
    fields: tuple[str, ...]
    """The fields of a `Subscriber` that it changes."""
    read: Read
    lines: Callable[[Setting, Context, Subscriber], Lines]
    """Returns its rows of buttons, the present value marked."""
    typed: Typed | None = None
    stays: bool = False
    """Whether its page stays open after a tap; otherwise the main page is shown."""
    inherited: bool = True
    """Whether a topic created for a section copies it from its group."""
    journey: bool = False
    """Whether its buttons are a step of the newcomer's journey, which marks no value."""

    def tap(self, value: str) -> Tap:
        """Return the tap that sets this value."""
        return JourneyValue(self.key, value) if self.journey else SetValue(self.key, value)


def offered(setting: Setting, choices: Iterable[Option]) -> list[InlineKeyboardButton]:
    """Return buttons for the values of a setting, the present ones marked."""
    return [
        button(chosen(each.label, when=each.holds and not setting.journey), setting.tap(each.value))
        for each in choices
    ]


def in_rows(setting: Setting, choices: Iterable[Option], width: int) -> Lines:
    """Return buttons for the values of a setting, in rows of this width."""
    return rows(offered(setting, choices), width)


def number(field: str, numbers: Sequence[int], *, none: bool = False) -> Read:
    """Return a reader of one of these numbers for a field of `Subscriber`; `none`: 0 means None."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        given = number_in(value, numbers)
        return None if given is None else changes(field, None if none and not given else given)

    return read


def switch(field: str) -> Read:
    """Return a reader of `1` for on and `0` for off."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        return changes(field, value == "1") if value in {"0", "1"} else None

    return read


def typed_minute(field: str) -> Read:
    """Return a reader of a typed time, such as `7.35`, as minutes after midnight."""

    def read(_context: Context, _subscriber: Subscriber, words: str) -> Changes | None:
        minute = read_minute(words)
        return None if minute is None else changes(field, minute)

    return read


def changes(field: str, value: object) -> Changes:
    """Return a change of one field."""
    return cast("Changes", {field: value})


def number_in(value: str, numbers: Sequence[int]) -> int | None:
    """Return the number in a button's value, or None if it is not one of these numbers."""
    given = int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST else -1
    return given if given in numbers else None
