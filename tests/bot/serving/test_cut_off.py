"""Telegram cannot be reached for a while: no update is lost, and none is answered twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.pacing.telegram_errors import CutError, UnreachableError
from tests.bot.serving.running import (
    AGAIN,
    acquainted,
    bot,
    is_over,
    running,
    shards_of,
    until,
)

if TYPE_CHECKING:
    from telegram.error import NetworkError
    from telegram.request import RequestData

    from bot.app import OnNews
    from playground.server import Playground


class Line:
    """The line from one process to Telegram; while it is down only polling goes on.

    Args:
        onnews: The process.
        error: The error of each request while it is down.
    """

    def __init__(
        self, onnews: OnNews, monkeypatch: pytest.MonkeyPatch, error: type[NetworkError]
    ) -> None:
        self.is_down = True
        self.failures = 0
        self._send = onnews._request._send
        self._error = error
        monkeypatch.setattr(onnews._request, "_send", self.send)

    async def send(
        self, url: str, data: RequestData | None, within: float | None
    ) -> tuple[int, bytes]:
        """Send a request, unless the line is down.

        Raises:
            NetworkError: It is down.
        """
        if self.is_down and not url.endswith("/getUpdates"):
            self.failures += 1
            raise self._error("there is no line")
        return await self._send(url, data, within)


LONG = 12
"""Failed requests after which an answer was given up for the moment."""


async def test_an_answer_that_was_never_sent_is_given_when_telegram_is_back(
    town: Playground, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(bot(town, database_url)) as onnews:
        reader, help_text = await acquainted(town)
        line = Line(onnews, monkeypatch, UnreachableError)
        await reader.send("/help")
        await until(lambda: line.failures >= LONG)
        line.is_down = False
        assert (await reader.next()).text == help_text
    assert reader.unread() == []


async def test_an_answer_that_may_have_arrived_is_not_given_twice(
    town: Playground, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(bot(town, database_url)) as onnews:
        reader, _ = await acquainted(town)
        line = Line(onnews, monkeypatch, CutError)
        await reader.send("/help")
        await until(lambda: line.failures >= LONG)
        line.is_down = False
        assert AGAIN in (await reader.next()).text
    assert reader.unread() == []


async def test_an_answer_that_waits_for_telegram_at_a_stop_is_given_at_the_next_start(
    town: Playground, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(bot(town, database_url)) as onnews:
        reader, help_text = await acquainted(town)
        line = Line(onnews, monkeypatch, UnreachableError)
        await reader.send("/help")
        await until(lambda: line.failures >= LONG)
    async with running(bot(town, database_url)):
        assert (await reader.next()).text == help_text
    assert reader.unread() == []


@pytest.mark.parametrize(
    ("error", "is_answered"), [(UnreachableError, True), (CutError, False)], ids=["no line", "cut"]
)
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone at first", "beside another"])
async def test_a_replica_without_a_line_leaves_its_updates_to_another_one(
    town: Playground,
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
    error: type[NetworkError],
    *,
    is_answered: bool,
    is_alone: bool,
) -> None:
    async with running(bot(town, postgresql_url)) as one:
        reader, help_text = await acquainted(town)
        line = Line(one, monkeypatch, error)

        async def asks() -> None:
            await reader.send("/help")
            await until(lambda: line.failures >= LONG)

        if is_alone:
            await asks()
        async with running(bot(town, postgresql_url)) as two:
            assert two._sharing is not None
            assert one._sharing is not None
            await until(lambda: shards_of(two) > 0)
            if not is_alone:
                await asks()
            await one._sharing.give_all()
            text = (await reader.next()).text
            assert text == help_text if is_answered else AGAIN in text
            await is_over(two)
            line.is_down = False
    assert reader.unread() == []
