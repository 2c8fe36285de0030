"""What the buttons around followed words ask for, by a short code and typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from handlers.taps.callback_codec import Tap
from handlers.taps.yours_data import Origin  # noqa: TC001 - `Tap.unpack` reads the fields' types


@dataclass(frozen=True, slots=True)
class AskFollow(Tap):
    """Ask for a word to follow."""

    code: ClassVar[str] = "wa"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class FollowThis(Tap):
    """Follow the words of the message that the tapped one answers, for whoever taps."""

    code: ClassVar[str] = "wf"
    own: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class OnWord(Tap):
    """What all buttons of a followed word carry."""

    chooses: ClassVar[bool] = True
    mark: str
    """See `yours_page.mark_of`: the word itself may be longer than a button carries."""
    origin: Origin
    """Where "Yours" was shown: alone, or as a tab of the picker."""
    page: int
    """Its page that the way back leads to."""


@dataclass(frozen=True, slots=True)
class OpenWord(OnWord):
    """Show a followed word in place, and what can be done with it."""

    code: ClassVar[str] = "wo"


@dataclass(frozen=True, slots=True)
class SetWordBell(OnWord):
    """A word's alerts."""

    code: ClassVar[str] = "wb"
    on: bool


@dataclass(frozen=True, slots=True)
class DropWord(OnWord):
    """Follow a word no more; and keep it out, if so wished."""

    code: ClassVar[str] = "wd"
    mute: bool
