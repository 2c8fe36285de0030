"""The rights of editors, and their acts at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


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
    CHANGED_SINCE = "changed"
    """What the act changed was changed again since, so that nothing was undone."""
    NOT_POSSIBLE = "never"
    """There is no such act, or acts of its kind cannot be undone."""
