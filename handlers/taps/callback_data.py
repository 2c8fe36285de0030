"""Callback data of the buttons that readers have."""

from __future__ import annotations

from enum import StrEnum

from handlers.taps.callback_codec import Tap
from storage.model import Level  # noqa: TC001 - `Tap.unpack` reads the fields' types


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


class OfArticle(Tap):
    """The field of all buttons about an article: its id."""

    article: int


class OfCategory(Tap):
    """The field of all buttons about a category: its slug."""

    category: str


class OpenCard(OfArticle, code="o"):
    """A numbered button under a list or an edition that opens a story's card."""


class MoreOfCard(OfArticle, code="oc"):
    """A button that shows the rest of a card's buttons in place."""


class CardWords(OfArticle, code={"og": (True,), "ot": (False,)}):
    """A button on a translated card that shows the source's own words, or the translation again."""

    original: bool


class Complain(OfArticle, code={"cw": ("",), "cwk": ()}):
    """A button under a story that asks what is wrong with it, or says it. Private chats only."""

    kind: str = ""
    """A `ComplaintKind`; empty to ask."""


class AddSentence(Tap, code={"cs": (True,), "csb": (False,)}):
    """A button that asks for a sentence to add to a complaint, or asks for it no more."""

    complaint: int
    on: bool


class NextStory(OfArticle, code="on"):
    """A button at the end of a story read in the chat that opens the story after it."""


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


class Read(OfArticle, code="r"):
    """A button that shows a page of a story's stored body in the chat."""

    page: int
    turn: bool
    """Whether the page replaces another in place; False if the story is opened."""


class Save(OfArticle, code="v", own=True):
    """A button that puts a story on the reading list of the person who taps, or takes it off."""

    on: bool


class More(OfArticle, code={"m": (0, False), "mt": (True,)}):
    """A button that lists similar stories: those of the article's house or section."""

    offset: int = 0
    turn: bool = False
    """Whether the page replaces another in place."""


class AllReports(OfArticle, code={"ar": (0, False), "at": (True,)}):
    """A button that lists the reports of all sources about a card's event."""

    offset: int = 0
    turn: bool = False
    """Whether the page replaces another in place."""


class OpenMatter(OfArticle, code={"mo": (0, False), "mp": (True,)}):
    """A button on a card that lists the other events of its matter."""

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


class ShowCategory(OfCategory, code="k"):
    """A button that opens a category, as `/category NAME` does."""


class Follow(OfCategory, code="f", chooses=True):
    """A button under a list or a card that follows or unfollows a category."""

    on: bool


class FollowMyself(OfCategory, code="fm", own=True):
    """A button in a group that follows a category in the private chat of the person who taps."""


class Alerts(OfCategory, code="a", chooses=True):
    """A button under a category's list that switches its alerts on or off."""

    on: bool


class Pick(OfCategory, code="p", chooses=True, continues="pick"):
    """A button in the picker that follows or unfollows a category."""

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


class OpenLinks(Tap, code="xl", chooses=True):
    """A button that shows whether a chat's editions have a secret link."""


class RenewLink(Tap, code="xn", chooses=True):
    """A button that makes a secret link to a chat's editions, in place of an earlier one."""


class DropLink(Tap, code="xd", chooses=True):
    """A button that switches the secret link off."""


class Sheet(StrEnum):
    """A page of the settings."""

    MAIN = "m"
    HOUR = "h"
    DAYS = "d"
    ZONE = "z"
    LANGUAGE = "l"
    ARTICLES = "t"
    LAYOUT = "y"
    ALERTS = "a"
    PAUSE = "p"
    EVENING = "e"
    SOUND = "s"
    TRANSLATE = "r"


class CloseSheet(Tap, code="sx", chooses=True):
    """A button that takes the buttons off a page of the settings or a picker."""


class OpenSheet(Tap, code={"s": (False,), "sn": (0, True)}, chooses=True):
    """A button that shows a page of the settings in place, or below an edition."""

    sheet: Sheet
    page: int = 0
    below: bool = False


class SetValue(Tap, code="set", chooses=True):
    """A button that gives a setting a value; `handlers.settings.declared` lists the settings."""

    setting: str
    value: str


class JourneyValue(Tap, code="jv", chooses=True):
    """Give a newcomer's setting a value, and go on to the next step of the journey."""

    setting: str
    value: str


class SetPlace(Tap, code="sc", chooses=True):
    """A button that picks a city, by its GeoNames id, among several of one name."""

    place: int


class SetAlerts(OfCategory, code="sa", chooses=True):
    """A button in the settings that switches the alerts of a followed category on or off."""

    on: bool
    page: int


class AskWord(Tap, code={"sw": (True,), "wa": (False,)}, chooses=True):
    """A button that asks for a word to mute, or to follow."""

    mute: bool


class OpenManaged(Tap, code={"sm": (0,), "gt": ()}):
    """A button that lists the channels and groups that a person manages. Private chats only."""

    page: int = 0


