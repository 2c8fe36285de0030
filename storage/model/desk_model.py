"""The rights of editors, their acts, and what waits at the desk: articles and suggested links."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from storage.model.article_model import Filing, NewArticle


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do at the desk."""

    write: bool = False
    """Whether the person may make drafts."""
    publish: bool = False
    """Whether the person may publish, correct, hide and withdraw articles."""

    def __bool__(self) -> bool:
        return self.write or self.publish


NO_RIGHTS = Rights()
ALL_RIGHTS = Rights(write=True, publish=True)


@dataclass(frozen=True, slots=True)
class Editor:
    """A person whom an operator added by `/editors`."""

    person_id: int
    rights: Rights
    added_by: int | None
    """The operator's id; None if that operator asked to be forgotten."""
    added: datetime


class ActKind(StrEnum):
    """The kinds of acts in the journal of the desk."""

    EDITOR = "editor"
    """A person's rights were changed."""
    APPROVE = "approve"
    """An article that waited for approval was published."""
    TURN_DOWN = "turn down"
    """An article that waited for approval was discarded."""
    APPROVAL = "approval"
    """A source was set to need approval, or to need none."""
    DRAFT = "draft"
    """A draft was made."""
    EDIT = "edit"
    """A draft's text, picture, categories or settings were changed.

    Without a draft, a date ahead was added, changed or deleted. Older programs take that for a
    draft that is gone, and undo nothing.
    """
    ASK = "ask"
    """An editor without the right to publish asked for a draft to be published."""
    SCHEDULE = "schedule"
    """A time was set at which a draft is published."""
    PUBLISH = "publish"
    """A draft became an article."""
    DISCARD = "discard"
    """A draft was discarded."""
    CORRECT = "correct"
    """An article got another headline or standfirst."""
    REFILE = "refile"
    """An article was filed under other categories."""
    JOIN = "join"
    """An article became part of another one's event."""
    PART = "part"
    """An article became an event of its own."""
    HIDE = "hide"
    """An article was taken from editions, lists and searches, or is shown there again."""
    WITHDRAW = "withdraw"
    """An article was withdrawn."""
    LEAD = "lead"
    """An article was made a lead story, or is one no more."""
    DROP_TIP = "drop tip"
    """What readers sent in was discarded: a link, or what they say is wrong about a story."""
    UNDO = "undo"
    """An earlier act was undone."""


@dataclass(frozen=True, slots=True)
class DeskAct:
    """One act in the journal of the desk."""

    number: int
    person_id: int | None
    """Who did it; None if that person asked to be forgotten."""
    about_id: int | None
    """The person whose rights were changed; None for other acts, or if forgotten since."""
    kind: ActKind
    at: datetime
    article_id: int | None
    draft_id: int | None
    before: Mapping[str, Any]
    """What the act changed, as it was before; empty if there was nothing."""
    after: Mapping[str, Any]
    """The same, as the act left it."""
    undone: datetime | None
    """When the act was undone; None if it was not."""


class UndoOutcome(StrEnum):
    """How an attempt to undo an act ended."""

    UNDONE = "undone"
    ALREADY = "already"
    """It was undone before."""
    TOO_LATE = "late"
    """More than an hour has passed since the act."""
    DELETED = "deleted"
    """Its article is not in the archive any more, so that nothing was undone."""
    CHANGED_SINCE = "changed"
    """What the act changed was changed again since, so that nothing was undone."""
    NOT_POSSIBLE = "never"
    """There is no such act, or acts of its kind cannot be undone."""


class DraftState(StrEnum):
    """The states of a draft."""

    OPEN = "open"
    WAITING = "waiting"
    """An editor without the right to publish asked for it to be published."""
    SCHEDULED = "scheduled"
    """It is published at its `publish_at`."""
    PUBLISHING = "publishing"
    """It is being published; a tick finishes this after a crash."""
    PUBLISHED = "published"
    DISCARDED = "discarded"


