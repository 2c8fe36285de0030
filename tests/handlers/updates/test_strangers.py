"""Known people are answered before any number of strangers, who are answered in the end.

The clock is manual, at a rate of one message a second.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp import ClientSession
from telegram import Update

from digest.pacing.priorities import Standing
from handlers.core.services.readers import NEW_FOR, KnownChats
from handlers.updates.update_kinds import concerns_us, item_of
from storage.model import ChatKind
from storage.readers.subscribers import Subscribers
from tests.handlers.conftest import Bureau, Clock, ask, opened
from tests.handlers.still import StillTime
from tests.plugins.archive import registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.people.people import Person
    from playground.server import Playground
    from storage.db.database import Database

STRANGERS = 40
IDLE_TURNS = 20
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


async def until_they_wait(bureau: Bureau, begun: dict[Standing, int]) -> None:
    """Wait until this number is being handled and all else that needs no time is done."""
    lanes, idle = bureau.onnews._updates._lanes, 0
    while idle < IDLE_TURNS:
        ready = all(lanes._begun[each] >= number for each, number in begun.items())
        idle = idle + 1 if ready and not any(lanes._busy.values()) else 0
        await asyncio.sleep(0)


@pytest.mark.parametrize("private", [True, False])
async def test_an_operator_and_a_reader_are_answered_before_strangers(
    sqlite_url: str, clock: Clock, *, private: bool
) -> None:
    people: dict[str, Person] = {}

    def set_up(town: Playground) -> dict[str, Any]:
        people.update(olga=town.person("Olga"), rita=town.person("Rita"))
        allowed = (people["rita"].id,) if private else ()
        return {"admin_ids": (people["olga"].id,), "allowed_ids": allowed}

    time = StillTime()
    async with opened(sqlite_url, clock, time.rate_limiter(1), set_up=set_up) as bureau:
        await bureau.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        olga, rita = people.values()
        for each in (olga, rita):
            await each.start()
            time.pass_(30)
            await each.next()
        clock.pass_(days=2)
        strangers = [bureau.town.person(f"Stranger {n}") for n in range(STRANGERS)]
        for each in strangers:
            await each.start()
        await until_they_wait(bureau, {Standing.STRANGER: 2})
        await rita.send("/help")
        await olga.send("/help")
        await until_they_wait(bureau, {Standing.OPERATOR: 1, Standing.KNOWN: 1})
        before = sum(len(each.unread()) for each in strangers)
        time.pass_(1)
        await olga.next()
        time.pass_(1)
        await rita.next()
        # One of them may have had its turn by right of those who pass it by.
        assert sum(len(each.unread()) for each in strangers) + before <= 2 + 1
        for each in strangers:
            while not any(message.text for message in each.chat.messages[1:]):
                time.pass_(1)
                await asyncio.sleep(0)
        assert bureau.town.violations == []


async def test_dropped_updates_of_strangers_are_logged_once_and_counted(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("handlers.updates.lanes.UNKNOWN_WAITING", STRANGERS // 4)
    time = StillTime()
    settings = {"metrics_address": ("127.0.0.1", 0)}
    with caplog.at_level(logging.INFO, logger="handlers.updates.update_queue"):
        async with opened(
            sqlite_url, clock, time.rate_limiter(1), set_up=lambda _: settings
        ) as one:
            queue, lanes = one.onnews._updates, one.onnews._updates._lanes
            for number in range(STRANGERS):
                await one.town.person(f"Stranger {number}").start()
            # All have arrived once those that did not begin wait or were dropped.
            arrived = lanes._begun
            while sum(arrived.values()) + lanes.waiting + queue.dropped.unknown < STRANGERS:  # noqa: ASYNC110
                await asyncio.sleep(0)
            dropped = queue.dropped.unknown
            assert dropped > 0
            assert [level for level, _ in _told_of_drops(caplog)] == ["WARNING"]
            assert one.onnews.web is not None
            assert one.onnews.web.port is not None
            url = f"{one.onnews.web.port.url}/metrics"
            async with ClientSession() as session, session.get(url) as answer:
                lines = (await answer.text()).splitlines()
            assert f'onnews_updates_dropped_total{{sender="unknown"}} {dropped:.1f}' in lines
            assert 'onnews_updates_dropped_total{sender="known"} 0.0' in lines
            while lanes.waiting or any(lanes._begun.values()):
                time.pass_(1)
                await asyncio.sleep(0)
            (level, _), (later, words) = _told_of_drops(caplog)
            assert (level, later) == ("WARNING", "INFO")
            assert f"{dropped} updates" in words


def _told_of_drops(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return what the log says of dropped updates, each with its level."""
    name = "handlers.updates.update_queue"
    return [(each.levelname, each.getMessage()) for each in caplog.records if each.name == name]


