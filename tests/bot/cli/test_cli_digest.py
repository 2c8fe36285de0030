"""`onnews digest` and `onnews deliveries`. `onnews readers list` on both databases."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from storage.articles.articles import Articles
from storage.articles.model_use import ModelUse, ModelUses
from storage.ledger.deliveries import Deliveries
from storage.model import (
    ChatKind,
    DeliveryState,
    Level,
    NewSource,
    Round,
    Settlement,
    State,
    Subscriber,
)
from storage.readers.managers import Managers
from storage.readers.subscribers import Subscribers
from storage.sources.sources import Sources
from storage.tables.ledger_schema import deliveries as table
from storage.tables.reader_schema import subscribers as readers
from tests.plugins.archive import registered
from tests.plugins.databases import migrated
from tests.plugins.records import a_new_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.db.database import Database
    from tests.bot.conftest import Terminal


@cache
def now() -> datetime:
    """Return the present moment, the same for the whole run.

    The commands use the real clock.
    """
    return datetime.now(UTC).replace(microsecond=0)


@asynccontextmanager
async def opened(terminal: Terminal) -> AsyncIterator[Database]:
    """Open the terminal's database."""
    database = await migrated(terminal.env["DATABASE_URL"])
    yield database
    await database.close()


@pytest.fixture
async def reader(terminal: Terminal) -> Subscriber:
    """Create a reader of Motor and five stories of one source, one of them old."""
    async with opened(terminal) as database:
        source = await Sources(database).add(
            NewSource("[The] Garage", "https://garage.example/feed"), now()
        )
        articles = [
            a_new_article(
                f"https://garage.example/{number}",
                f"Story {number} [of] motor",
                now() - timedelta(hours=number),
                "motor",
            )
            for number in (1, 2, 3, 4, 90)
        ]
        brought = Round(source.id, now() - timedelta(minutes=1), now(), 3600, tuple(articles))
        await Articles(database).store_all([brought])
        subscribers = Subscribers(database)
        made = await registered(subscribers, 987654, now(), zone="Asia/Tokyo")
        await subscribers.follow(made.id, "motor")
        await subscribers.set_level(made.id, source.id, Level.MORE)
        await subscribers.set_level(made.id, "china", Level.OFF)
        return await subscribers.change(made.id, next_at=now() - timedelta(seconds=5))


async def test_an_operator_sees_an_edition_with_its_reasons_and_changes_nothing(
    terminal: Terminal, reader: Subscriber
) -> None:
    for words in (("987654",), (str(reader.id), "--all")):
        seen = await terminal.run("digest", "preview", "--for", *words)
        assert "Asia/Tokyo" in seen
        assert "follows Motor" in seen
        assert "wants more of [The] Garage" in seen
        assert "wants nothing of China" in seen
        assert "more of [The] Garage (+60)" in seen
        assert "lead story" in seen
        assert "Story 1 [of] motor" in seen
        assert "weight of [The] Garage (+50)" in seen
        assert "the edition already has 3 stories from [The] Garage" in seen
        assert ("Story 90 [of] motor" in seen) is ("--all" in words)
        assert ("and 1 more, 1 of them older" in seen) is ("--all" not in words)
        assert "3 stories in the edition, 2 left out, 0 in categories that are not followed" in seen
    printed = json.loads(await terminal.run("digest", "preview", "--for", "987654", "--json"))
    assert [story["title"] for story in printed["stories"]] == [
        f"Story {number} [of] motor" for number in (1, 2, 3)
    ]
    assert "weight of [The] Garage (+50)" in printed["stories"][0]["reasons"]
    assert len(printed["left_out"]) == 2
    assert (printed["subscriber"], printed["follows"]) == (reader.id, ["motor"])
    before = (now() - timedelta(days=1)).isoformat()
    assert "The edition is empty" in await terminal.run(
        "digest", "preview", "--for", "987654", "--at", before
    )
    async with opened(terminal) as database:
        assert await Subscribers(database).get(reader.id) == reader
        assert await Deliveries(database).next_time() is None


