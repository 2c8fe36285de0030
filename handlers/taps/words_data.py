"""Callback data of the buttons of followed words."""

from __future__ import annotations

from typing import ClassVar

from handlers.taps.callback_codec import Tap
from handlers.taps.yours_data import Origin  # noqa: TC001 - `Tap.unpack` reads the fields' types


class AskFollow(Tap):
    """A button that asks for a word to follow."""

    code: ClassVar[str] = "wa"
    chooses: ClassVar[bool] = True


class FollowThis(Tap):
    """A button that follows the words that its message replies to, for the person who taps."""

    code: ClassVar[str] = "wf"
    own: ClassVar[bool] = True


class OnWord(Tap):
    """The fields that all buttons of a followed word have."""

    chooses: ClassVar[bool] = True
    mark: str
    """Hash of the word (`yours_page.mark_of_word`), because the word may be too long for a button.
    """
    origin: Origin
    """Where “Yours” was shown: alone, or as a tab of the picker."""
    page: int
    """The page of “Yours” to go back to."""


class OpenWord(OnWord):
    """A button that shows a followed word's page in place."""

    code: ClassVar[str] = "wo"


class SetWordBell(OnWord):
    """A button that switches a followed word's alerts on or off."""

    code: ClassVar[str] = "wb"
    on: bool


class DropWord(OnWord):
    """A button that unfollows a word, or mutes it instead."""

    code: ClassVar[str] = "wd"
    mute: bool
