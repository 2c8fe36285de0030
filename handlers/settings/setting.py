"""What a setting is made of, and the buttons by which one or several of its values are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from handlers.buttons.keyboards import button, chosen, rows
from handlers.taps.settings_data import SetValue
from handlers.typed.parse_input import read_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from handlers.core.memory import Awaited
    from handlers.taps.callback_codec import Tap
    from handlers.taps.settings_data import Sheet
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

Read: TypeAlias = "Callable[[Context, Subscriber, str], Changes | None]"
"""A tapped or typed value → what changes; None where it is not one. Pure."""
Lines: TypeAlias = "list[list[InlineKeyboardButton]]"
"""Rows of buttons."""
MOST = 5
"""Digits of a number on a button."""


class Option(NamedTuple):
    """One value that a button offers."""

    label: str
    value: str
    """As `Setting.read` takes it."""
    holds: bool
    """Whether it is what holds now."""


class Typed(NamedTuple):
    """How a setting is answered by typing."""

    question: Awaited
    read: Read
    refused: str
    """The template that says how it is answered."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a chat: all that taps, typed answers, sheets and new topics need of it."""

    key: str
    """Its name in taps."""
    sheet: Sheet
    """The sheet on which it is chosen."""
    fields: tuple[str, ...]
    """The fields of a `Subscriber` that it fills."""
    read: Read
    """Of a tapped value; None where no button has that value."""
    lines: Callable[[Setting, Context, Subscriber], Lines]
    """Its buttons, with what holds now marked."""
    typed: Typed | None = None
    stays: bool = False
    """Whether its sheet stays open after a tap; else the main one is shown again."""
    inherited: bool = True
    """Whether a topic that is made for a section takes it from its group."""

    def tap(self, value: str) -> Tap:
        """The tap that gives it a value."""
        return SetValue(self.key, value)


def offered(setting: Setting, choices: Iterable[Option]) -> list[InlineKeyboardButton]:
    """Buttons for the values of a setting, with the one that holds, or those that do, marked."""
    return [
        button(chosen(each.label, when=each.holds), setting.tap(each.value)) for each in choices
    ]


def in_rows(setting: Setting, choices: Iterable[Option], width: int) -> Lines:
    """The same, in rows of one width."""
    return rows(offered(setting, choices), width)


def number(field: str, numbers: Sequence[int], *, none: bool = False) -> Read:
    """Read a number for a field; with `none`, 0 stands for no number."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        given = number_in(value, numbers)
        return None if given is None else changes(field, None if none and not given else given)

    return read


def switch(field: str) -> Read:
    """Read `1` for on and `0` for off."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        return changes(field, value == "1") if value in {"0", "1"} else None

    return read


def typed_minute(field: str) -> Read:
    """Read a typed hour, such as `7.35`, as minutes after midnight."""

    def read(_context: Context, _subscriber: Subscriber, words: str) -> Changes | None:
        minute = read_minute(words)
        return None if minute is None else changes(field, minute)

    return read


def changes(field: str, value: object) -> Changes:
    """One changed field."""
    return cast("Changes", {field: value})


def number_in(value: str, numbers: Sequence[int]) -> int | None:
    """A number that a button offers, or None."""
    given = int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST else -1
    return given if given in numbers else None