async def test_preview_answers_an_unknown_subscriber_or_time_with_advice(
    terminal: Terminal, reader: Subscriber
) -> None:
    for whose in ("987654/3", "-5", "9" * 30):
        unknown = await terminal.run("digest", "preview", "--for", whose, status=1)
        assert "there is no subscriber" in unknown
    assert "-100123/7" in await terminal.run("digest", "preview", "--for", "Anna", status=1)
    never = await terminal.run(
        "digest", "preview", "--for", str(reader.id), "--at", "tomorrow", status=1
    )
    assert "2026-06-01T08:00" in never


async def test_deliveries_shows_states_pace_errors_and_the_slowest(
    terminal: Terminal, reader: Subscriber
) -> None:
    day = now().astimezone(ZoneInfo("Europe/Rome")).date()
    assert "none" in await terminal.run("deliveries")
    noon = datetime.combine(day, time(12), UTC)
    async with opened(terminal) as database:
        for number, (state, error, seconds) in enumerate(
            [("sent", None, 3), ("sent", None, 1.5), ("sent", None, 7500), ("failed", "blocked", 1)]
        ):
            async with database.writing() as connection:
                result = await connection.execute(
                    insert(table).values(
                        subscriber_id=reader.id,
                        key=str(number),
                        kind="edition",
                        due=noon,
                        state="sending",
                        place_from=0,
                        place_to=0,
                        taste_key="none",
                        language="en",
                        layout="summaries",
                    )
                )
            assert result.inserted_primary_key is not None
            (row_id,) = result.inserted_primary_key
            settlement = Settlement(row_id, DeliveryState(state), part=1, error=error)
            moment = noon + timedelta(seconds=seconds)
            await Deliveries(database).commit(settle=[settlement], now=moment)
    printed = json.loads(await terminal.run("deliveries", "--on", day.isoformat(), "--json"))
    assert printed["errors"] == [{"error": "blocked", "state": "failed", "number": 1}]
    assert printed["slowest"][0]["chat_id"] == reader.chat_id
    shown = await terminal.run("deliveries", "--on", day.isoformat())
    words = [" ".join(line.split()) for line in shown.splitlines()]
    assert "kind planned sending sent skipped failed" in words
    assert "edition 0 0 3 0 1" in words
    assert "at most 2 in a minute" in shown
    assert "half arrived within 3.0 s after they were due, 99 of 100 within 2 h 5 min" in shown
    assert "blocked failed 1" in words
    assert words[-3].startswith("no. 3 edition 987654 ")
    assert words[-3].endswith(" 2 h 5 min")
    assert "none" in await terminal.run("deliveries", "--on", "2020-02-29")
    for never in ("yesterday", "0001-01-01", "2026-02-30"):
        assert "2026-06-01" in await terminal.run("deliveries", "--on", never, status=1)


async def test_digest_cost_says_what_the_language_model_used_today(terminal: Terminal) -> None:
    terminal.make()
    assert "language model" not in await terminal.run("digest", "cost")
    day = now().date().isoformat()
    use = ModelUse(day, requests=2, tokens=1234, translated=9, refused=1, failed=1)
    async with opened(terminal) as database:
        await ModelUses(database).put(use)
    text = " ".join((await terminal.run("digest", "cost")).split())
    assert "used 1,234 of 500,000 tokens today (UTC), in 2 requests, 1 of them without" in text
    assert "9 headlines translated, 1 refused by the checks." in text
    assert json.loads(await terminal.run("digest", "cost", "--json"))["model"] == asdict(use)


