"""What the bot's buttons ask for: a short code and typed fields; `settings_data` has the rest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap


class Scope(StrEnum):
    """What a list of articles is a list of."""

    ALL = "a"
    FOLLOWS = "f"
    CATEGORY = "c"
    SEARCH = "s"
    SAVED = "v"


class Tab(StrEnum):
    """A tab of the picker."""

    YOURS = "yours"
    SECTIONS = "section"
    MARKETS = "market"
    HOUSES = "house"
    GROUPS = "group"


@dataclass(frozen=True, slots=True)
class OpenCard(Tap):
    """A number under a list or an edition."""

    code: ClassVar[str] = "o"
    article: int


@dataclass(frozen=True, slots=True)
class MoreStories(Tap):
    """Under an edition: what it left out. Its message says which edition."""

    code: ClassVar[str] = "eo"


@dataclass(frozen=True, slots=True)
class MoreOfEarlier(Tap):
    """The same under an edition that was shown once more."""

    code: ClassVar[str] = "em"
    delivery: int


@dataclass(frozen=True, slots=True)
class LeftOut(Tap):
    """A page of what an edition left out, in place."""

    code: ClassVar[str] = "ep"
    delivery: int
    page: int


@dataclass(frozen=True, slots=True)
class WhyThese(Tap):
    """Under an edition: why its stories are in it; without an id, its message says which it is."""

    code: ClassVar[str] = "ew"
    delivery: int = 0


@dataclass(frozen=True, slots=True)
class EarlierEdition(Tap):
    """An edition that the reader has had, once more."""

    code: ClassVar[str] = "er"
    delivery: int


@dataclass(frozen=True, slots=True)
class CannotSee(Tap):
    """Under a front page: change this very message to the plain edition."""

    code: ClassVar[str] = "ec"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AlwaysPlain(Tap):
    """Under a front page that was changed so: have all of them plain from now on."""

    code: ClassVar[str] = "ea"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Read(Tap):
    """Read the stored body here; a page beyond the first changes the message in place."""

    code: ClassVar[str] = "r"
    article: int
    page: int
    turn: bool
    """Whether a page is turned, rather than the article opened."""


@dataclass(frozen=True, slots=True)
class Save(Tap):
    """Put on the reading list of whoever taps, or take off."""

    code: ClassVar[str] = "v"
    own: ClassVar[bool] = True
    article: int
    on: bool


@dataclass(frozen=True, slots=True)
class More(Tap):
    """More like this: the article's house or section."""

    code: ClassVar[str] = "m"
    article: int


@dataclass(frozen=True, slots=True)
class TurnMore(Tap):
    """Another page of more like this."""

    code: ClassVar[str] = "mt"
    article: int
    offset: int


@dataclass(frozen=True, slots=True)
class AllReports(Tap):
    """What all sources say of a card's event."""

    code: ClassVar[str] = "ar"
    article: int


@dataclass(frozen=True, slots=True)
class TurnReports(Tap):
    """Another page of it."""

    code: ClassVar[str] = "at"
    article: int
    offset: int


@dataclass(frozen=True, slots=True)
class Turn(Tap):
    """A page of a list of articles."""

    code: ClassVar[str] = "l"
    scope: Scope
    category: str
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Shared(Tap):
    """What one sent to friends."""

    code: ClassVar[str] = "e"


@dataclass(frozen=True, slots=True)
class ShowCategory(Tap):
    """Open a category, as `/category NAME` does."""

    code: ClassVar[str] = "k"
    category: str


@dataclass(frozen=True, slots=True)
class Follow(Tap):
    """Follow or leave a category, under a list or a card."""

    code: ClassVar[str] = "f"
    chooses: ClassVar[bool] = True
    category: str
    on: bool


@dataclass(frozen=True, slots=True)
class FollowMyself(Tap):
    """In a group: follow a category in one's own chat with the bot."""

    code: ClassVar[str] = "fm"
    own: ClassVar[bool] = True
    category: str


@dataclass(frozen=True, slots=True)
class Alerts(Tap):
    """Switch a followed category's alerts, under its list."""

    code: ClassVar[str] = "a"
    chooses: ClassVar[bool] = True
    category: str
    on: bool


@dataclass(frozen=True, slots=True)
class Pick(Tap):
    """Follow or leave a category in the picker."""

    code: ClassVar[str] = "p"
    chooses: ClassVar[bool] = True
    category: str
    on: bool
    journey: bool
    """Whether the picker is a step of the newcomer's journey."""


@dataclass(frozen=True, slots=True)
class PickPage(Tap):
    """A page of one of the picker's tabs."""

    code: ClassVar[str] = "g"
    chooses: ClassVar[bool] = True
    tab: Tab
    page: int
    journey: bool


@dataclass(frozen=True, slots=True)
class PickLetter(Tap):
    """The houses of one letter in the picker; `0` stands for all digits."""

    code: ClassVar[str] = "gl"
    chooses: ClassVar[bool] = True
    letter: str
    page: int
    journey: bool


@dataclass(frozen=True, slots=True)
class SetUp(Tap):
    """Under a friend's story: begin the newcomer's journey."""

    code: ClassVar[str] = "j"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Picked(Tap):
    """The picker of the journey is done with, or left to us."""

    code: ClassVar[str] = "d"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class JourneyHour(Tap):
    """The newcomer's hour, in minutes after midnight."""

    code: ClassVar[str] = "jh"
    chooses: ClassVar[bool] = True
    minute: int


@dataclass(frozen=True, slots=True)
class JourneyZone(Tap):
    """The newcomer's time zone; ends the journey."""

    code: ClassVar[str] = "jz"
    chooses: ClassVar[bool] = True
    zone: str


ALL_WORDS = "all-words"
"""In the place of a category: a search by every word that was typed, narrowed by none of them."""
ALL_OF_SOURCE = "all-of-source"
"""Likewise: everything from the source whose name was typed."""


@dataclass(frozen=True, slots=True)
class JourneyPlace(Tap):
    """The newcomer's city, of several of one name, by GeoNames' id; ends the journey."""

    code: ClassVar[str] = "jp"
    chooses: ClassVar[bool] = True
    place: int


@dataclass(frozen=True, slots=True)
class SearchThis(Tap):
    """Search for the text that the message answers."""

    code: ClassVar[str] = "w"


@dataclass(frozen=True, slots=True)
class Resume(Tap):
    """Editions again, after /stop or before a pause ends."""

    code: ClassVar[str] = "b"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AskLocation(Tap):
    """Show a button that shares one's location, once."""

    code: ClassVar[str] = "n"
    chooses: ClassVar[bool] = True