async def test_known_people_are_loaded_at_the_start_and_added_later(db: Database) -> None:
    subscribers = Subscribers(db)

    async def subscribe(chat_id: int, since: datetime, thread_id: int = 0) -> None:
        kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.TOPIC
        await registered(subscribers, chat_id, since, thread_id=thread_id, kind=kind)

    for chat_id in (7, 5, 9, 2**40):
        await subscribe(chat_id, NOW - timedelta(days=9))
    for thread in (0, 3, 4):
        await subscribe(-100, NOW - timedelta(days=9), thread)
    await subscribe(8, NOW - timedelta(hours=1))
    known = KnownChats()
    await known.load(subscribers, NOW)
    assert {n: known.standing(n, NOW) for n in (7, 5, 9, 2**40, -100)} == dict.fromkeys(
        (7, 5, 9, 2**40, -100), Standing.KNOWN
    )
    assert known.standing(8, NOW) is Standing.NEW
    assert known.standing(6, NOW) is Standing.STRANGER
    known.meet(6, NOW)
    known.meet(7, NOW)
    known.forget(5)
    assert [known.standing(n, NOW) for n in (5, 6, 7)] == [
        Standing.STRANGER,
        Standing.NEW,
        Standing.KNOWN,
    ]
    assert known.standing(6, NOW + NEW_FOR) is Standing.KNOWN


def test_an_edited_message_takes_a_turn_but_not_the_place_of_a_waiting_message() -> None:
    bot = cast("Any", SimpleNamespace(id=1, username="OnNewsBot"))
    body = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 5, "type": "private", "first_name": "A"},
        "text": "/latest",
    }
    update = Update.de_json({"update_id": 1, "edited_message": body}, None)
    assert concerns_us(update, bot, ())
    first, again = item_of(Update.de_json({"update_id": 1, "message": body}, None)), item_of(update)
    assert again.wish != first.wish, "the answer to the message itself would be lost"
    assert again.wish == item_of(update).wish
    assert (again.silent, again.needed) == (False, False)
    group = {**body, "chat": {"id": -5, "type": "group", "title": "A"}}
    for text, ours in (
        ("gucci", False),
        ("@OnNewsBot gucci", True),
        ("/latest", True),
        ("/latest@OtherBot", False),
        ("/other", False),
    ):
        update = Update.de_json({"update_id": 1, "edited_message": {**group, "text": text}}, None)
        assert concerns_us(update, bot, ("latest",)) is ours, text


def test_a_tap_on_an_inline_message_takes_a_turn_in_the_persons_own_lane() -> None:
    user = {"id": 5, "is_bot": False, "first_name": "A"}
    query = {"id": "1", "from": user, "chat_instance": "1", "inline_message_id": "x", "data": "o:1"}
    item = item_of(Update.de_json({"update_id": 1, "callback_query": query}, None))
    assert (item.chat, item.person, item.needed, item.silent) == (5, 5, False, True)
    assert item.wish is not None


async def test_new_and_unknown_members_are_served_after_readers(
    sqlite_url: str, clock: Clock
) -> None:
    seen: list[Standing] = []

    async with opened(sqlite_url, clock) as bureau:
        lanes = bureau.onnews._updates._lanes
        arrive: Callable[..., Any] = lanes.arrive

        def noted(item: Any) -> Any:  # noqa: ANN401
            seen.append(item.standing)
            return arrive(item)

        lanes.arrive = noted  # type: ignore[method-assign]
        await bureau.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        reader = await bureau.reader()
        clock.pass_(days=2)
        member = bureau.town.person("Member")
        room = bureau.town.group("Club", [reader, member], settled=True)
        seen.clear()
        for who in (member, reader, member):
            await ask(who, "/latest", room)
        # By the answer to the first, the group is a subscriber.
        assert seen == [Standing.STRANGER, Standing.KNOWN, Standing.NEW]
