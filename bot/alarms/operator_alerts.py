"""Messages to operators in chat, and those about sources that fail or recover.

The known condition of each source is stored in the archive, so that a restart repeats nothing.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from news.health import turned
from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from telegram.ext import ExtBot

    from bot.watching.source_health import Look, SourceMonitor
    from handlers.core.services.readers import Defaults
    from news.health import HealthChanges
    from storage.db.key_value import KeyValue
    from storage.readers.subscribers import Subscribers
    from storage.replicas.named_people import NamedPeople
    from templates import Renderer

log = logging.getLogger(__name__)

NOTE = "sources in trouble"
"""The key of the stored conditions: JSON of a source's id → its condition."""


class OperatorAlerts:
    """Notifies operators when the health of a source changes.

    Args:
        key_value: Stores the conditions that operators know.
        notify: Returns False if no operator could be reached; then it is tried again.
        hidden: Returns whether failures at a moment say nothing about a source, because this
            machine is offline.
    """

    def __init__(
        self,
        source_monitor: SourceMonitor,
        key_value: KeyValue,
        notify: Callable[[HealthChanges, Look, datetime], Awaitable[bool]],
        hidden: Callable[[datetime], Awaitable[bool]] | None = None,
    ) -> None:
        self._hidden = hidden
        self._source_monitor = source_monitor
        self._key_value = key_value
        self._notify = notify
        self._logged: HealthChanges | None = None

    async def notify_of_changes(self, now: datetime) -> bool:
        """Check all sources and notify operators of changes; return whether there were any."""
        if self._hidden is not None and await self._hidden(now):
            return False
        noted = await self._key_value.get(NOTE)
        known = {int(number): text for number, text in json.loads(noted or "{}").items()}
        look = await self._source_monitor.look(now)
        change = turned(known, look.healths)
        if change.bad or change.good:
            self._log(change)
            if not await self._notify(change, look, now):
                return True
        self._logged = None
        if change.known != known:
            await self._key_value.put(NOTE, json.dumps(change.known, sort_keys=True))
        return bool(change.bad or change.good)

    def _log(self, change: HealthChanges) -> None:
        """Log a line for each changed source, once, even if operators cannot be reached."""
        was = self._logged
        bad = {one.source.id for one in was.bad} if was else set()
        good = {one.source.id for one in was.good} if was else set()
        for one in change.bad:
            if one.source.id not in bad:
                log.warning(
                    "the source %s (no. %d) needs attention: %s%s; %s",
                    one.source.name,
                    one.source.id,
                    one.condition,
                    f" ({one.reason})" if one.reason else "",
                    one.advice,
                )
        for one in change.good:
            if one.source.id not in good:
                log.info("the source %s (no. %d) works again", one.source.name, one.source.id)
        self._logged = change


class Operators:
    """Sends messages to the operators, each in the operator's own language and time zone.

    Of operators who never wrote to the bot, `defaults` has both.
    """

    def __init__(
        self,
        bot: ExtBot[None],
        subscribers: Subscribers,
        renderer: Renderer,
        people: NamedPeople,
        defaults: Defaults,
    ) -> None:
        self._bot = bot
        self._subscribers = subscribers
        self._renderer = renderer
        self._people = people
        self._defaults = defaults

    async def send_changes(self, change: HealthChanges, look: Look, now: datetime) -> bool:
        """Send one message about all changed sources; return False as `send` does."""
        return await self.send(
            "sources_alarm",
            bad=change.bad,
            good=change.good,
            thin=[each.category for each in look.thin],
            cut_off=look.cut_off,
            now=now,
        )

    async def send_offline_times(self, since: datetime, until: datetime, now: datetime) -> bool:
        """Send the times between which no source could be reached; return False as `send` does."""
        return await self.send("offline_alarm", since=since, until=until, now=now)

    async def send(self, template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        """Render a template and send it to all operators.

        Return False if Telegram could be reached for none of them, so that another try may help.
        """
        unreached, ids = 0, sorted(self._people.admins)
        for chat_id in ids:
            try:
                await self._write(chat_id, template, values)
            except (Forbidden, BadRequest) as error:
                log.warning(
                    "cannot write to the operator %d of ADMIN_IDS (%s): "
                    "they have to press Start in a chat with the bot first",
                    chat_id,
                    error,
                )
            except TelegramError as error:
                unreached += 1
                log.warning("cannot reach the operator %d now: %s", chat_id, error)
        return not ids or unreached < len(ids)

    async def _write(self, chat_id: int, template: str, values: Mapping[str, Any]) -> None:
        reader = None
        # A message about an unavailable database must be sent too.
        with suppress(DatabaseUnavailableError):
            reader = await self._subscribers.find(chat_id)
        default = self._defaults.language
        language = self._renderer.match(reader.language if reader else None, default)
        message = self._renderer.message(
            template,
            language,
            zone=reader.zone if reader else self._defaults.zone_for(language),
            **values,
        )
        for text in message.parts:
            await self._bot.send_message(
                chat_id,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
