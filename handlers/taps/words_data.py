"""Callback data of the buttons of followed words."""

from __future__ import annotations

from handlers.taps.callback_codec import Tap
from handlers.taps.yours_data import Origin  # noqa: TC001 - `Tap.unpack` reads the fields' types


class AskFollow(Tap, code="wa", chooses=True):
    """A button that asks for a word to follow."""


class FollowThis(Tap, code="wf", own=True):
    """A button that follows the words that its message replies to, for the person who taps."""


class OnWord(Tap, chooses=True):
    """The fields that all buttons of a followed word have."""

    mark: str
    """Hash of the word (`yours_page.mark_of_word`), because the word may be too long for a button.
    """
    origin: Origin
    """Where “Yours” was shown: alone, or as a tab of the picker."""
    page: int
    """The page of “Yours” to go back to."""


class OpenWord(OnWord, code="wo"):
    """A button that shows a followed word's page in place."""


class SetWordBell(OnWord, code="wb"):
    """A button that switches a followed word's alerts on or off."""

    on: bool


class DropWord(OnWord, code="wd"):
    """A button that unfollows a word, or mutes it instead."""

    mute: bool
