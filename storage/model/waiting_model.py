"""Articles that wait for an editor's approval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model.article_model import NewArticle


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
