"""The message to operators about new senders of newsletters, once for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage.model import MAIL

if TYPE_CHECKING:
    from datetime import datetime

    from bot.alarms.watch import SendToOperators
    from storage.db.key_value import KeyValue
    from storage.sources.sources import Sources

NOTE = "senders that operators know"
"""The key of the stored ids of sources, as a JSON list."""


class NewSenders:
    """Tells operators of each paused sender once, also across restarts."""

    def __init__(self, sources: Sources, key_value: KeyValue, say: SendToOperators) -> None:
        self._sources = sources
        self._key_value = key_value
        self._say = say

    async def look(self, _: datetime) -> None:
        """Tell of the senders that were added since; again later if no operator was reached."""
        senders = [one for one in await self._sources.all() if one.url.startswith(MAIL)]
        known = set(json.loads(await self._key_value.get(NOTE) or "[]"))
        new = [one for one in senders if one.id not in known]
        waiting = [one for one in new if one.paused]
        if new and (not waiting or await self._say("new_senders", senders=waiting)):
            await self._key_value.put(NOTE, json.dumps(sorted(known | {one.id for one in new})))
