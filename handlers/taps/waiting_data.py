"""Callback data of the buttons about articles that wait for approval."""

from __future__ import annotations

from handlers.taps.callback_codec import Tap


class OpenWaiting(Tap, code="zw"):
    """A button that shows one waiting article in place."""

    article: int
    page: int
    """The page of the list to go back to."""


class PublishWaiting(Tap, code="zwp"):
    """A button that publishes one waiting article."""

    article: int
    page: int


class DiscardWaiting(Tap, code="zwd"):
    """A button that discards one waiting article."""

    article: int
    page: int


class PublishAll(Tap, code="zwa"):
    """A button that publishes all waiting articles up to the newest one that was shown."""

    newest: int


class SetApproval(Tap, code="zws"):
    """A button that sets whether a source needs approval."""

    source: int
    approval: bool
    page: int
