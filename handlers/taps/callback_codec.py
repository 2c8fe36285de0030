"""Callback data, packed and read: what a button carries.

Telegram gives back whatever a client sends, so callback data is read strictly: it is what a
button of ours could have carried, or it is stale and changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import ClassVar, Self, get_type_hints

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

MOST_BYTES = 64
"""Telegram takes no more callback data than this."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST = 2**31 - 1
"""No id is larger than what the archive's columns hold."""
NUMBER = re.compile(r"0|[1-9a-z][0-9a-z]{0,5}")
WORD = re.compile(r"[A-Za-z0-9_+/-]{0,48}")
ABOUT = "!"
"""Behind the id of the subscriber that a tap in somebody's private chat is about."""


class StaleTap(Exception):  # noqa: N818 - nothing failed: the button no longer means anything
    """A button that is old or forged, or whose article or category is gone.

    Attributes:
        data: the callback data as it came.
    """

    def __init__(self, data: str) -> None:
        super().__init__(f"stale callback data: {data!r}")
        self.data = data


def base36(number: int) -> str:
    """Write a number from 0 on as briefly as letters and digits allow.

    Raises:
        ValueError: the number is negative.
    """
    if number < 0:
        raise ValueError(f"{number} is negative")
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if not number:
            return text


def from_base36(text: str) -> int:
    """Read what `base36` wrote.

    Raises:
        ValueError: it did not write that, or the number is larger than any id.
    """
    if not NUMBER.fullmatch(text) or (number := int(text, 36)) > MOST:
        raise ValueError(f"{text!r} is no number of ours")
    return number


@dataclass(frozen=True, slots=True)
class Tap:
    """Callback data: a short code, then the fields, set apart by colons."""

    code: ClassVar[str] = ""
    chooses: ClassVar[bool] = False
    """Whether the tap changes what the chat gets: in a group its administrators' affair."""
    own: ClassVar[bool] = False
    """Whether the tap is about whoever taps, in a group too."""

    def pack(self) -> str:
        """Callback data of at most 64 bytes.

        Raises:
            ValueError: a field holds what `unpack` would refuse, or they are too long together.
        """
        parts = [self.code]
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int):
                parts.append(base36(value))
            else:
                if not WORD.fullmatch(value):
                    raise ValueError(f"{value!r} cannot stand on a button")
                parts.append(str(value))
        data = ":".join(parts)
        if len(data) > MOST_BYTES:
            raise ValueError(f"{data!r} is longer than {MOST_BYTES} bytes")
        return data

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Read what `pack` wrote, and nothing else.

        Raises:
            StaleTap: no button of ours ever carried this.
        """
        code, *parts = data.split(":")
        kinds = fields_of(cls)
        if code != cls.code or len(parts) != len(kinds):
            raise StaleTap(data)
        try:
            values = [read(kind, part) for kind, part in zip(kinds, parts, strict=True)]
        except ValueError:
            raise StaleTap(data) from None
        return cls(*values)

    @classmethod
    def matches(cls, data: object) -> bool:
        """Whether callback data has this tap's code."""
        return isinstance(data, str) and bare(data).partition(":")[0] == cls.code


def about(subscriber_id: int, data: str) -> str:
    """Callback data that is about another subscriber than the chat in which its button stands.

    Raises:
        ValueError: the two are too long together.
    """
    data = f"{base36(subscriber_id)}{ABOUT}{bare(data)}"
    if len(data) > MOST_BYTES:
        raise ValueError(f"{data!r} is longer than {MOST_BYTES} bytes")
    return data


def bare(data: str) -> str:
    """Callback data without whom it is about."""
    return data.rpartition(ABOUT)[2]


def subject_of(data: str) -> tuple[int | None, str]:
    """The id of the subscriber that callback data is about, if it names one, and the rest.

    Raises:
        StaleTap: no button of ours ever carried this.
    """
    head, mark, rest = data.partition(ABOUT)
    if not mark:
        return None, data
    try:
        return from_base36(head), rest
    except ValueError:
        raise StaleTap(data) from None


def chooses(data: object) -> bool:
    """Whether callback data is that of a tap which changes, or shows, what a chat gets."""
    return isinstance(data, str) and bare(data).partition(":")[0] in _choosing()


@cache
def _choosing() -> frozenset[str]:
    kinds, codes = [Tap], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.chooses and kind.code:
            codes.add(kind.code)
    return frozenset(codes)


_FIELDS: dict[type[Tap], tuple[type, ...]] = {}
"""Of taps that came, the types of their fields: to look them up takes as long as all else."""


def fields_of(tap: type[Tap]) -> tuple[type, ...]:
    """The types of a tap's fields, in order."""
    if tap not in _FIELDS:
        hints = get_type_hints(tap)
        _FIELDS[tap] = tuple(hints[field.name] for field in fields(tap))
    return _FIELDS[tap]


def read(kind: type, part: str) -> object:
    """One field of callback data as its type.

    Raises:
        ValueError: the text is not what `Tap.pack` writes for that type.
    """
    if kind is bool:
        return {"0": False, "1": True}.get(part) if part in {"0", "1"} else refuse(part)
    if kind is int:
        return from_base36(part)
    if issubclass(kind, StrEnum):
        return kind(part)
    return part if WORD.fullmatch(part) else refuse(part)


def refuse(part: str) -> object:
    """Raise for a field that no button of ours carried."""
    raise ValueError(part)


def about_keyboard(subscriber_id: int, markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
    """The same keyboard in a private chat, about a channel or a group that is managed there.

    What only shows a story stays the reader's own.
    """
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    each.text, callback_data=about(subscriber_id, str(each.callback_data))
                )
                if chooses(each.callback_data)
                else each
                for each in line
            ]
            for line in markup.inline_keyboard
        ]
    )