class SetUpChannel(Tap, code="gs"):
    """A button that sets up a channel to which the bot was added by hand. Private chats only."""

    chat: str
    """Telegram's id of the channel, with its sign."""


class OpenClosed(Tap, code="gc"):
    """A button that explains why a managed chat is closed to the bot."""

    subscriber: int


class TryAgain(Tap, code="gr"):
    """A button that resumes a closed chat if the bot may write there again."""

    subscriber: int


class DropManaged(Tap, code="gd"):
    """A button that removes a closed chat from the person's list."""

    subscriber: int


class AskChannel(Tap, code="sg"):
    """A button that offers Telegram's own button to pick a channel. Private chats only."""


class MakeTopics(Tap, code="tp", chooses=True):
    """A button that creates a forum topic for each section that the group follows."""


class FirstEdition(Tap, code={"fv": (False,), "fp": (True,)}, chooses=True):
    """A button that posts the first edition of a managed chat or a topic, or previews it."""

    post: bool


class SetStopped(Tap, code="so", chooses=True):
    """A button that stops or resumes the editions of a managed chat."""

    on: bool


class About(StrEnum):
    """The kind of subject that a scale has."""

    CATEGORY = "c"
    SOURCE = "s"


class Origin(StrEnum):
    """Where a scale was opened, and where its back button leads; a number gives the page or id."""

    YOURS = "y"
    """The page of “Yours” with this number."""
    PICKER = "p"
    """The page of “Yours” with this number, as a tab of the picker."""
    SOURCES = "o"
    """The page of all sources with this number."""
    STORY = "a"
    """The subjects of the article with this id."""
    LIST = "l"
    """The list of the category itself."""


class OpenYours(Tap, code="y", chooses=True):
    """A button that shows in place all that a reader follows, ranks and mutes."""

    page: int


class OpenSources(Tap, code="yo", chooses=True):
    """A button that shows a page of all sources in place."""

    page: int


class AboutStory(OfArticle, code="ya", chooses=True):
    """A button that shows the subjects of an article and their levels, in place or below."""

    in_place: bool


class LessOfStory(OfArticle, code="yc", chooses=True):
    """A button on a card for fewer stories of what the article is mostly about."""


class LessInstead(OfArticle, code="yi", chooses=True):
    """A button for fewer stories of another subject of the article, in place of the first."""

    subject: int
    """The place of the wanted subject among those of the article."""
    undone: int
    """The place of the subject whose level is restored."""
    level: Level
    """The level that it had before."""


class OnScale(Tap, chooses=True):
    """The fields of all buttons on a scale: the page where a reader sets a subject's level."""

    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    origin: Origin
    number: int


class OpenScale(OnScale, code="ys"):
    """A button that shows in place the levels of a subject, from off to more."""


class SetLevel(OnScale, code="yl"):
    """A button that sets the level of a subject: off, less, normal or more."""

    level: Level


class SetFollow(OnScale, code="yf"):
    """A button on a scale that follows or unfollows its category."""

    on: bool


class SetBell(OnScale, code={"yb": (False,), "yg": (True,)}):
    """A button on a scale that switches its category's alerts, or their limit, on or off."""

    on: bool
    large: bool = False
    """Whether it concerns the limit of a house's alerts to large news."""


class FollowThis(Tap, code="wf", own=True):
    """A button that follows the words that its message replies to, for the person who taps."""


class OnWord(Tap, chooses=True):
    """The fields that all buttons of a followed or muted word have."""

    mark: str
    """Hash of the word (`yours_page.mark_of_word`), because the word may be too long for a button.
    """
    origin: Origin
    page: int
    """The page of “Yours” to go back to."""


class UnmuteWord(OnWord, code="yw"):
    """A button that unmutes a word."""


class OpenWord(OnWord, code="wo"):
    """A button that shows a followed word's page in place."""


class SetWordBell(OnWord, code="wb"):
    """A button that switches a followed word's alerts on or off."""

    on: bool


class DropWord(OnWord, code="wd"):
    """A button that unfollows a word, or mutes it instead."""

    mute: bool


class UndoSubject(Tap, code="us", chooses=True):
    """A button that restores the level of a category or source, and a category's follow."""

    about: About
    subject: str
    """A category's slug, or a source's id in base 36."""
    level: Level
    followed: bool
    alerts: bool


class UndoWord(Tap, code="uw", chooses=True):
    """A button that restores a word, found in the message that its message replies to."""

    followed: bool
    alerts: bool
    muted: bool


class UndoSetting(SetValue, code="uv"):
    """A button that gives a setting the value that it had before a request."""


class UndoPause(Tap, code="up", chooses=True):
    """A button that takes back a pause, or its end."""

    minutes: int
    """End of the earlier pause in minutes since 1970; 0 if there was none."""
    stopped: bool
    """Whether the editions were stopped."""
