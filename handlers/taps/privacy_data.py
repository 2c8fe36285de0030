"""Callback data of the buttons of /privacy."""

from __future__ import annotations

from handlers.taps.callback_codec import Tap


class OpenPrivacy(Tap, code="xp"):
    """A button that shows what is stored and why."""


class ExportAll(Tap, code="xe", chooses=True):
    """A button that sends all stored data as files."""


class AskForget(Tap, code="xa", chooses=True):
    """A button that lists what would be deleted and asks for confirmation."""


class Forget(Tap, code="xf", chooses=True):
    """A button that confirms the deletion of all data."""


class KeepAll(Tap, code="xk", chooses=True):
    """A button that cancels the deletion."""
