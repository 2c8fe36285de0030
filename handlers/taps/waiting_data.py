"""Callback data of the buttons about articles that wait for approval."""

from __future__ import annotations

from typing import ClassVar

from handlers.taps.callback_codec import Tap


class OpenWaiting(Tap):
    """A button that shows one waiting article in place."""

    code: ClassVar[str] = "zw"
    article: int
    page: int
    """The page of the list to go back to."""


class PublishWaiting(Tap):
    """A button that publishes one waiting article."""

    code: ClassVar[str] = "zwp"
    article: int
    page: int


class DiscardWaiting(Tap):
    """A button that discards one waiting article."""

    code: ClassVar[str] = "zwd"
    article: int
    page: int


class PublishAll(Tap):
    """A button that publishes all waiting articles up to the newest one that was shown."""

    code: ClassVar[str] = "zwa"
    newest: int


class SetApproval(Tap):
    """A button that sets whether a source needs approval."""

    code: ClassVar[str] = "zws"
    source: int
    approval: bool
    page: int
