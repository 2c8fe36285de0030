"""Callback data of the buttons at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap


class DeskPage(StrEnum):
    """A page of the desk."""

    HOME = "h"
    WAITING = "w"
    APPROVAL = "a"
    JOURNAL = "j"


@dataclass(frozen=True, slots=True)
class OpenDesk(Tap):
    """A button that shows a page of the desk in place."""

    code: ClassVar[str] = "z"
    page: DeskPage
    number: int = 0
    """The page of a list that is longer than one message, from 0 on."""


@dataclass(frozen=True, slots=True)
class UndoAct(Tap):
    """A button that undoes an act of the journal."""

    code: ClassVar[str] = "zu"
    act: int


@dataclass(frozen=True, slots=True)
class OpenEditors(Tap):
    """A button that shows the list of editors in place."""

    code: ClassVar[str] = "ze"


@dataclass(frozen=True, slots=True)
class AskEditor(Tap):
    """A button that asks whom to add as an editor."""

    code: ClassVar[str] = "zea"


@dataclass(frozen=True, slots=True)
class OpenEditor(Tap):
    """A button that shows one editor's rights in place."""

    code: ClassVar[str] = "zeo"
    person: str
    """The person's Telegram id in decimal digits."""


@dataclass(frozen=True, slots=True)
class SetRights(Tap):
    """A button that sets an editor's rights; with neither the person is no editor any more."""

    code: ClassVar[str] = "zes"
    person: str
    write: bool
    publish: bool
