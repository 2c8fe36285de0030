"""An alarm: how long a problem must last, and how its state changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.samples import Sample

    Facts = Mapping[str, Any]
    """The values that an alarm's template is filled with; they can be stored as JSON."""
    ProblemCheck = Callable[[datetime], Awaitable[Facts | None]]
    """Looks for a problem at a moment. Returns its facts, or None if there is none.

    Raises `UnknownError` if that cannot be found out; the alarm's state then stays.
    """


class UnknownError(Exception):
    """A check could not find out whether there is a problem; the text says why."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem that operators are notified of.

    Attributes:
        name: The name in its template `alarm_<name>.html.j2` and in the key of its stored state.
        line: Its line in the log, filled with the facts.
        after: How long the problem must last before operators are notified.
        over_after: How long the problem must be gone before it counts as over.
        samples: Returns the facts with which the review of all texts shows its template.
    """

    name: str
    line: str
    after: timedelta = timedelta()
    over_after: timedelta = timedelta(minutes=10)
    samples: Callable[[Sample], list[Facts]] = lambda _: []


class AlarmNews(Enum):
    """The change of an alarm that operators are notified of."""

    BEGUN = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class AlarmState:
    """The state of an alarm between two checks."""

    since: datetime | None = None
    """When the problem began; None while there is none."""
    gone: datetime | None = None
    """When the problem was first found gone; None while it lasts."""
    known: bool = False
    """Whether operators were notified."""
    facts: Facts = field(default_factory=dict)
    """The facts at the time of the notification, or of the last check if there was none."""

    def next(
        self, facts: Facts | None, now: datetime, alarm: Alarm
    ) -> tuple[AlarmState, AlarmNews | None]:
        """Return the state after a check, and the change to notify operators of, or None.

        The caller discards the new state if no operator could be reached.
        """
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
        """Return the state as JSON, or an empty text if there is no problem."""
        if self.since is None:
            return ""
        moments = {"since": self.since, "gone": self.gone}
        noted = {key: at.astimezone(UTC).isoformat() for key, at in moments.items() if at}
        return json.dumps({**noted, "known": self.known, "facts": dict(self.facts)})

    @classmethod
    def from_text(cls, text: str | None) -> AlarmState:
        """Return the state from a text that `as_text` made; None or an empty text is no problem."""
        if not text:
            return cls()
        noted = json.loads(text)
        since, gone = (
            datetime.fromisoformat(noted[key]) if key in noted else None
            for key in ("since", "gone")
        )
        return cls(since, gone, known=noted["known"], facts=noted["facts"])
