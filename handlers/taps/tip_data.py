"""Callback data of the buttons about links that readers suggest."""

from __future__ import annotations

from typing import ClassVar

from handlers.taps.callback_codec import Tap


class SuggestLink(Tap):
    """A reader's button that suggests the link in the tapped message to the editors."""

    code: ClassVar[str] = "tip"


class OpenTip(Tap):
    """An editor's button that shows one suggested link in place."""

    code: ClassVar[str] = "tpo"
    tip: int
    page: int
    """The page of the list to go back to."""


class DraftTip(Tap):
    """An editor's button that reads a suggested link's page and makes a draft of it."""

    code: ClassVar[str] = "tpd"
    tip: int


class DiscardTip(Tap):
    """An editor's button that discards a suggested link."""

    code: ClassVar[str] = "tpx"
    tip: int
    page: int
