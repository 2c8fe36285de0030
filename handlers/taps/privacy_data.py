"""Callback data of the buttons of /privacy."""

from __future__ import annotations

from typing import ClassVar

from handlers.taps.callback_codec import Tap


class OpenPrivacy(Tap):
    """A button that shows what is stored and why."""

    code: ClassVar[str] = "xp"


class ExportAll(Tap):
    """A button that sends all stored data as files."""

    code: ClassVar[str] = "xe"
    chooses: ClassVar[bool] = True


class AskForget(Tap):
    """A button that lists what would be deleted and asks for confirmation."""

    code: ClassVar[str] = "xa"
    chooses: ClassVar[bool] = True


class Forget(Tap):
    """A button that confirms the deletion of all data."""

    code: ClassVar[str] = "xf"
    chooses: ClassVar[bool] = True


class KeepAll(Tap):
    """A button that cancels the deletion."""

    code: ClassVar[str] = "xk"
    chooses: ClassVar[bool] = True
