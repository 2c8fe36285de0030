"""Callback data of buttons, encoded and decoded.

Telegram passes on whatever a client sends, so callback data is decoded strictly: data that no
button could have had counts as stale and changes nothing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self, dataclass_transform, get_type_hints

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

MOST_BYTES = 64
"""The most bytes of callback data that Telegram accepts."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST = 2**31 - 1
"""The largest id: the database's columns hold no larger number."""
NUMBER = re.compile(r"0|[1-9a-z][0-9a-z]{0,5}")
WORD = re.compile(r"[A-Za-z0-9_+/-]{0,48}")
ABOUT = "!"
"""Separator between the id of the managed subscriber and the rest of the data."""


class StaleTap(Exception):  # noqa: N818 - a stale button is no error
    """Raised for a button that is old or forged, or if its article or category is gone."""

    def __init__(self, data: str) -> None:
        super().__init__(f"stale callback data: {data!r}")
        self.data = data


def base36(number: int) -> str:
    """Return a number in base 36; raise ValueError if it is negative."""
    if number < 0:
        raise ValueError(f"{number} is negative")
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if not number:
            return text


def from_base36(text: str) -> int:
    """Return the number that `base36` encoded; raise ValueError if it is none, or above any id."""
    if not NUMBER.fullmatch(text) or (number := int(text, 36)) > MOST:
        raise ValueError(f"{text!r} is no id in base 36")
    return number


@dataclass_transform(frozen_default=True)
class Tap:
    """Callback data of one kind of button: a short code, then the fields, separated by colons.

    A kind declares its fields like a frozen dataclass, and its code in its class statement. If it
    has several, each stands for some values of its last fields, which are then not in the data.
    Real dataclasses of all the kinds would add 40 ms and 1 MiB to every start.
    """

    codes: ClassVar[dict[str, tuple[object, ...]]] = {}
    """Each code, and the values of the last fields that it stands for."""
    chooses: ClassVar[bool] = False
    """Whether the tap changes what the chat gets; in a group only administrators may do so."""
    own: ClassVar[bool] = False
    """Whether the tap concerns the person who taps, also in a group."""
    continues: ClassVar[str] = ""
    """The question, an `Awaited` or a `DeskSubject`, that the tap leaves open; others end by it."""
    fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls,
        *,
        code: str | dict[str, tuple[object, ...]] | None = None,
        chooses: bool | None = None,
        own: bool | None = None,
        continues: str | None = None,
    ) -> None:
        """Take the attributes of a kind from its class statement; None leaves the inherited one."""
        if code is not None:
            cls.codes = {code: ()} if isinstance(code, str) else code
        cls.chooses = cls.chooses if chooses is None else chooses
        cls.own = cls.own if own is None else own
        cls.continues = cls.continues if continues is None else continues
        declared = vars(cls).get("__annotations__", {})
        added = (name for name, kind in declared.items() if not kind.startswith("ClassVar"))
        cls.fields = (*cls.fields, *added)

    def __init__(self, *values: object, **named: object) -> None:
        kind = type(self)
        given = dict(zip(kind.fields, values, strict=False)) | named
        needed = {each for each in kind.fields if not hasattr(kind, each)}
        if len(given) != len(values) + len(named) or not needed <= given.keys() <= {*kind.fields}:
            raise TypeError(f"{kind.__name__} has the fields {kind.fields}, not {given}")
        vars(self).update(given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.fields)
        return f"{type(self).__name__}({', '.join(shown)})"

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)

    def _shown(self) -> tuple[str, tuple[Any, ...]]:
        values = self._values()
        for code, last in self.codes.items():
            shown = len(values) - len(last)
            if values[shown:] == last:
                return code, values[:shown]
        raise ValueError(f"no button has {self}")

    def pack(self) -> str:
        """Return the data; raise ValueError if over 64 bytes, or if `unpack` would refuse it."""
        code, values = self._shown()
        parts = [code]
        for value in values:
            if isinstance(value, int):
                parts.append(base36(value))
            else:
                if not WORD.fullmatch(value):
                    raise ValueError(f"{value!r} cannot be part of callback data")
                parts.append(str(value))
        data = ":".join(parts)
        if len(data) > MOST_BYTES:
            raise ValueError(f"{data!r} is longer than {MOST_BYTES} bytes")
        return data

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Return the tap that `pack` encoded; raise StaleTap for all other data."""
        code, *parts = data.split(":")
        kinds, last = fields_of(cls), cls.codes.get(code)
        if last is None or len(parts) + len(last) != len(kinds):
            raise StaleTap(data)
        try:
            values = [read(kind, part) for kind, part in zip(kinds, parts, strict=False)]
        except ValueError:
            raise StaleTap(data) from None
        return cls(*values, *last)

    @classmethod
    def matches(cls, data: object) -> bool:
        """Return whether callback data has a code of this kind."""
        return isinstance(data, str) and code_of(data) in cls.codes


def about(subscriber_id: int, data: str) -> str:
    """Return callback data about a managed subscriber; raise ValueError if it is too long."""
    data = f"{base36(subscriber_id)}{ABOUT}{bare(data)}"
    if len(data) > MOST_BYTES:
        raise ValueError(f"{data!r} is longer than {MOST_BYTES} bytes")
    return data


def bare(data: str) -> str:
    """Return callback data without the subscriber that it is about."""
    return data.rpartition(ABOUT)[2]


def code_of(data: str) -> str:
    """Return the code of the kind of tap that callback data is of."""
    return bare(data).partition(":")[0]


def subject_of(data: str) -> tuple[int | None, str]:
    """Return the managed subscriber's id, if any, and the rest; raise StaleTap if it is forged."""
    head, mark, rest = data.partition(ABOUT)
    if not mark:
        return None, data
    try:
        return from_base36(head), rest
    except ValueError:
        raise StaleTap(data) from None


def chooses(data: object) -> bool:
    """Return whether callback data is that of a tap that changes or shows what a chat gets."""
    return isinstance(data, str) and code_of(data) in _choosing()


@cache
def _choosing() -> frozenset[str]:
    kinds = [Tap]
    codes: set[str] = set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.chooses:
            codes.update(kind.codes)
    return frozenset(codes)


_FIELDS: dict[type[Tap], tuple[type, ...]] = {}
"""Types of the fields of each kind of tap, cached because looking them up is slow."""


def fields_of(tap: type[Tap]) -> tuple[type, ...]:
    """Return the types of a tap's fields, in order."""
    if tap not in _FIELDS:
        hints = get_type_hints(tap)
        _FIELDS[tap] = tuple(hints[name] for name in tap.fields)
    return _FIELDS[tap]


def read(kind: type, part: str) -> object:
    """Return a field as a value of its type; raise ValueError if `Tap.pack` never writes it."""
    if kind is bool:
        return {"0": False, "1": True}.get(part) if part in {"0", "1"} else refuse(part)
    if kind is int:
        return from_base36(part)
    if issubclass(kind, StrEnum):
        return kind(part)
    return part if WORD.fullmatch(part) else refuse(part)


def refuse(part: str) -> object:
    """Raise ValueError for a field that no button could have had."""
    raise ValueError(part)


def about_keyboard(subscriber_id: int, markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
    """Return a manager's keyboard about the managed subscriber, but for buttons to stories."""
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