EDITABLE = (DraftState.OPEN, DraftState.WAITING, DraftState.SCHEDULED)
"""The states in which a draft can be changed."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What a link or a post says, as an editor is shown it before publishing."""

    link: str
    """The canonical link; empty for an article of the bot's own."""
    source: str
    """The name of its source; empty for an article of the bot's own."""
    title: str
    standfirst: str
    body: str | None
    body_kinds: str
    image: str | None
    author: str | None
    language: str | None
    paywall: bool | None
    published: datetime | None
    """By its page; None if the page does not say."""
    filings: tuple[Filing, ...]
    event_id: int | None = None
    """The id of the known event that it seems to report; None if there is none."""
    event_evidence: str = ""
    """What it shares with that event, as shown to readers."""
    event_source: str = ""
    """The name of a source that reported the event."""
    event_at: datetime | None = None
    """When that source did."""


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """A draft of an article."""

    id: int
    person_id: int | None
    """Who made it; None if that person asked to be forgotten. `changed_by` likewise."""
    changed_by: int | None
    state: DraftState
    version: int
    created: datetime
    changed: datetime
    text: DraftText
    joins: bool
    """Whether it joins the event that it seems to report."""
    alert: bool
    lead_hours: int
    """Hours for which it is the lead story after publication; 0 for none."""
    lead_for_all: bool
    """Whether it leads every reader's editions, not only those of its categories."""
    publish_at: datetime | None
    article_id: int | None
    """The article that it became; None before."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A lead story."""

    article_id: int
    until: datetime
    categories: frozenset[str]
    """Its readers follow one of these; empty for every reader."""
    created: datetime


@dataclass(frozen=True, slots=True)
class ComingDate:
    """A date ahead, as editors filled it in."""

    first: date
    last: date
    place: str
    what: str
    """As typed; "" for the headline of its story, which `title` has."""
    categories: tuple[str, ...]
    link: str
    source: str
    """The source's name."""
    article_id: int | None = None
    """Its story; None if it was added without one."""
    id: int = 0
    title: str = ""
    """What readers see of it."""
    created: datetime | None = None


class WaitingState(StrEnum):
    """The states of an article that needed approval."""

    WAITING = "waiting"
    PUBLISHING = "publishing"
    """An editor decided to publish it; a tick finishes this after a crash."""
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class WaitingArticle:
    """An article of a source that needs approval."""

    id: int
    source_id: int
    source: str
    """The source's name."""
    article: NewArticle
    found: datetime
    """When the source brought it."""
    state: WaitingState
    decided: datetime | None
    """When an editor decided; None before."""
    decided_by: int | None
    """The editor's Telegram id; None before, or if that editor asked to be forgotten."""
    article_id: int | None
    """The article that it became; None if it was not published."""


class TipState(StrEnum):
    """The states of a tip."""

    SENT = "sent"
    OPENED = "opened"
    """An editor made a draft of it."""
    DISCARDED = "discarded"
    PUBLISHED = "published"
    """The story is in the archive, and the reader was told."""


class TipOutcome(StrEnum):
    """How a suggestion or a complaint ended."""

    SENT = "sent"
    AGAIN = "again"
    """The reader had suggested this link before, or editors have not yet decided about another
    complaint of the reader about this story."""
    TOO_MANY = "too many"
    """The reader has sent five within a day."""


class ComplaintKind(StrEnum):
    """What a reader says is wrong about a story."""

    FACT = "f"
    SECTION = "s"
    OLD = "o"
    GONE = "g"
    """Its page is no longer there."""


class ComplaintOutcome(StrEnum):
    """What became of a complaint; the first of these that is true."""

    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    CORRECTED = "corrected"
    REFILED = "refiled"
    LEFT = "left"
    """An editor looked at it and left the story as it is."""


@dataclass(frozen=True, slots=True)
class ComplainedStory:
    """What readers say is wrong about a story, as editors see it: without who they are."""

    article_id: int
    newest: int
    """The id of the newest complaint."""
    kinds: Mapping[ComplaintKind, int]
    """Kind → how many readers say so."""
    sentences: tuple[str, ...] = ()
    """What the last of them wrote, the newest first."""


@dataclass(frozen=True, slots=True)
class HeardComplaint:
    """A complaint about which editors decided, for the message to its reader."""

    id: int
    chat_id: int
    article_id: int
    outcome: ComplaintOutcome


@dataclass(frozen=True, slots=True)
class TippedLink:
    """A link that readers suggested, as editors see it: without who they are."""

    number: int
    """The id of the first tip with this link."""
    link: str
    readers: int
    """How many readers suggested it."""
    first: datetime
    """When the first of them did."""


@dataclass(frozen=True, slots=True)
class HeardTip:
    """A tip whose story is in the archive, for the message to its reader."""

    id: int
    subscriber_id: int
    chat_id: int
    article_id: int
    state: TipState
    """The state before the message."""
