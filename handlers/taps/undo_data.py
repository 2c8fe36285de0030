"""Callback data of the buttons that take back what a typed request did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from handlers.taps.callback_codec import Tap
from storage.model import Level  # noqa: TC001 - `Tap.unpack` reads the fields' types


@dataclass(frozen=True, slots=True)
class UndoCategory(Tap):
    """A button that gives a category the level and the follow that it had."""

    code: ClassVar[str] = "uc"
    chooses: ClassVar[bool] = True
    category: str
    level: Level
    followed: bool
    alerts: bool


@dataclass(frozen=True, slots=True)
class UndoWord(Tap):
    """A button that restores a word, found in the message that its message replies to."""

    code: ClassVar[str] = "uw"
    chooses: ClassVar[bool] = True
    followed: bool
    alerts: bool
    muted: bool


@dataclass(frozen=True, slots=True)
class UndoPause(Tap):
    """A button that takes back a pause, or its end."""

    code: ClassVar[str] = "up"
    chooses: ClassVar[bool] = True
    minutes: int
    """End of the earlier pause in minutes since 1970; 0 if there was none."""
    stopped: bool
    """Whether the editions were stopped."""
