"""Callback data of the buttons about links that readers suggest."""

from __future__ import annotations

from handlers.taps.callback_codec import Tap


class SuggestLink(Tap, code="tip"):
    """A reader's button that suggests the link in the tapped message to the editors."""


class OpenTip(Tap, code="tpo"):
    """An editor's button that shows one suggested link in place."""

    tip: int
    page: int
    """The page of the list to go back to."""


class DraftTip(Tap, code="tpd"):
    """An editor's button that reads a suggested link's page and makes a draft of it."""

    tip: int


class DiscardTip(Tap, code="tpx"):
    """An editor's button that discards a suggested link."""

    tip: int
    page: int
