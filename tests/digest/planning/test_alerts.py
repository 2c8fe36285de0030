"""Alerts: to whom, once and when; how many a day, and how heavy their news must be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

from digest.planning.alerts import AlertPlanner
from storage.db.key_value import KeyValue
from storage.model import FILLER, Category, DeliveryKind, DeliveryState, Kind, State
from storage.model.desk_model import DraftState
from storage.tables.desk_schema import drafts
from storage.tables.ledger_schema import deliveries as table
from storage.tables.schema import articles
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from storage.model import Subscriber
    from tests.digest.conftest import Paper


async def alerted_reader(
    paper: Paper, chat_id: int, *categories: str, **changes: object
) -> Subscriber:
    changes.setdefault("minute", 20 * 60)
    reader = await paper.reader(chat_id, *categories, **changes)  # type: ignore[arg-type] # by name
    for category in categories:
        reader = await paper.subscribers.follow(reader.id, category, alerts=True)
    return reader


async def planned(paper: Paper, title: str, *categories: str, **fields: Any) -> int:  # noqa: ANN401 - an article's
    """Store a story; return how many alerts about it are planned."""
    return await paper.alerts.plan(
        [await paper.article(title, *categories, **fields)], paper.time.now
    )


async def test_an_alert_is_sent_at_once_to_those_who_asked(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor")
    await paper.reader(2, "motor", minute=20 * 60)
    await alerted_reader(paper, 3, "style")
    await alerted_reader(paper, 4, "bentley", "style")
    assert await planned(paper, "It burns", "motor", "bentley") == 2
    await paper.sender.drain()
    # Each alert names the followed category it is for.
    assert {m.chat_id: m.text for m in paper.outbox.sent} == {
        1: "<b>alert</b> motor\nIt burns",
        4: "<b>alert</b> bentley\nIt burns",
    }


async def test_an_alert_is_planned_once_however_often_planning_runs(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor", "bentley")
    id_ = await paper.article("Once", "motor", "bentley")
    assert await paper.alerts.plan([id_, id_], paper.time.now) == 1
    assert await paper.alerts.plan([id_], paper.time.now) == 0


async def test_filler_is_never_an_alert(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor")
    assert await planned(paper, "Podcast: the engine room", "motor", FILLER) == 0


async def test_an_alerted_story_is_in_no_edition(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor", minute=9 * 60)
    first = await paper.article("Alerted", source="One")
    await paper.alerts.plan([first], paper.time.now)
    await paper.article("The same by another", source="Two", story=first)
    await paper.article("Something else", source="Three")
    await paper.morning(hours=1)
    assert paper.outbox.to(1) == [
        "<b>alert</b> motor\nAlerted",
        "<b>edition</b>\nSomething else",
    ]


async def test_a_story_is_alerted_once(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor")
    first = await paper.article("First", source="One")
    assert await paper.alerts.plan([first], paper.time.now) == 1
    assert await planned(paper, "Second", source="Two", story=first) == 0


async def test_an_alert_suppresses_later_ones_only_for_readers_who_got_it(paper: Paper) -> None:
    early = await alerted_reader(paper, 1, "motor")
    first = await paper.article("Told first", source="One")
    assert await paper.alerts.plan([first], paper.time.now) == 1
    # A reader who asks for alerts later has got none, although the story existed.
    late = await alerted_reader(paper, 2, "motor")
    second = await paper.article("Told again", source="Two", story=first)
    assert await paper.alerts.plan([second], paper.time.now) == 1
    assert await planned(paper, "Told once more", source="Three", story=first) == 0
    alerted = {(row.subscriber_id, row.article_id) for row in await paper.ledger()}
    assert alerted == {(early.id, first), (late.id, second)}


async def test_an_unsent_alert_suppresses_no_other(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor")
    first = await paper.article("Told first", source="One")
    await paper.alerts.plan([first], paper.time.now)
    async with paper.db.writing() as connection:
        await connection.execute(update(table).values(state=DeliveryState.FAILED.value))
    assert await planned(paper, "Told again", source="Two", story=first) == 1


async def test_quiet_hours_are_respected(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor", quiet_from=7 * 60, quiet_to=9 * 60)
    assert await planned(paper, "Hush") == 1
    await paper.sender.drain()
    assert paper.outbox.sent == []
    assert await paper.deliveries.next_time() == MONDAY + timedelta(hours=1)
    await paper.drain(hours=1)
    assert len(paper.outbox.sent) == 1


async def test_alerts_suppressed_by_a_pause_are_in_the_next_edition(paper: Paper) -> None:
    hours = {"minute": 10 * 60, "quiet_from": 7 * 60, "quiet_to": 9 * 60}
    reader = await alerted_reader(paper, 1, "motor", **hours)
    assert await paper.alerts.plan([await paper.article("Hush")], paper.time.now) == 1
    pause = MONDAY + timedelta(hours=1, minutes=30)
    await paper.subscribers.change(reader.id, paused_until=pause)
    await paper.drain(hours=1)
    assert await paper.states() == [DeliveryState.SKIPPED]
    await paper.morning(hours=1)
    (sent,) = paper.outbox.sent
    assert "Hush" in sent.text


async def test_mutes_pauses_and_stops_apply_to_alerts(paper: Paper) -> None:
    muted = await alerted_reader(paper, 1, "motor")
    await paper.subscribers.mute_word(muted.id, "recall")
    await alerted_reader(paper, 2, "motor", paused_until=MONDAY + timedelta(days=3))
    await alerted_reader(paper, 3, "motor", state=State.STOPPED)
    assert await planned(paper, "A great recall") == 0


@pytest.mark.parametrize("kind", ["old", "backlog"])
async def test_old_and_backlog_articles_are_never_alerts(paper: Paper, kind: str) -> None:
    await alerted_reader(paper, 1, "motor")
    age = timedelta(days=2 if kind == "old" else 0)
    assert await planned(paper, "Yesterday's", age=age, backlog=kind == "backlog") == 0


async def test_alerts_go_before_editions(paper: Paper) -> None:
    await paper.article("For the morning")
    for chat_id in range(10, 30):
        await paper.reader(chat_id)
    await alerted_reader(paper, 1, "style")
    await paper.planner.plan_due(paper.time.now)
    paper.time.pass_(seconds=30)
    id_ = await paper.article("Now", "style")
    await paper.alerts.plan([id_], paper.time.now)
    await paper.sender.drain()
    assert paper.outbox.sent[0].chat_id == 1
    kinds = {row.chat_id: row.kind for row in await paper.ledger()}
    assert kinds[1] is DeliveryKind.ALERT
    assert set(await paper.states()) == {DeliveryState.SENT}


async def test_an_article_of_a_planned_edition_is_never_an_alert(paper: Paper) -> None:
    await alerted_reader(paper, 1, "motor", minute=8 * 60)
    id_ = await paper.article("Both at once")
    await paper.planner.plan_due(paper.time.now)
    assert await paper.alerts.plan([id_], paper.time.now) == 0


async def test_an_event_without_a_shared_house_is_alerted_again(paper: Paper) -> None:
    known = [
        Category(slug, slug.title(), Kind.HOUSE, "kering" if slug == "gucci" else None)
        for slug in ("prada", "versace", "gucci")
    ]
    known += [Category("kering", "Kering", Kind.GROUP), Category("lvmh", "LVMH", Kind.GROUP)]
    alerts = AlertPlanner(
        paper.plans,
        paper.articles,
        KeyValue(paper.db),
        {category.slug: category for category in known},
    )
    await alerted_reader(paper, 1, "business")
    first = await paper.article("Prada buys Versace", "business", "prada", "versace", source="A")
    assert await alerts.plan([first], paper.time.now) == 1
    of_event = await paper.article("A deal in Milan", "business", "prada", source="B", event=first)
    assert await alerts.plan([of_event], paper.time.now) == 0
    other_house = await paper.article("Gucci answers", "business", "gucci", source="C", event=first)
    assert await alerts.plan([other_house], paper.time.now) == 1
    no_house = await paper.article("A sale", "business", source="D", event=first)
    assert await alerts.plan([no_house], paper.time.now) == 1

    # Who was not alerted to any of it is alerted to the next.
    await alerted_reader(paper, 2, "prada")
    again = await paper.article("Prada signs", "prada", source="E", event=first)
    assert await alerts.plan([again], paper.time.now) == 1

    # A group counts like a house, unless it is only that of a house.
    await alerted_reader(paper, 3, "lvmh", "kering")
    results = await paper.article("LVMH sales fall", "lvmh", source="A")
    assert await alerts.plan([results], paper.time.now) == 1
    retold = await paper.article("LVMH down again", "lvmh", source="B", event=results)
    assert await alerts.plan([retold], paper.time.now) == 0
    answer = await paper.article("Gucci too", "gucci", "kering", source="C", event=results)
    assert await alerts.plan([answer], paper.time.now) == 1
    owner = await paper.article("Kering also", "kering", source="D", event=results)
    assert await alerts.plan([owner], paper.time.now) == 1


async def alerted_to(paper: Paper, *titles: str) -> int:
    """Return the number of alerts that a newly started planner plans for new articles."""
    planner = paper.alerts
    ids = [await paper.article(title, source=f"The {title} Gazette") for title in titles]
    return await planner.plan(ids, paper.time.now)


async def with_alerts(paper: Paper, chat_id: int, most: int, **changes: object) -> None:
    """Create a reader with alerts for Motor and an edition at 20:00."""
    changes = {"minute": 20 * 60, "alerts_a_day": most, **changes}
    reader = await paper.reader(chat_id, "motor", **changes)  # type: ignore[arg-type] # by name
    await paper.subscribers.follow(reader.id, "motor", alerts=True)


async def test_alerts_above_the_daily_limit_wait_for_the_edition(paper: Paper) -> None:
    await with_alerts(paper, 1, 2)
    await with_alerts(paper, 2, 20)
    await with_alerts(paper, 3, 0)
    assert await alerted_to(paper, "One") == 2
    await paper.sender.drain()
    # What was sent counts, and what only waits to be sent.
    assert await alerted_to(paper, "Two", "Three") == 3
    await paper.sender.drain()
    assert await alerted_to(paper, "Four") == 1
    assert [text.split()[-1] for text in paper.outbox.to(1)] == ["One", "Two"]
    assert paper.outbox.to(3) == []
    await paper.morning(hours=12)
    *_, edition = paper.outbox.to(1)
    assert all(title in edition for title in ("Three", "Four"))
    assert not any(title in edition for title in ("One", "Two"))
    *_, edition = paper.outbox.to(3)
    assert all(title in edition for title in ("One", "Two", "Three", "Four"))


@pytest.mark.parametrize(
    ("zone", "hours"),
    # It is 06:00 UTC: 08:00 in Rome, 14:00 in Shanghai, 23:00 of the day before in Los Angeles.
    [("Europe/Rome", 16), ("Asia/Shanghai", 10), ("America/Los_Angeles", 1)],
)
async def test_the_alert_count_restarts_at_the_readers_midnight(
    paper: Paper, zone: str, hours: int
) -> None:
    await with_alerts(paper, 1, 1, zone=zone, next_at=paper.time.now + timedelta(days=3))
    assert await alerted_to(paper, "First of the day") == 1
    await paper.sender.drain()
    paper.time.pass_(hours=hours, minutes=-1)
    assert await alerted_to(paper, "Before midnight") == 0
    paper.time.pass_(minutes=1)
    assert await alerted_to(paper, "After midnight") == 1


async def test_an_alert_that_waits_for_the_end_of_quiet_hours_counts_for_that_day(
    paper: Paper,
) -> None:
    quiet = {"quiet_from": 22 * 60, "quiet_to": 7 * 60, "zone": "Europe/Rome"}
    await with_alerts(paper, 1, 1, next_at=paper.time.now + timedelta(days=3), **quiet)
    paper.time.pass_(hours=15)  # 23:00
    assert await alerted_to(paper, "At night") == 1
    assert await alerted_to(paper, "At night too") == 0
    paper.time.pass_(hours=10)  # 09:00
    await paper.sender.drain()
    assert len(paper.outbox.to(1)) == 1
    assert await alerted_to(paper, "The day after") == 0


async def weighed(paper: Paper, weight: float | None, *categories: str, title: str = "News") -> int:
    """Store an article with a weight, and return its id."""
    id_ = await paper.article(title, *categories, source=f"The {weight} {title} Gazette")
    await paper.db.execute(update(articles).where(articles.c.id == id_).values(weight=weight))
    return id_


async def alerted(paper: Paper, article_id: int) -> list[int]:
    """Plan the alerts of an article, and return the chats that get one."""
    before = len(paper.outbox.sent)
    await paper.alerts.plan([article_id], paper.time.now)
    await paper.sender.drain()
    return sorted(each.chat_id for each in paper.outbox.sent[before:])


async def three_readers(paper: Paper) -> None:
    """Create readers with alerts for Gucci, for its large news only, and for a keyword."""
    for chat_id in (1, 2):
        reader = await paper.reader(chat_id, "gucci", minute=20 * 60, alerts_a_day=20)
        await paper.subscribers.follow(reader.id, "gucci", alerts=True)
    await paper.subscribers.set_only_large(reader.id, "gucci", on=True)
    reader = await paper.reader(3, "style", minute=20 * 60, alerts_a_day=20)
    await paper.subscribers.follow_word(reader.id, "garden", alerts=True)


@pytest.mark.parametrize(
    ("weight", "chats"),
    [(0.15, [3]), (0.25, [1, 3]), (1.05, [1, 3]), (None, [1, 3]), (1.15, [1, 2, 3])],
)
async def test_an_alert_for_a_category_has_weight_and_one_for_a_keyword_may_have_none(
    paper: Paper, weight: float | None, chats: list[int]
) -> None:
    await three_readers(paper)
    story = await weighed(paper, weight, "gucci", title="Gucci opens a garden")
    assert await alerted(paper, story) == chats


async def test_an_alert_of_an_editor_comes_whatever_its_story_weighs(paper: Paper) -> None:
    await three_readers(paper)
    story = await weighed(paper, 0.0, "gucci")
    (article,) = await paper.articles.many([story])
    texts = dict.fromkeys(("source", "title", "standfirst", "body_kinds", "event_evidence"), "")
    await paper.db.execute(
        insert(drafts).values(
            **texts,
            link=article.link,
            state=DraftState.PUBLISHED.value,
            version=1,
            created=paper.time.now,
            changed=paper.time.now,
            filings="[]",
            event_source="",
            alert=True,
        )
    )
    assert await alerted(paper, story) == [1, 2]


async def test_a_bell_for_large_news_of_a_house_leaves_that_of_its_section_alone(
    paper: Paper,
) -> None:
    reader = await paper.reader(1, "gucci", "style", minute=20 * 60)
    for slug in ("gucci", "style"):
        await paper.subscribers.follow(reader.id, slug, alerts=True)
    await paper.subscribers.set_only_large(reader.id, "gucci", on=True)
    assert await alerted(paper, await weighed(paper, 1.0, "gucci", title="One")) == []
    assert await alerted(paper, await weighed(paper, 1.0, "gucci", "style", title="Two")) == [1]


async def test_large_news_only_outlives_a_mute_and_an_unfollow_and_ends_when_unset(
    paper: Paper,
) -> None:
    subscribers, reader = paper.subscribers, await paper.reader(1, "gucci", minute=20 * 60)
    before = await paper.subscriber(reader.id)
    for _ in range(2):
        await subscribers.set_only_large(reader.id, "gucci", on=True)
    assert await paper.subscriber(reader.id) == before
    await subscribers.unfollow(reader.id, "gucci")
    await subscribers.follow(reader.id, "gucci", alerts=True)
    assert await subscribers.only_large(reader.id) == {"gucci"}
    for _ in range(2):
        await subscribers.set_only_large(reader.id, "gucci", on=False)
    assert await subscribers.only_large(reader.id) == frozenset()
    assert await alerted(paper, await weighed(paper, 1.0, "gucci")) == [1]
