"""When a replica that Telegram does not answer leaves its work to others, and takes work again. An
update that a replica had begun to answer when it died: its reader is asked to repeat it.
Telegram cannot be reached for a while: no update is lost, and none is answered twice.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.serving.telegram_silence import AT_TELEGRAM, LATELY, SILENT, STEADY, may_leave, may_return
from digest.pacing.telegram_errors import CutError, UnreachableError
from storage.replicas.members import CUT_OFF, Member
from storage.replicas.roles import OUTSIDE, Role
from storage.replicas.spread import shard_of
from storage.serving.lease import LeaseLostError
from storage.tables.replica_schema import shared_updates
from tests.bot.serving.running import (
    AGAIN,
    LONG_ENOUGH,
    acquainted,
    bot,
    is_over,
    running,
    shards_of,
    until,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from telegram.error import NetworkError
    from telegram.request import RequestData

    from bot.app import OnNews
    from playground.people.people import Person
    from playground.server import Playground


ALL = ",".join(Role)
BOTH = {Role.ANSWER, Role.SEND}


def seen(unanswered: float | None, roles: str = ALL, age: float = 0.0) -> tuple[Member, float]:
    return member(2, roles, unanswered), age


def member(number: int, roles: str, unanswered: float | None) -> Member:
    return Member(number, "", "", "", "", roles, 1, 4.0, sends=False, unanswered=unanswered)


@pytest.mark.parametrize(
    ("unanswered", "does", "others", "leaves"),
    [
        (10.0, BOTH, [seen(0.5)], True),
        (9.9, BOTH, [seen(0.5)], False),  # it may be heard in a moment
        (60.0, BOTH, [], False),
        (60.0, BOTH, [seen(60.0)], False),
        (60.0, BOTH, [seen(5.0)], False),  # that one may be cut off, too
        (60.0, BOTH, [seen(0.5, age=3.0)], False),  # frozen since
        (60.0, BOTH, [seen(None)], False),  # an earlier version, of which nothing is known
        (60.0, BOTH, [seen(0.5, OUTSIDE)], False),
        (60.0, BOTH, [seen(0.5, "answer,fetch")], False),
        (60.0, BOTH, [seen(0.5, "answer"), seen(0.5, "send")], True),
        (60.0, {Role.ANSWER}, [seen(0.5, "answer,fetch")], True),
        (60.0, {Role.SEND}, [seen(0.5, "answer,fetch")], False),
        (60.0, set(), [seen(0.5)], False),  # it only fetches, or waits for the lease
    ],
)
def test_a_replica_leaves_its_work_only_to_those_that_telegram_answers(
    unanswered: float, does: set[Role], others: list[tuple[Member, float]], *, leaves: bool
) -> None:
    assert may_leave(unanswered, does, others) == leaves


@pytest.mark.parametrize(
    ("steady", "others", "returns"),
    [
        (60.0, [seen(0.5)], True),
        (59.0, [seen(0.5)], False),
        (0.0, [], False),
        (0.5, [], True),
        (0.5, [seen(10.0)], True),
        (0.5, [seen(8.0)], False),
        (0.5, [seen(8.0, age=2.0)], True),
        (0.5, [seen(None)], False),  # an earlier version may well be answered
        (0.5, [seen(0.5, OUTSIDE)], True),
        (0.5, [seen(0.5, "answer")], True),  # nobody sends
        (0.5, [seen(0.5, "answer"), seen(0.5, "send")], False),
    ],
)
def test_a_replica_works_again_after_a_minute_of_answers_or_if_nobody_else_is_answered(
    steady: float, others: list[tuple[Member, float]], *, returns: bool
) -> None:
    assert may_return(steady, BOTH, others) == returns


STEP = 0.3
RESTART = 2.0
"""Seconds from the stop of a replica that leaves until it asks Telegram again."""


@dataclass
class Simulated:
    """A replica by a clock of the test, which asks Telegram as `TelegramWatch` does."""

    id: int
    is_up: Callable[[float], bool]
    answered: float
    asked: float = -SILENT
    works: bool = True
    back: float = 0.0
    steady: float | None = None

    def look(self, now: float) -> None:
        if now < self.back or min(now - self.answered, now - self.asked) < SILENT:
            return
        self.asked = now
        if self.is_up(now):
            self.answered = now
            self.steady = now if self.steady is None else self.steady
        else:
            self.steady = None

    def seen(self, now: float) -> tuple[Member, float]:
        roles = ALL if self.works else OUTSIDE
        return member(self.id, roles, now - self.answered), 0.0


@dataclass
class Fleet:
    replicas: Sequence[Simulated]
    sender: Simulated = field(init=False)
    changes: list[float] = field(default_factory=list)
    """When another one began to send."""
    left: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sender = self.replicas[0]

    def run(self, seconds: float) -> None:
        for step in range(int(seconds / STEP)):
            now = step * STEP
            for each in self.replicas:
                each.look(now)
            for each in self.replicas:
                self._decide(each, now)

    def _decide(self, replica: Simulated, now: float) -> None:
        others = [each.seen(now) for each in self.replicas if each is not replica]
        if not replica.works:
            steady = 0.0 if replica.steady is None else now - replica.steady
            replica.works = now >= replica.back and may_return(steady, AT_TELEGRAM, others)
            return
        does = {Role.ANSWER, Role.SEND} if replica is self.sender else {Role.ANSWER}
        if not may_leave(now - replica.answered, does, others):
            return
        self.left.append(now)
        replica.works, replica.steady, replica.back = False, None, now + RESTART
        if replica is self.sender:
            self.changes.append(now)
            self.sender = next(
                each
                for each in self.replicas
                if each.works and not may_leave(now - each.answered, {Role.SEND}, others)
            )


def flapping(lengths: Sequence[float]) -> Callable[[float], bool]:
    """Return a line that is up and down in turn, for some seconds each, again and again."""

    def is_up(now: float) -> bool:
        left = now % sum(lengths)
        for number, length in enumerate(lengths):
            if left < length:
                return number % 2 == 0
            left -= length
        return True

    return is_up


def always(_: float) -> bool:
    return True


@given(
    st.lists(st.floats(0.5, 90.0), min_size=2, max_size=6),
    st.integers(1, 2),
    st.floats(0.0, SILENT),
)
def test_a_line_that_flaps_changes_the_sender_once_a_minute_at_most(
    lengths: list[float], others: int, phase: float
) -> None:
    well = [Simulated(2 + each, always, -phase / 2) for each in range(others)]
    fleet = Fleet([Simulated(1, flapping(lengths), -phase), *well])
    fleet.run(600.0)
    assert len(fleet.changes) <= 1  # the other one goes on, so the line matters no more
    pairs = zip(fleet.left, fleet.left[1:], strict=False)
    assert all(later - earlier >= STEADY for earlier, later in pairs)


@given(st.lists(st.floats(0.0, SILENT), min_size=2, max_size=5), st.floats(20.0, 120.0))
def test_nothing_moves_while_nobody_reaches_telegram(phases: list[float], cut: float) -> None:
    def is_up(now: float) -> bool:
        return now < cut

    fleet = Fleet([Simulated(each, is_up, -phase) for each, phase in enumerate(phases)])
    fleet.run(300.0)
    assert fleet.left == []


@given(st.lists(st.floats(0.0, SILENT), min_size=2, max_size=5))
def test_a_sender_that_is_cut_off_alone_is_replaced_two_seconds_later(phases: list[float]) -> None:
    first, *rest = phases
    others = [Simulated(1 + each, always, -phase) for each, phase in enumerate(rest)]
    fleet = Fleet([Simulated(0, lambda _: False, -first), *others])
    fleet.run(60.0)
    assert len(fleet.changes) == 1
    assert fleet.changes[0] + first <= CUT_OFF + SILENT - LATELY + 3 * STEP


@given(
    st.lists(st.floats(0.0, SILENT), min_size=3, max_size=3),
    st.lists(st.floats(40.0, 300.0), min_size=2, max_size=2),
)
def test_there_is_always_one_that_works_and_is_answered_if_anybody_is(
    phases: list[float], cuts: list[float]
) -> None:
    lines: list[Callable[[float], bool]] = [
        lambda now: not 20.0 < now < 60.0,
        lambda now: now < cuts[0],
        lambda now: now < cuts[1],
    ]
    fleet = Fleet([Simulated(each, lines[each], -phases[each]) for each in range(3)])
    fleet.run(400.0)
    assert fleet.sender.id == 0
    assert fleet.sender.works


TRIES = 7
"""More requests than one try to ask makes, so that the outage lasts longer."""


def written(reader: Person) -> dict[str, Any]:
    """Return what Telegram sends when a reader writes."""
    chat = {"id": reader.id, "type": "private"}
    return {"message_id": 900, "date": 1, "chat": chat, "from": by(reader), "text": "/help"}


def by(reader: Person) -> dict[str, Any]:
    return {"id": reader.id, "is_bot": False, "first_name": reader.name}


async def leave(onnews: OnNews, reader: Person, *, begun: bool = True, **body: Any) -> None:  # noqa: ANN401
    """Add an update as a dead replica leaves it, and have it claimed."""
    row = {
        "update_id": 1_000_000,
        "shard": shard_of(reader.id),
        "body": json.dumps({"update_id": 1_000_000, **body}),
        "fetched": onnews.clock(),
        "begun": begun,
    }
    async with onnews.archive.database.writing() as connection:
        await connection.execute(insert(shared_updates).values(row))
    assert onnews._sharing is not None
    onnews._sharing.updates.is_on = True


class Refusal:
    """A process that has lost its place, and may send nothing."""

    def __init__(self) -> None:
        self.met = asyncio.Event()

    async def __call__(self) -> None:
        """Refuse.

        Raises:
            LeaseLostError: Always.
        """
        self.met.set()
        raise LeaseLostError


@pytest.mark.parametrize("fault", [{"reset": True}, {"status": 502}], ids=["cut", "bad gateway"])
async def test_a_reader_is_asked_once_after_telegram_was_away(
    town: Playground, postgresql_url: str, fault: dict[str, Any]
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        away = town.faults.add(method="sendMessage", times=None, **fault)
        await leave(onnews, reader, message=written(reader))
        await until(lambda: away.hits >= TRIES)
        assert await waiting(onnews) == 1
        town.faults.clear()
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)
        assert reader.unread() == []


async def test_a_reader_whose_button_was_released_before_is_asked_in_the_chat(
    town: Playground, postgresql_url: str
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        tap = {"id": "77", "from": by(reader), "chat_instance": "1", "data": "x"}
        await leave(onnews, reader, callback_query={**tap, "message": written(reader)})
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)


async def test_an_update_is_not_lost_with_the_place_of_the_process_that_was_to_answer_it(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal()
    async with running(bot(town, postgresql_url)) as onnews:
        reader, help_text = await acquainted(town)
        with monkeypatch.context() as patch:
            patch.setattr(onnews.application, "_permit", refusal)
            await leave(onnews, reader, begun=False, message=written(reader))
            await asyncio.wait_for(refusal.met.wait(), LONG_ENOUGH)
        # Nothing was sent, so it is answered.
        assert (await reader.next()).text == help_text
        await is_over(onnews)


async def test_a_reader_whose_answer_lost_its_place_is_asked_by_the_next_process(
    town: Playground, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal()
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        monkeypatch.setattr(onnews._request, "_permit", refusal)
        await leave(onnews, reader, begun=False, message=written(reader))
        await asyncio.wait_for(refusal.met.wait(), LONG_ENOUGH)
    async with running(bot(town, postgresql_url)) as onnews:
        assert onnews._sharing is not None
        onnews._sharing.updates.is_on = True
        assert AGAIN in (await reader.next()).text
        await is_over(onnews)


async def test_a_reader_who_has_blocked_the_bot_meanwhile_is_not_asked_again_and_again(
    town: Playground, postgresql_url: str
) -> None:
    async with running(bot(town, postgresql_url)) as onnews:
        reader, _ = await acquainted(town)
        reader.block()
        await leave(onnews, reader, message=written(reader))
        await is_over(onnews)


class Line:
    """The line from one process to Telegram; while it is down only polling goes on."""

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


@pytest.mark.parametrize("error", [UnreachableError, CutError])
async def test_an_answer_that_was_never_sent_is_given_later_and_one_that_may_have_arrived_is_not(
    town: Playground,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    error: type[NetworkError],
) -> None:
    async with running(bot(town, database_url)) as onnews:
        reader, help_text = await acquainted(town)
        line = Line(onnews, monkeypatch, error)
        await reader.send("/help")
        await until(lambda: line.failures >= LONG)
        line.is_down = False
        text = (await reader.next()).text
        assert text == help_text if error is UnreachableError else AGAIN in text
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
