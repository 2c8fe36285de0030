"""Tells operators once when a source's health turns bad, and once when it is good again.

What they were told is noted in the archive, so that a restart repeats nothing.
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
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from datetime import datetime

    from telegram.ext import ExtBot

    from bot.watching.source_health import Look, SourceMonitor
    from handlers.core.readers import Defaults
    from news.health import Turned
    from storage.db.key_value import KeyValue
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

log = logging.getLogger(__name__)

NOTE = "sources in trouble"
"""The key of what operators know: JSON of source's id → condition."""


class OperatorAlerts:
    """Compares how the sources are with what operators know.

    Args:
        source_monitor: Says how the sources are.
        key_value: Keeps what operators know.
        tell: Tells them; False where none could be reached, so that it is tried again.
        hidden: Whether a source that fails says nothing of that source, at a moment at which none
            can be reached.
    """

    def __init__(
        self,
        source_monitor: SourceMonitor,
        key_value: KeyValue,
        tell: Callable[[Turned, Look, datetime], Awaitable[bool]],
        hidden: Callable[[datetime], Awaitable[bool]] | None = None,
    ) -> None:
        self._hidden = hidden
        self._source_monitor = source_monitor
        self._key_value = key_value
        self._tell = tell
        self._logged: Turned | None = None

    async def ring(self, now: datetime) -> bool:
        """Look at all sources, and tell of those that changed; whether there were any."""
        if self._hidden is not None and await self._hidden(now):
            return False
        noted = await self._key_value.get(NOTE)
        known = {int(number): text for number, text in json.loads(noted or "{}").items()}
        look = await self._source_monitor.look(now)
        change = turned(known, look.healths)
        if change.bad or change.good:
            self._log(change)
            if not await self._tell(change, look, now):
                return True
        self._logged = None
        if change.known != known:
            await self._key_value.put(NOTE, json.dumps(change.known, sort_keys=True))
        return bool(change.bad or change.good)

    def _log(self, change: Turned) -> None:
        """One line for each source; not again while the operators cannot be reached."""
        was = self._logged
        bad = {one.source.id for one in was.bad} if was else set()
        good = {one.source.id for one in was.good} if was else set()
        for one in change.bad:
            if one.source.id not in bad:
                log.warning(
                    "the source %s (no. %d) is in trouble: %s%s; %s",
                    one.source.name,
                    one.source.id,
                    one.condition,
                    f" ({one.reason})" if one.reason else "",
                    one.advice,
                )
        for one in change.good:
            if one.source.id not in good:
                log.info("the source %s (no. %d) is well again", one.source.name, one.source.id)
        self._logged = change


class Operators:
    """Writes to the operators in chat, to each in their own language and time.

    Args:
        bot: Sends, at Telegram's pace.
        subscribers: Know an operator's language and zone, once they wrote to the bot.
        renderer: How the message looks.
        ids: Their Telegram ids.
        defaults: The language and zone of those who are not known.
    """

    def __init__(
        self,
        bot: ExtBot[None],
        subscribers: Subscribers,
        renderer: Renderer,
        ids: Collection[int],
        defaults: Defaults,
    ) -> None:
        self._bot = bot
        self._subscribers = subscribers
        self._renderer = renderer
        self._ids = sorted(ids)
        self._defaults = defaults

    async def tell(self, change: Turned, look: Look, now: datetime) -> bool:
        """Tell of sources whose health changed, in one message; as `say`."""
        return await self.say(
            "sources_alarm",
            bad=change.bad,
            good=change.good,
            thin=[each.category for each in look.thin],
            cut_off=look.cut_off,
            now=now,
        )

    async def tell_of_return(self, since: datetime, until: datetime, now: datetime) -> bool:
        """Tell from when until when no source could be reached; as `say`."""
        return await self.say("offline_alarm", since=since, until=until, now=now)

    async def say(self, template: str, **values: Any) -> bool:  # noqa: ANN401  # a template's
        """Send all of them what a template makes of some values.

        Returns:
            False where Telegram could be reached for none of them: then it is worth another try.
        """
        unreached = 0
        for chat_id in self._ids:
            try:
                await self._write(chat_id, template, values)
            except (Forbidden, BadRequest) as error:
                log.warning(
                    "the operator %d of ADMIN_IDS cannot be written to (%s): "
                    "they have to press Start in a chat with the bot first",
                    chat_id,
                    error,
                )
            except TelegramError as error:
                unreached += 1
                log.warning("the operator %d cannot be reached just now: %s", chat_id, error)
        return not self._ids or unreached < len(self._ids)

    async def _write(self, chat_id: int, template: str, values: Mapping[str, Any]) -> None:
        reader = None
        # What keeps the database away is told all the same.
        with suppress(DatabaseUnavailableError):
            reader = await self._subscribers.find(chat_id)
        default = self._defaults.language
        message = self._renderer.message(
            template,
            self._renderer.match(reader.language if reader else None, default),
            zone=reader.zone if reader else self._defaults.zone,
            **values,
        )
        for text in message.parts:
            await self._bot.send_message(
                chat_id,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
