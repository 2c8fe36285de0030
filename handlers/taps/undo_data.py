"""Callback data of the buttons that take back what a typed request did."""

from __future__ import annotations

from handlers.taps.callback_codec import Tap
from handlers.taps.yours_data import About  # noqa: TC001 - `Tap.unpack` reads the fields' types
from storage.model import Level  # noqa: TC001 - `Tap.unpack` reads the fields' types


class UndoSubject(Tap, code="us", chooses=True):
    """A button that restores the level of a category or source, and a category's follow."""

    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    level: Level
    followed: bool
    alerts: bool


class UndoWord(Tap, code="uw", chooses=True):
    """A button that restores a word, found in the message that its message replies to."""

    followed: bool
    alerts: bool
    muted: bool


class UndoPause(Tap, code="up", chooses=True):
    """A button that takes back a pause, or its end."""

    minutes: int
    """End of the earlier pause in minutes since 1970; 0 if there was none."""
    stopped: bool
    """Whether the editions were stopped."""
