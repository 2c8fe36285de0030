"""Callback data of the buttons at the desk, of waiting articles and of suggested links."""

from __future__ import annotations

from enum import StrEnum

from handlers.taps.callback_codec import Tap


class DeskPage(StrEnum):
    """A page of the desk."""

    HOME = "h"
    WAITING = "w"
    APPROVAL = "a"
    DRAFTS = "d"
    PUBLISHED = "p"
    TIPS = "t"
    COMPLAINTS = "c"
    DATES = "e"
    JOURNAL = "j"


class OpenDesk(Tap, code="z"):
    """A button that shows a page of the desk in place."""

    page: DeskPage
    number: int = 0
    """The page of a list that is longer than one message, from 0 on."""


class UndoAct(Tap, code="zu"):
    """A button that undoes an act of the journal."""

    act: int
    here: bool = False
    """Whether the button is under a draft or story, which it then shows, or under the journal."""


class NameMe(Tap, code="zn"):
    """A button that gives an editor the first name that Telegram has, or asks for a name."""

    asks: bool


class OpenEditors(Tap, code="ze"):
    """A button that shows the list of editors in place."""


class AskEditor(Tap, code="zea"):
    """A button that asks whom to add as an editor."""


class OpenEditor(Tap, code="zeo"):
    """A button that shows one editor's rights in place."""

    person: str
    """The person's Telegram id in decimal digits."""


class SetRights(Tap, code="zes"):
    """A button that sets an editor's rights; with neither the person is no editor any more."""

    person: str
    write: bool
    publish: bool


class DraftAct(StrEnum):
    """What a button under a draft does."""

    OPEN = "o"
    """Show the draft in place, whatever its version."""
    PUBLISH = "p"
    ASK = "a"
    """Ask somebody with the right to publish."""
    DISCARD = "x"
    JOIN = "j"
    """Join the known event, or no longer."""
    ALERT = "n"
    """Send it as an alert, or no longer."""
    EDIT = "e"
    """Show what can be edited. The next four ask for a text or a picture."""
    HEADLINE = "h"
    STANDFIRST = "t"
    PICTURE = "i"
    TIME = "s"
    NO_PICTURE = "y"
    LANGUAGES = "g"
    """Show the languages; the next shows for how long it can lead."""
    LEADS = "l"
    PREVIEW = "v"
    """Show an edition that it leads, and how many chats get it."""


class OnDraft(Tap, code="zd"):
    """A button under a draft."""

    act: DraftAct
    draft: int
    version: int
    """The version of the draft that the button was made for."""


class DraftField(StrEnum):
    """What a button sets in a draft."""

    LANGUAGE = "g"
    LEAD = "l"
    """Hours for which it leads."""
    LEAD_FOR_ALL = "a"
    TIME = "s"
    """Minutes since 1970 until it is published."""


class SetOfDraft(Tap, code="zv"):
    """A button that sets a value of a draft."""

    field: DraftField
    draft: int
    version: int
    value: str


class OpenWaiting(Tap, code="zw"):
    """A button that shows one waiting article in place."""

    article: int
    page: int
    """The page of the list to go back to."""


class PublishWaiting(Tap, code="zwp"):
    """A button that publishes one waiting article."""

    article: int
    page: int
    seen: str
    """How it looked, in hexadecimal."""


class DiscardWaiting(Tap, code="zwd"):
    """A button that discards one waiting article."""

    article: int
    page: int


class PublishAll(Tap, code="zwa"):
    """A button that publishes all waiting articles up to the newest one that was shown."""

    newest: int
    seen: str
    """How the list looked, in hexadecimal."""


class SetApproval(Tap, code="zws"):
    """A button that sets whether a source needs approval."""

    source: int
    approval: bool
    page: int


class SuggestLink(Tap, code="tip"):
    """A reader's button that suggests the link in the tapped message to the editors."""


class OpenTip(Tap, code="tpo"):
    """An editor's button that shows one suggested link in place of the list of them."""

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
