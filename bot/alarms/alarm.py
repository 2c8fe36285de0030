"""One alarm: what is looked at, for how long it has to last, and how it goes on from a look."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Facts = Mapping[str, Any]
    """What the text of an alarm is filled with; JSON can hold it."""


class UnknownError(Exception):
    """A look could not find out whether there is trouble; the text says why."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A trouble that operators are told of.

    Attributes:
        name: Of its template, `alarm_<name>.html.j2`, and of the note that is kept of it.
        look: Gives the facts of the trouble at a moment, None where there is none; raises
            `UnknownError` where that cannot be found out, which changes nothing.
        line: What the log says as it is told, with the facts in its `%(…)s`.
        after: How long the trouble has to last before it is told.
        over_after: How long it has to be gone before it counts as over.
    """

    name: str
    look: Callable[[datetime], Awaitable[Facts | None]]
    line: str
    after: timedelta = timedelta()
    over_after: timedelta = timedelta(minutes=10)


class AlarmNews(Enum):
    """What operators are to be told."""

    BEGUN = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class AlarmState:
    """How far an alarm has come."""

    since: datetime | None = None
    """Since when there is trouble; None while there is none."""
    gone: datetime | None = None
    """Since when it is not seen any more."""
    known: bool = False
    """Whether operators were told."""
    facts: Facts = field(default_factory=dict)
    """Of the moment at which they were told, until then of the last look."""

    def next(
        self, facts: Facts | None, now: datetime, alarm: Alarm
    ) -> tuple[AlarmState, AlarmNews | None]:
        """What a look makes of it: the state, and what operators have to be told for it to hold."""
        if facts is not None:
            since = self.since or now
            if self.known:
                return replace(self, gone=None), None
            if now - since >= alarm.after:
                return AlarmState(since, None, known=True, facts=facts), AlarmNews.BEGUN
            return AlarmState(since, None, known=False, facts=facts), None
        if not self.known:
            return AlarmState(), None
        gone = self.gone or now
        if now - gone >= alarm.over_after:
            return AlarmState(), AlarmNews.OVER
        return replace(self, gone=gone), None

    def as_text(self) -> str:
        """The note of it: JSON, empty while there is nothing to remember."""
        if self.since is None:
            return ""
        moments = {"since": self.since, "gone": self.gone}
        noted = {key: at.astimezone(UTC).isoformat() for key, at in moments.items() if at}
        return json.dumps({**noted, "known": self.known, "facts": dict(self.facts)})

    @classmethod
    def from_text(cls, text: str | None) -> AlarmState:
        """What a note says."""
        if not text:
            return cls()
        noted = json.loads(text)
        since, gone = (
            datetime.fromisoformat(noted[key]) if key in noted else None
            for key in ("since", "gone")
        )
        return cls(since, gone, known=noted["known"], facts=noted["facts"])
