"""Callback data of buttons under stories, lists, editions and the picker."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from handlers.taps.callback_codec import Tap


class Scope(StrEnum):
    """The kind of a list of articles."""

    ALL = "a"
    FOLLOWS = "f"
    CATEGORY = "c"
    SEARCH = "s"
    SAVED = "v"


class Tab(StrEnum):
    """A tab of the picker."""

    FIRST = "first"
    """The newcomer's selection of sections; it has no tab of its own."""
    YOURS = "yours"
    SECTIONS = "section"
    MARKETS = "market"
    HOUSES = "house"
    GROUPS = "group"


class OpenCard(Tap):
    """A numbered button under a list or an edition that opens a story's card."""

    code: ClassVar[str] = "o"
    article: int


class MoreOfCard(Tap):
    """A button that shows the rest of a card's buttons in place."""

    code: ClassVar[str] = "oc"
    article: int


class NextStory(Tap):
    """A button at the end of a story read in the chat that opens the story after it."""

    code: ClassVar[str] = "on"
    article: int


class MoreStories(Tap):
    """A button that shows what the edition in its message left out."""

    code: ClassVar[str] = "eo"


class MoreOfEarlier(Tap):
    """A button under an earlier edition, sent again, that shows what it left out."""

    code: ClassVar[str] = "em"
    delivery: int


class LeftOut(Tap):
    """A button that shows in place a page of what an edition left out."""

    code: ClassVar[str] = "ep"
    delivery: int
    page: int


class WhyThese(Tap):
    """A button under an edition that explains its stories; id 0 is the message's edition."""

    code: ClassVar[str] = "ew"
    delivery: int = 0


class EarlierEdition(Tap):
    """A button that sends an edition again that the reader had before."""

    code: ClassVar[str] = "er"
    delivery: int


class CannotSee(Tap):
    """A button under a front page that changes this message to the plain edition."""

    code: ClassVar[str] = "ec"
    chooses: ClassVar[bool] = True


class AlwaysPlain(Tap):
    """A button under a front page made plain that makes all later editions plain."""

    code: ClassVar[str] = "ea"
    chooses: ClassVar[bool] = True


class SeeFrontPage(Tap):
    """Under a plain edition: change this very message to the front page.

    Without an id, the message says which edition it is.
    """

    code: ClassVar[str] = "ef"
    chooses: ClassVar[bool] = True
    delivery: int = 0


class BackToPlain(Tap):
    """Under an edition that was changed to a front page: change it back."""

    code: ClassVar[str] = "eb"
    chooses: ClassVar[bool] = True
    delivery: int


class AlwaysFrontPage(Tap):
    """Under an edition that was changed to a front page: have all of them so from now on."""

    code: ClassVar[str] = "eg"
    chooses: ClassVar[bool] = True


class Read(Tap):
    """A button that shows a page of a story's stored body in the chat."""

    code: ClassVar[str] = "r"
    article: int
    page: int
    turn: bool
    """Whether the page replaces another in place; False if the story is opened."""


class Save(Tap):
    """A button that puts a story on the reading list of the person who taps, or takes it off."""

    code: ClassVar[str] = "v"
    own: ClassVar[bool] = True
    article: int
    on: bool


class More(Tap):
    """A button that lists similar stories: those of the article's house or section."""

    code: ClassVar[str] = "m"
    article: int


class TurnMore(Tap):
    """A button that shows another page of similar stories."""

    code: ClassVar[str] = "mt"
    article: int
    offset: int


class AllReports(Tap):
    """A button that lists the reports of all sources about a card's event."""

    code: ClassVar[str] = "ar"
    article: int


class TurnReports(Tap):
    """A button that shows another page of the reports about an event."""

    code: ClassVar[str] = "at"
    article: int
    offset: int


class Turn(Tap):
    """A button that shows a page of a list of articles."""

    code: ClassVar[str] = "l"
    scope: Scope
    category: str
    size: int
    offset: int


class Shared(Tap):
    """A button that lists the stories that the reader sent to friends."""

    code: ClassVar[str] = "e"


class ShowCategory(Tap):
    """A button that opens a category, as `/category NAME` does."""

    code: ClassVar[str] = "k"
    category: str


class Follow(Tap):
    """A button under a list or a card that follows or unfollows a category."""

    code: ClassVar[str] = "f"
    chooses: ClassVar[bool] = True
    category: str
    on: bool


class FollowMyself(Tap):
    """A button in a group that follows a category in the private chat of the person who taps."""

    code: ClassVar[str] = "fm"
    own: ClassVar[bool] = True
    category: str


class Alerts(Tap):
    """A button under a category's list that switches its alerts on or off."""

    code: ClassVar[str] = "a"
    chooses: ClassVar[bool] = True
    category: str
    on: bool


class Pick(Tap):
    """A button in the picker that follows or unfollows a category."""

    code: ClassVar[str] = "p"
    chooses: ClassVar[bool] = True
    category: str
    on: bool
    journey: bool
    """Whether the picker is a step of the newcomer's journey."""


class PickPage(Tap):
    """A button that shows a page of one of the picker's tabs."""

    code: ClassVar[str] = "g"
    chooses: ClassVar[bool] = True
    tab: Tab
    page: int
    journey: bool


class PickLetter(Tap):
    """A button in the picker that shows the houses of one letter; `0` means every digit."""

    code: ClassVar[str] = "gl"
    chooses: ClassVar[bool] = True
    letter: str
    page: int
    journey: bool


class SetUp(Tap):
    """A button under a friend's story that begins the newcomer's journey."""

    code: ClassVar[str] = "j"
    chooses: ClassVar[bool] = True


class Picked(Tap):
    """A button that ends the choice of categories in the journey."""

    code: ClassVar[str] = "d"
    chooses: ClassVar[bool] = True


class ChooseForMe(Tap):
    """The picker of the journey is left to the bot."""

    code: ClassVar[str] = "dc"
    chooses: ClassVar[bool] = True


ALL_WORDS = "all-words"
"""Used in place of a category: search for every typed word, without filters."""
ALL_OF_SOURCE = "all-of-source"
"""Used in place of a category: list everything from the source with the typed name."""


class JourneyPlace(Tap):
    """A button that picks the newcomer's city, by its GeoNames id, and ends the journey."""

    code: ClassVar[str] = "jp"
    chooses: ClassVar[bool] = True
    place: int


class SearchThis(Tap):
    """A button that searches for the text that its message replies to."""

    code: ClassVar[str] = "w"


class Resume(Tap):
    """A button that resumes editions after /stop or before the end of a pause."""

    code: ClassVar[str] = "b"
    chooses: ClassVar[bool] = True


class AskLocation(Tap):
    """A button that offers Telegram's own button to share a location once."""

    code: ClassVar[str] = "n"
    chooses: ClassVar[bool] = True
