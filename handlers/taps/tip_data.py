"""Callback data of the buttons about links that readers suggest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from handlers.taps.callback_codec import Tap


@dataclass(frozen=True, slots=True)
class SuggestLink(Tap):
    """A reader's button that suggests the link in the tapped message to the editors."""

    code: ClassVar[str] = "tip"


@dataclass(frozen=True, slots=True)
class OpenTip(Tap):
    """An editor's button that shows one suggested link in place."""

    code: ClassVar[str] = "tpo"
    tip: int
    page: int
    """The page of the list to go back to."""


@dataclass(frozen=True, slots=True)
class DraftTip(Tap):
    """An editor's button that reads a suggested link's page and makes a draft of it."""

    code: ClassVar[str] = "tpd"
    tip: int


@dataclass(frozen=True, slots=True)
class DiscardTip(Tap):
    """An editor's button that discards a suggested link."""

    code: ClassVar[str] = "tpx"
    tip: int
    page: int
