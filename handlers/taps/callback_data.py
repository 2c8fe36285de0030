"""Callback data of buttons under stories, lists, editions, the picker and /privacy."""

from __future__ import annotations

from enum import StrEnum

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


class OpenCard(Tap, code="o"):
    """A numbered button under a list or an edition that opens a story's card."""

    article: int


class MoreOfCard(Tap, code="oc"):
    """A button that shows the rest of a card's buttons in place."""

    article: int


class NextStory(Tap, code="on"):
    """A button at the end of a story read in the chat that opens the story after it."""

    article: int


class LeftOut(Tap, code={"eo": (0, 0, False), "em": (0, False), "ep": (True,)}):
    """A button that shows what an edition left out; id 0 is the message's edition."""

    delivery: int = 0
    page: int = 0
    turn: bool = False
    """Whether the page replaces another in place."""


class WhyThese(Tap, code="ew"):
    """A button under an edition that explains its stories; id 0 is the message's edition."""

    delivery: int = 0


class EarlierEdition(Tap, code="er"):
    """A button that sends an edition again that the reader had before."""

    delivery: int


class ChangeForm(Tap, code={"ec": (0, False), "ef": (True,), "eb": (False,)}, chooses=True):
    """A button that makes an edition a front page, or plain; id 0 is the message's edition."""

    delivery: int
    front_page: bool


class KeepForm(Tap, code={"ea": (False,), "eg": (True,)}, chooses=True):
    """A button under an edition that was made a front page, or plain: all later ones are so too."""

    front_page: bool


class Read(Tap, code="r"):
    """A button that shows a page of a story's stored body in the chat."""

    article: int
    page: int
    turn: bool
    """Whether the page replaces another in place; False if the story is opened."""


class Save(Tap, code="v", own=True):
    """A button that puts a story on the reading list of the person who taps, or takes it off."""

    article: int
    on: bool


class More(Tap, code={"m": (0, False), "mt": (True,)}):
    """A button that lists similar stories: those of the article's house or section."""

    article: int
    offset: int = 0
    turn: bool = False
    """Whether the page replaces another in place."""


class AllReports(Tap, code={"ar": (0, False), "at": (True,)}):
    """A button that lists the reports of all sources about a card's event."""

    article: int
    offset: int = 0
    turn: bool = False
    """Whether the page replaces another in place."""


class Turn(Tap, code="l"):
    """A button that shows a page of a list of articles."""

    scope: Scope
    category: str
    size: int
    offset: int


class Shared(Tap, code="e"):
    """A button that lists the stories that the reader sent to friends."""


class ShowCategory(Tap, code="k"):
    """A button that opens a category, as `/category NAME` does."""

    category: str


class Follow(Tap, code="f", chooses=True):
    """A button under a list or a card that follows or unfollows a category."""

    category: str
    on: bool


class FollowMyself(Tap, code="fm", own=True):
    """A button in a group that follows a category in the private chat of the person who taps."""

    category: str


class Alerts(Tap, code="a", chooses=True):
    """A button under a category's list that switches its alerts on or off."""

    category: str
    on: bool


class Pick(Tap, code="p", chooses=True, continues="pick"):
    """A button in the picker that follows or unfollows a category."""

    category: str
    on: bool
    journey: bool
    """Whether the picker is a step of the newcomer's journey."""


class PickPage(Tap, code="g", chooses=True, continues="pick"):
    """A button that shows a page of one of the picker's tabs."""

    tab: Tab
    page: int
    journey: bool


class PickLetter(Tap, code="gl", chooses=True, continues="pick"):
    """A button in the picker that shows the houses of one letter; `0` means every digit."""

    letter: str
    page: int
    journey: bool


class SetUp(Tap, code="j", chooses=True):
    """A button under a friend's story that begins the newcomer's journey."""


class Picked(Tap, code="d", chooses=True):
    """A button that ends the choice of categories in the journey."""


class ChooseForMe(Tap, code="dc", chooses=True):
    """The picker of the journey is left to the bot."""


ALL_WORDS = "all-words"
"""Used in place of a category: search for every typed word, without filters."""
ALL_OF_SOURCE = "all-of-source"
"""Used in place of a category: list everything from the source with the typed name."""


class JourneyPlace(Tap, code="jp", chooses=True):
    """A button that picks the newcomer's city, by its GeoNames id, and ends the journey."""

    place: int


class SearchThis(Tap, code="w"):
    """A button that searches for the text that its message replies to."""


class Resume(Tap, code="b", chooses=True):
    """A button that resumes editions after /stop or before the end of a pause."""


class AskLocation(Tap, code="n", chooses=True, continues="city"):
    """A button that offers Telegram's own button to share a location once."""


class OpenPrivacy(Tap, code="xp"):
    """A button that shows what is stored and why."""


class ExportAll(Tap, code="xe", chooses=True):
    """A button that sends all stored data as files."""


class AskForget(Tap, code="xa", chooses=True):
    """A button that lists what would be deleted and asks for confirmation."""


class Forget(Tap, code="xf", chooses=True):
    """A button that confirms the deletion of all data."""


class KeepAll(Tap, code="xk", chooses=True):
    """A button that cancels the deletion."""
