"""A replica that Telegram does not answer: how that is noticed, and when others do its work.

Each heartbeat carries the seconds since Telegram's last answer, so no two clocks are compared.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bot.telegram.http_client import HttpClient
from storage.db.outage import DatabaseUnavailableError
from storage.replicas.members import CUT_OFF
from storage.replicas.roles import OUTSIDE, Role
from storage.serving.liveness import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from bot.configuration.settings import Settings
    from bot.telegram.telegram_answers import LastHeard
    from storage.replicas.members import Introduction, Member, Members

log = logging.getLogger(__name__)

SILENT = 4.0
"""Seconds without an answer after which Telegram is asked, and between two such requests."""
LATELY = 3.0
"""Seconds since the last answer of whoever is to take it.

Replicas that are all cut off at one moment have asked for the last time within `SILENT` seconds
before. So when the first of them counts as cut off, none of them was answered so lately.
"""
STEADY = 60.0
"""Seconds of answers after which a replica that was cut off takes work again."""
LOOK = 0.5
"""Seconds between two heartbeats of a replica without work."""
AT_TELEGRAM = frozenset({Role.ANSWER, Role.SEND})
"""The roles that need Telegram."""


class CutOffError(Exception):
    """Telegram does not answer this process, and others do its work."""

    def __init__(self) -> None:
        super().__init__("Telegram does not answer this process; others do its work")


def may_leave(
    unanswered: float, roles: Collection[Role], others: Iterable[tuple[Member, float]]
) -> bool:
    """Return whether a replica must leave its work to others, since Telegram answers only these.

    Args:
        unanswered: Seconds since Telegram answered it.
        roles: What it does at Telegram.
        others: The other replicas, each with the seconds since its last heartbeat.
    """
    if unanswered < CUT_OFF or not roles:
        return False
    lately = [
        other
        for other, age in others
        if other.unanswered is not None and other.unanswered + age < LATELY
    ]
    return _have_all(roles, lately)


def may_return(
    steady: float, roles: Collection[Role], others: Iterable[tuple[Member, float]]
) -> bool:
    """Return whether a replica that was cut off may work again.

    Args:
        steady: Seconds for which Telegram has answered whatever it was asked; 0 if it does not.
        roles: What the replica would do at Telegram.
        others: As in `may_leave`. Those of a version that does not say count as answered.
    """
    if not steady:
        return False
    answered = [other for other, age in others if (other.unanswered or 0.0) + age < CUT_OFF]
    return steady >= STEADY or not _have_all(roles, answered)


def _have_all(roles: Collection[Role], members: Collection[Member]) -> bool:
    return all(any(each.has(role) for each in members) for role in roles)


class TelegramWatch:
    """Knows since when Telegram has not answered, and asks it when nothing else does.

    Args:
        settings: The settings, with the bot's token.
        heard: When Telegram last answered.
        passed: The clock of `heard`.
    """

    def __init__(
        self,
        settings: Settings,
        heard: LastHeard,
        *,
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heard = heard
        self._passed = passed
        self._begun = passed() - SILENT
        self._steady_since: float | None = None
        # Its own, so that a request does not wait for others, and needs no right to send.
        self._client = HttpClient(
            f"{settings.telegram_api_url}/bot{settings.telegram_bot_token}",
            proxies=settings.telegram_proxies,
        )

    @property
    def unanswered(self) -> float:
        """Seconds since Telegram's last answer, or since this replica began to ask for one."""
        return self._passed() - max(self._heard.at or 0.0, self._begun)

    @property
    def steady(self) -> float:
        """Seconds for which Telegram has answered each request of `run`; 0 if not the last one."""
        return 0.0 if self._steady_since is None else self._passed() - self._steady_since

    async def run(self, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Ask Telegram whenever it has been silent for a while.

        Args:
            is_wanted: Whether anybody could take the work; otherwise nothing is asked.
        """
        asked = self._passed() - SILENT
        while True:
            if not is_wanted():
                self._begun = self._passed()
            elif min(self.unanswered, self._passed() - asked) >= SILENT:
                asked = self._passed()
                await self._ask()
            await asyncio.sleep(LOOK)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(SILENT):
                self._heard.read(*await self._client.post(b"", "/getMe"))
        except (TelegramError, TimeoutError) as error:
            log.debug("Telegram does not answer: %s", error)
        if self.unanswered >= SILENT:
            self._steady_since = None
        elif self._steady_since is None:
            self._steady_since = self._passed()


async def stay_outside(members: Members, introduction: Introduction, watch: TelegramWatch) -> None:
    """Wait until Telegram has answered for a minute, or answers nobody else.

    Meanwhile a row tells the others of this process.
    """
    roles = AT_TELEGRAM & {*introduction.roles.split(",")}
    waiting = replace(introduction, roles=OUTSIDE)
    silence, me = Silence(), 0
    asking = asyncio.create_task(watch.run(), name="getMe")
    try:
        while True:
            try:
                async with asyncio.timeout(introduction.seconds / 2):
                    me = me or await members.join(waiting)
                    view = await members.look(me, sends=False, unanswered=watch.unanswered)
            except (DatabaseUnavailableError, SQLAlchemyError, OSError) as error:
                silence.failed()
                log.debug("no heartbeat: %s", error)
            else:
                silence.looked()
                if view is None:
                    me = 0
                    continue
                others = [
                    (each, silence.age(each))
                    for each in view.members
                    if each.id != me and not silence.is_gone(each)
                ]
                if may_return(watch.steady, roles, others):
                    return
            await asyncio.sleep(LOOK)
    finally:
        asking.cancel()
        await asyncio.wait({asking})
        with suppress(DatabaseUnavailableError):
            await members.leave(me)
        await members.close()
