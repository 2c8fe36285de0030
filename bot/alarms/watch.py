"""The check of all alarms, which notifies operators of changes.

The states are stored in the archive, so that a restart repeats nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from bot.alarms.alarm import AlarmNews, AlarmState, UnknownError
from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.alarms.alarm import Alarm, ProblemCheck
    from storage.db.key_value import KeyValue

log = logging.getLogger(__name__)

NOTE = "alarm {}"
"""The key of an alarm's stored state; `{}` is its name."""


class SendToOperators(Protocol):
    """Renders a template with values and sends it to operators; False if none could be reached."""

    async def __call__(self, template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        """Render the template with the values and send it to operators."""


class AlarmWatch:
    """Checks alarms and notifies operators of changes."""

    def __init__(
        self, alarms: Mapping[Alarm, ProblemCheck], key_value: KeyValue, say: SendToOperators
    ) -> None:
        self._alarms = alarms
        self._key_value = key_value
        self._say = say
        self._unreached: set[tuple[str, AlarmNews]] = set()
        self._unnoted: dict[str, AlarmState] = {}  # notified, but not stored: no database

    async def look(self, now: datetime) -> None:
        """Check all alarms. A check that fails does not stop the others."""
        unavailable: DatabaseUnavailableError | None = None
        for alarm in self._alarms:
            try:
                await self._look_at(alarm, now)
            except UnknownError as error:
                log.debug("cannot check the alarm %s: %s", alarm.name, error)
            except DatabaseUnavailableError as error:
                # A full disk stops writes alone, and the alarm about it may be the last one.
                unavailable = error
        if unavailable is not None:
            raise unavailable

    async def _look_at(self, alarm: Alarm, now: datetime) -> None:
        """Check one alarm, notify operators of a change, and store its state."""
        facts = await self._alarms[alarm](now)
        note = NOTE.format(alarm.name)
        state = self._unnoted.get(alarm.name) or AlarmState.from_text(
            await self._key_value.get(note)
        )
        new, word = state.next(facts, now, alarm)
        if word is not None and not await self._notify(alarm, word, state, new, now):
            # The next check notifies again; the time of the beginning is kept.
            new = AlarmState(new.since, facts=new.facts) if word is AlarmNews.BEGUN else state
        noted = (state.since, state.gone, state.known)
        if alarm.name in self._unnoted or (new.since, new.gone, new.known) != noted:
            self._unnoted[alarm.name] = new
            await self._key_value.put(note, new.as_text())
            del self._unnoted[alarm.name]

    async def _notify(
        self, alarm: Alarm, word: AlarmNews, before: AlarmState, after: AlarmState, now: datetime
    ) -> bool:
        """Log a change once and notify operators; return False if none could be reached."""
        state = after if word is AlarmNews.BEGUN else before
        until = None if word is AlarmNews.BEGUN else before.gone or now
        since = state.since or now
        if (alarm.name, word) not in self._unreached:
            line = alarm.line % state.facts
            if until is None:
                log.warning("%s", line)
            else:
                log.info("over after %d min: %s", (until - since).total_seconds() // 60, line)
        values = {**state.facts, "since": since, "until": until, "now": now}
        reached = await self._say(f"alarm_{alarm.name}", **values)
        if reached:
            self._unreached.discard((alarm.name, word))
        else:
            self._unreached.add((alarm.name, word))
        return reached