async def test_digest_cost_shows_the_price_of_paid_broadcast_beforehand(terminal: Terminal) -> None:
    terminal.make()
    nothing = await terminal.run("digest", "cost")
    assert "Paid broadcast is off." in nothing
    soon = now().replace(minute=0, second=0) + timedelta(hours=6)
    async with opened(terminal) as database:
        made = await registered(Subscribers(database), 1, now(), zone="UTC", digest_minute=0)
        await Subscribers(database).follow(made.id, "motor", alerts=True)
        async with database.writing() as connection:
            row = (await connection.execute(select(readers).where(readers.c.id == made.id))).one()
            # 2,100 at the full hour, and 30 an hour later.
            await connection.execute(
                insert(readers),
                [
                    {
                        **row._asdict(),
                        "id": made.id + number,
                        "chat_id": number + 1,
                        "next_at": soon + timedelta(hours=number > 2100),
                    }
                    for number in range(1, 2131)
                ],
            )
    at = f"{soon.astimezone(ZoneInfo('Europe/Rome')):%a %H:%M}"
    shown = await terminal.run("digest", "cost")
    words = [" ".join(line.split()) for line in shown.splitlines()]
    # 1,050, 1,000 and 50 in three seconds, 30 of each for nothing: 2,010 at a tenth of a Star.
    assert f"{at} 2100 2100 70.0 s 2.1 s 201.0" in words
    assert "all 2130 2130 201.0" in words
    assert "One alert, to at most 1: 0.0 s at 30 a second, 0.0 s at 1000" in shown
    assert "100,000 Stars and 100,000 readers a month" in shown
    assert "PAID_BROADCAST=true and MESSAGES_PER_SECOND=1000." in shown
    slower = await terminal.run("digest", "cost", "--rate", "60")
    assert f"{at} 2100 2100 70.0 s 35.0 s 105.0" in [
        " ".join(x.split()) for x in slower.split("\n")
    ]
    on = await terminal.run("digest", "cost", PAID_BROADCAST="true", MESSAGES_PER_SECOND="60")
    assert "at 60 a second" in on
    assert "Paid broadcast is on." in on
    assert "within an hour" not in shown
    async with opened(terminal) as database, database.writing() as connection:
        # 4,200 at once take 70 minutes at one a second.
        rows = (await connection.execute(select(readers).where(readers.c.next_at == soon))).all()
        again = [{**row._asdict(), "id": row.id + 9_000, "chat_id": -row.id} for row in rows]
        await connection.execute(insert(readers), again)
    late = " ".join((await terminal.run("digest", "cost", MESSAGES_PER_SECOND="1")).split())
    assert f"editions of {at} (Europe/Rome) cannot all be sent within an hour" in late
    assert "the last arrives after 70 min" in late
    for never in ("0", "1001", "fast"):
        assert "--rate" in await terminal.run("digest", "cost", "--rate", never, status=2)


NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CHATS = (
    (55, 0, ChatKind.PRIVATE),
    (66, 0, ChatKind.PRIVATE),
    (-1001, 0, ChatKind.CHANNEL),
    (-1002, 7, ChatKind.TOPIC),
)


@pytest.fixture
async def url(database_url: str) -> str:
    """Return the address of a database with two people, a channel and a topic."""
    database = await migrated(database_url)
    subscribers = Subscribers(database)
    made = [
        await registered(subscribers, chat_id, NOW, thread_id=thread_id, kind=kind)
        for chat_id, thread_id, kind in CHATS
    ]
    await subscribers.change(made[1].id, state=State.STOPPED)
    managers = Managers(database)
    for person in made[:2]:
        await managers.add(made[2].id, person.id, "[Luxury] Milan", NOW)
    await managers.add(made[3].id, made[0].id, "Drivers › Motor", NOW)
    await database.close()
    return database_url


async def test_readers_list_shows_every_reader_without_personal_names(
    terminal: Terminal, url: str
) -> None:
    printed = await terminal.run("readers", "list", DATABASE_URL=url)
    lines = [each.split() for each in printed.splitlines()]
    assert ["1", "55", "private", "active"] in lines
    assert ["2", "66", "private", "stopped"] in lines
    assert ["3", "-1001", "channel", "active", "[Luxury]", "Milan"] in lines
    assert ["4", "-1002/7", "topic", "active", "Drivers", "›", "Motor"] in lines
    assert lines[-1] == ["4", "readers:", "3", "active,", "1", "stopped"]
    assert await terminal.run("readers", DATABASE_URL=url) == printed


async def test_readers_list_prints_the_same_as_json(terminal: Terminal, url: str) -> None:
    printed = json.loads(await terminal.run("readers", "list", "--json", DATABASE_URL=url))
    assert [each["chat_id"] for each in printed["readers"]] == [55, 66, -1001, -1002]
    assert printed["readers"][2] == {
        "id": 3,
        "chat_id": -1001,
        "topic": None,
        "kind": "channel",
        "state": "active",
        "last_edition": None,
        "title": "[Luxury] Milan",
    }
    assert (printed["readers"][3]["topic"], printed["readers"][0]["title"]) == (7, None)


async def test_readers_list_of_a_new_database_is_empty(terminal: Terminal) -> None:
    await terminal.run("migrate")
    assert "0 readers: none yet" in await terminal.run("readers", "list")
