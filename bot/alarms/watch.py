"""Looks at every alarm in turn, and tells operators of what has changed.

What they know is noted in the archive, so that a restart repeats nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from bot.alarms.alarm import AlarmNews, AlarmState, UnknownError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.alarms.alarm import Alarm
    from storage.db.key_value import KeyValue

log = logging.getLogger(__name__)

NOTE = "alarm {}"
"""The key of the note of an alarm, by its name."""


class Say(Protocol):
    """Sends operators what a template makes of some values; False where none could be reached."""

    async def __call__(self, template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        """Send it."""


class AlarmWatch:
    """Looks at alarms.

    Args:
        alarms: What there is to look at.
        key_value: Keeps what operators know.
        say: Tells them.
    """

    def __init__(self, alarms: Collection[Alarm], key_value: KeyValue, say: Say) -> None:
        self._alarms = alarms
        self._key_value = key_value
        self._say = say
        self._unreached: set[tuple[str, AlarmNews]] = set()
        self._unnoted: dict[str, AlarmState] = {}  # told of while the database takes no notes

    async def look(self, now: datetime) -> None:
        """Look at all of them. One that cannot be looked at keeps none of the others from it.

        Raises:
            DatabaseUnavailableError: What operators know cannot be read or noted just now.
        """
        for alarm in self._alarms:
            try:
                facts = await alarm.look(now)
            except UnknownError as error:
                log.debug("the alarm %s cannot be looked at: %s", alarm.name, error)
                continue
            note = NOTE.format(alarm.name)
            state = self._unnoted.get(alarm.name) or AlarmState.from_text(
                await self._key_value.get(note)
            )
            new, word = state.next(facts, now, alarm)
            if word is not None and not await self._tell(alarm, word, state, new, now):
                # The next look tries again; since when it lasts is not forgotten.
                new = AlarmState(new.since, facts=new.facts) if word is AlarmNews.BEGUN else state
            noted = (state.since, state.gone, state.known)
            if alarm.name in self._unnoted or (new.since, new.gone, new.known) != noted:
                self._unnoted[alarm.name] = new
                await self._key_value.put(note, new.as_text())
                del self._unnoted[alarm.name]

    async def _tell(
        self, alarm: Alarm, word: AlarmNews, before: AlarmState, after: AlarmState, now: datetime
    ) -> bool:
        """Tell operators, and the log once; False where none of them could be reached."""
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
