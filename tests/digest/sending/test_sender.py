from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from digest.pacing.priorities import Priority
from digest.pacing.rate_limiter import RateLimiter
from digest.pacing.telegram_errors import CutError
from digest.sending.send_delivery import LATE_CLAIM, StoppedError
from digest.sending.sender import MOST
from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_stats import Ledger
from storage.model import (
    WEEKDAYS,
    ChatKind,
    DeliveryKind,
    DeliveryState,
    Layout,
    Settlement,
    Span,
    State,
)
from tests.digest.conftest import MONDAY, RecordingOutbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.making.request_body import RequestBody
    from storage.db.database import Database
    from tests.digest.conftest import Paper

SENT = DeliveryState.SENT
PLANNED = DeliveryState.PLANNED
SENDING = DeliveryState.SENDING
SKIPPED = DeliveryState.SKIPPED
FAILED = DeliveryState.FAILED


async def test_an_edition_is_sent_once_at_its_hour(paper: Paper) -> None:
    await paper.reader_of("A new engine")
    assert await paper.morning() == 1
    assert await paper.morning() == 0
    assert paper.outbox.to(7) == ["<b>edition</b>\nA new engine"]
    assert await paper.states() == [SENT]


async def test_the_next_edition_has_only_newer_stories(paper: Paper) -> None:
    await paper.reader_of("Monday's")
    await paper.morning()
    paper.time.pass_(hours=23)
    await paper.article("Tuesday's")
    await paper.morning(hours=1)
    assert paper.outbox.to(7)[1:] == ["<b>edition</b>\nTuesday's"]
    assert [row.kind for row in await paper.ledger()] == [DeliveryKind.EDITION] * 2


async def test_a_first_edition_covers_seven_days_at_most(paper: Paper) -> None:
    await paper.article("Too old", age=timedelta(days=8))
    await paper.article("Old", age=timedelta(days=6))
    await paper.article("Fresh", age=timedelta(days=2))
    reader = await paper.reader(7, next_at=None)
    assert await paper.sender.deliver_now(reader, paper.time.now) is SENT
    assert paper.outbox.to(7) == ["<b>edition</b>\nFresh\nOld"]


async def test_a_weekly_reader_gets_the_best_of_all_seven_days(paper: Paper) -> None:
    await paper.reader(7, days=0b1)
    await paper.reader(8)
    await paper.article("Before")
    await paper.morning()
    for day in range(7):
        paper.time.pass_(hours=12)
        story = None
        # Tuesday's news is everybody's until Thursday.
        if day in {1, 2, 3}:
            story = await paper.article("Big", source=f"Paper {day}", story=story)
        await paper.article(f"Of day {day}", source=f"Paper {day}", age=timedelta(hours=3))
        await paper.morning(hours=12)
    weekly, daily = (paper.outbox.to(chat_id)[1:] for chat_id in (7, 8))
    assert len(weekly) == 1
    assert {f"Of day {day}" for day in range(7)} <= set(weekly[0].splitlines())
    assert "Before" not in weekly[0]
    assert [len(text.splitlines()) for text in daily] == [2, 3, 3, 3, 2, 2, 2]
    [edition] = [each[0] for each in paper.renderer.asked if each[0].span is Span.WEEK]
    assert edition.since == paper.time.now - timedelta(days=7)


async def test_mondays_edition_of_a_weekday_reader_covers_the_weekend(paper: Paper) -> None:
    paper.time.pass_(days=4)  # a Friday
    await paper.reader(7, days=WEEKDAYS)
    await paper.article("For Friday")
    await paper.morning()
    # Published on Friday morning, and brought by its source when the edition had gone.
    paper.time.pass_(minutes=30)
    await paper.article("Friday's", age=timedelta(hours=3))
    for day in ("Saturday's", "Sunday's"):
        paper.time.pass_(days=1)
        await paper.article(day)
    await paper.morning()
    assert len(paper.outbox.sent) == 1
    paper.time.now = MONDAY + timedelta(days=7)
    await paper.morning()
    assert set(paper.outbox.to(7)[1].splitlines()[1:]) == {"Friday's", "Saturday's", "Sunday's"}


async def test_a_lost_editions_period_and_articles_go_to_the_next(paper: Paper) -> None:
    reader = await paper.reader(7, days=0b1)
    await paper.article("Read")
    await paper.morning()
    for days in range(7):
        await paper.article(f"Of day {days}", source=f"Paper {days}")
        paper.time.pass_(days=1)
    paper.outbox.fail(BadRequest("message text is empty"), BadRequest("message text is empty"))
    await paper.morning()
    assert (await paper.states())[-1] is FAILED
    after = await paper.subscriber(reader.id)
    assert after.edition_at == MONDAY
    paper.time.pass_(hours=1)
    assert await paper.sender.deliver_now(after, paper.time.now) is SENT
    assert {f"Of day {days}" for days in range(7)} <= set(paper.outbox.to(7)[1].splitlines())


async def test_the_next_edition_begins_where_a_waiting_one_began(paper: Paper) -> None:
    await paper.reader(7, days=0b11)
    await paper.article("Read")
    await paper.morning()
    await paper.article("Tuesday's", age=timedelta(hours=1))
    for days in (1, 6):
        paper.time.pass_(days=days)
        await paper.planner.plan_due(paper.time.now)
    [_, waited, last] = await paper.ledger()
    assert (waited.since, last.since) == (MONDAY, MONDAY)
    await paper.sender.drain()
    assert paper.outbox.to(7)[1:] == ["<b>catch-up</b>\nTuesday's"]


async def test_silent_and_loud_readers_share_one_rendered_text(paper: Paper) -> None:
    await paper.reader(7, silent=True)
    await paper.reader(8, silent_alerts=True)
    await paper.reader(9)
    for chat_id in (7, 8, 9):
        found = await paper.of_chat(chat_id)
        await paper.subscribers.follow(found.id, "style", alerts=True)
    alerted = await paper.article("At once", "style")
    await paper.alerts.plan([alerted], paper.time.now)
    await paper.sender.drain()
    await paper.article("In the morning")
    await paper.morning()
    heard = {
        (message.chat_id, message.text.split(">")[1].split("<")[0]): message.fields.get(
            "disable_notification"
        )
        for message in paper.outbox.sent
    }
    assert heard == {
        (7, "alert"): None,
        (8, "alert"): "true",
        (9, "alert"): None,
        (7, "edition"): "true",
        (8, "edition"): None,
        (9, "edition"): None,
    }
    assert len({id(edition) for edition, *_ in paper.renderer.asked}) == 1


async def test_an_edition_of_several_messages_makes_one_sound(paper: Paper) -> None:
    paper.renderer.per_part = 1
    await paper.reader(7)
    for number in range(3):
        await paper.article(f"Story {number}", source=f"Paper {number}")
    await paper.morning()
    sounds = [message.fields.get("disable_notification") for message in paper.outbox.sent]
    assert sounds == [None, "true", "true"]


async def test_asking_twice_for_a_digest_sends_one_edition(paper: Paper) -> None:
    reader = await paper.reader_of("Once")
    assert await paper.sender.deliver_now(reader, paper.time.now) is SENT
    paper.time.pass_(seconds=1)
    assert await paper.sender.deliver_now(reader, paper.time.now) is SKIPPED
    assert len(paper.outbox.sent) == 1


async def test_a_scheduled_edition_leaves_out_what_was_asked_for_before(paper: Paper) -> None:
    await paper.article("Asked for")
    reader = await paper.reader(7, minute=9 * 60)
    await paper.sender.deliver_now(reader, paper.time.now)
    await paper.article("Since")
    await paper.morning(hours=1)
    assert paper.outbox.to(7) == ["<b>edition</b>\nAsked for", "<b>edition</b>\nSince"]


async def test_a_day_without_news_sends_nothing(paper: Paper) -> None:
    await paper.reader(7)
    await paper.morning()
    assert paper.outbox.sent == []
    assert await paper.states() == [SKIPPED]


async def test_a_day_without_news_sends_a_line_to_readers_who_want_it(paper: Paper) -> None:
    reader = await paper.reader(7, empty_note=True)
    await paper.morning()
    assert paper.outbox.to(7) == ["<b>edition</b>: nothing".replace("<b>", "").replace("</b>", "")]
    paper.time.pass_(minutes=1)
    assert await paper.sender.deliver_now(reader, paper.time.now) is SKIPPED
    assert len(paper.outbox.sent) == 1


async def test_a_forum_topic_keeps_its_thread(paper: Paper) -> None:
    await paper.article("For the topic")
    await paper.reader(-100, thread_id=44, kind=ChatKind.TOPIC)
    await paper.morning()
    assert [(m.chat_id, m.thread_id) for m in paper.outbox.sent] == [(-100, 44)]


async def test_readers_of_one_taste_share_one_rendered_edition(paper: Paper) -> None:
    await paper.article("Shared", image="https://gazette.example/i.jpg")
    await paper.crowd(*range(1, 21))
    await paper.reader(21, layout=Layout.HEADLINES)
    await paper.reader(22, language="it")
    await paper.morning()
    assert len(paper.outbox.sent) == 22
    assert len(paper.renderer.asked) == 3
    assert (
        '"url":"https://gazette.example/i.jpg"'
        in paper.outbox.sent[0].fields["link_preview_options"]
    )


async def test_a_delayed_edition_is_sent_when_its_wait_is_over(paper: Paper) -> None:
    await paper.reader_of("Patience")
    await paper.reader(8)
    paper.outbox.fail(RetryAfter(30), chat_id=7)
    await paper.morning()
    assert paper.outbox.to(7) == []
    assert len(paper.outbox.to(8)) == 1
    assert sorted(await paper.states()) == [PLANNED, SENT]
    await paper.drain(seconds=29)
    assert paper.outbox.asked == 2
    await paper.drain(seconds=2)
    assert len(paper.outbox.to(7)) == 1
    assert await paper.states() == [SENT, SENT]


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("Forbidden: bot was blocked by the user"),
        Forbidden("Forbidden: user is deactivated"),
        Forbidden("Forbidden: bot was kicked from the supergroup chat"),
        Forbidden("Forbidden: bot is not a member of the channel chat"),
        Forbidden("Forbidden: the group chat was deleted"),
        Forbidden("Forbidden: bot can't initiate conversation with a user"),
        BadRequest("Chat not found"),
        BadRequest("Have no write access to the chat"),
        BadRequest("Need administrator rights in the channel chat"),
    ],
    ids=str,
)
async def test_a_chat_that_blocked_the_bot_is_left_alone_and_keeps_its_settings(
    paper: Paper, error: Exception
) -> None:
    reader = await paper.reader_of("Unwelcome")
    paper.outbox.fail(error)
    await paper.morning()
    assert await paper.states() == [FAILED]
    kept = await paper.subscriber(reader.id)
    assert (kept.state, kept.next_at, kept.taste) == (State.GONE, None, reader.taste)
    assert await paper.morning(days=1) == 0


async def test_a_returning_reader_gets_the_undelivered_stories(paper: Paper) -> None:
    reader = await paper.reader_of("Missed")
    paper.outbox.fail(Forbidden("Forbidden: bot was blocked by the user"))
    await paper.morning()
    await paper.reader(7)
    paper.time.pass_(hours=5)
    await paper.sender.deliver_now(reader, paper.time.now)
    assert paper.outbox.to(7) == ["<b>edition</b>\nMissed"]


async def test_a_closed_topic_stops_only_its_own_editions(paper: Paper) -> None:
    await paper.article("Topical")
    for thread_id in (4, 5):
        await paper.reader(-100, thread_id=thread_id, kind=ChatKind.TOPIC)
    paper.outbox.fail(BadRequest("Message thread not found"), chat_id=-100)
    await paper.morning()
    # Either may be written to first: the database names no order of those who are due together.
    states = {row.subscriber_id: row.state for row in await paper.ledger()}
    assert sorted(states.values()) == [FAILED, SENT]
    for subscriber_id, state in states.items():
        after = await paper.subscriber(subscriber_id)
        assert after.state is (State.GONE if state is FAILED else State.ACTIVE)


async def test_private_chats_and_groups_get_separately_rendered_editions(paper: Paper) -> None:
    """Some pictures are allowed in private chats only."""
    await paper.article("On a boat")
    for chat in (1, 2):
        await paper.reader(chat)
        await paper.reader(-chat, kind=ChatKind.GROUP)
    await paper.morning()
    assert sorted(paper.renderer.private) == [False, True]


async def test_a_group_that_moved_gets_its_edition_under_its_new_id(paper: Paper) -> None:
    await paper.article("On the move")
    await paper.reader(-5, kind=ChatKind.GROUP)
    paper.outbox.fail(ChatMigrated(-1005), chat_id=-5)
    await paper.morning()
    assert len(paper.outbox.to(-1005)) == 1
    assert await paper.states() == [SENT]
    assert await paper.subscribers.find(-1005) is not None
    assert await paper.subscribers.find(-5) is None


@pytest.mark.parametrize(
    "words", ["Can't parse entities: unexpected end tag", "Message is too long"]
)
async def test_refused_markup_is_sent_again_as_plain_text(
    paper: Paper, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = await paper.article("Hostile")
    await paper.reader(7)
    paper.outbox.fail(BadRequest(words))
    with caplog.at_level(logging.ERROR):
        await paper.morning()
    assert paper.outbox.to(7) == ["edition\nHostile"]
    assert "parse_mode" not in paper.outbox.sent[0].fields
    assert await paper.states() == [SENT]
    assert f"[{id_}]" in caplog.text


async def test_an_edition_fails_if_plain_text_is_refused_too(paper: Paper) -> None:
    await paper.reader_of("Hopeless")
    paper.outbox.fail(BadRequest("Something new"), BadRequest("Something new"))
    await paper.morning()
    assert await paper.states() == [FAILED]
    assert await paper.error(7) == "refused"
    assert paper.outbox.asked == 2


async def test_a_request_that_timed_out_is_sent_once_more(paper: Paper) -> None:
    await paper.reader_of("Perhaps")
    paper.outbox.fail(TimedOut())
    await paper.morning()
    [row] = await paper.ledger()
    assert (row.state, row.attempts) == (PLANNED, 1)
    await paper.drain(seconds=5)
    assert await paper.states() == [SENT]


async def test_after_two_time_outs_a_delivery_ends_as_unconfirmed(paper: Paper) -> None:
    await paper.reader_of("Perhaps")
    paper.outbox.fail(TimedOut(), TimedOut())
    await paper.morning()
    await paper.drain(seconds=5)
    [row] = await paper.ledger()
    assert (row.state, row.attempts) == (FAILED, 2)
    day = await Ledger(paper.db).day(MONDAY, MONDAY + timedelta(days=1))
    assert day.errors == {("unconfirmed", FAILED): 1}


async def test_a_proxy_that_cuts_responses_causes_few_copies_across_restarts(paper: Paper) -> None:
    await paper.reader_of("Again and again")
    paper.outbox.fail(*[CutError("the connection was cut")] * 50)
    await paper.morning()
    for _ in range(20):
        paper.time.pass_(hours=1)
        await paper.new_sender().drain()
    [row] = await paper.ledger()
    assert (row.state, row.attempts) == (FAILED, 6)
    assert paper.outbox.asked == 6
    assert await paper.error(7) == "unconfirmed"


async def test_an_unknown_token_stops_the_sender(paper: Paper) -> None:
    await paper.reader_of("Nobody's")
    paper.outbox.fail(InvalidToken())
    await paper.planner.plan_due(paper.time.now)
    with pytest.raises(StoppedError, match="TELEGRAM_BOT_TOKEN"):
        await paper.sender.run(asyncio.Event())
    assert await paper.states() == [PLANNED]


async def test_an_unknown_error_fails_the_row_and_no_other(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    await paper.reader_of("Two readers")
    await paper.reader(8)
    paper.outbox.fail(RuntimeError("a defect"), chat_id=7)
    with caplog.at_level(logging.CRITICAL + 1):
        await paper.morning()
    assert sorted(await paper.states()) == [FAILED, SENT]
    assert await paper.error(7) == "RuntimeError"


async def test_an_unrenderable_edition_blocks_no_other(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    await paper.article("Poison", "style")
    # As many as a first edition needs not to be topped up with the other.
    for number in range(5):
        await paper.article(f"Fine {number}", "motor", source=f"Paper {number}")
    paper.renderer.broken_by = "Poison"
    await paper.reader(7, "style")
    await paper.reader(8, "motor")
    with caplog.at_level(logging.CRITICAL + 1):
        await paper.morning()
    assert sorted(await paper.states()) == [FAILED, SENT]
    assert len(paper.outbox.to(8)) == 1


async def test_pauses_grow_while_telegram_is_unreachable(paper: Paper) -> None:
    await paper.article("Unreachable")
    for chat_id in range(1, 6):
        await paper.reader(chat_id)
    paper.outbox.fail(*[NetworkError("cut")] * 8)
    await paper.morning()
    assert paper.outbox.asked == 5
    asked = []
    for _ in range(20):
        await paper.drain(seconds=1)
        asked.append(paper.outbox.asked)
    # One row tries at a time, after longer and longer; when it gets through, all follow.
    assert asked == [6, 6, 7, 7, 7, 7, *[8] * 8, *[13] * 6]
    assert await paper.states() == [SENT] * 5
    assert all(len(paper.outbox.to(chat_id)) == 1 for chat_id in range(1, 6))


async def test_an_outage_is_logged_once_a_pause(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    await paper.article("Unreachable")
    for chat_id in range(1, 6):
        await paper.reader(chat_id)
    paper.outbox.fail(*[NetworkError("No route to host")] * 6)
    await paper.morning()
    await paper.drain(seconds=1)
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 2
    assert all("cannot be reached (No route to host)" in warning for warning in warnings)


async def test_one_unreachable_chat_delays_no_other(paper: Paper) -> None:
    await paper.article("For all but one")
    await paper.crowd(*range(1, 31))
    paper.outbox.fail(*[NetworkError("Internal Server Error")] * 50, chat_id=3)
    await paper.morning()
    assert sorted(await paper.states()) == [PLANNED] + [SENT] * 29


async def test_after_an_outage_todays_edition_is_sent_unchanged(paper: Paper) -> None:
    await paper.reader_of("Today's")
    paper.outbox.fail(*[NetworkError("cut")])
    await paper.morning()
    await paper.drain(hours=9)
    assert paper.outbox.to(7) == ["<b>edition</b>\nToday's"]


async def test_an_outage_over_night_leads_to_one_complete_catch_up(paper: Paper) -> None:
    await paper.reader_of("Monday's")
    paper.outbox.fail(*[NetworkError("cut")])
    await paper.morning()
    paper.time.pass_(hours=20)
    await paper.article("In the night")
    await paper.morning()
    assert paper.outbox.sent == []  # the next one is near
    paper.time.pass_(hours=4)
    await paper.article("Tuesday's")
    await paper.morning()
    assert len(paper.outbox.sent) == 1
    assert set(paper.outbox.to(7)[0].splitlines()) == {
        "<b>catch-up</b>",
        "Monday's",
        "In the night",
        "Tuesday's",
    }


async def test_a_waiting_edition_is_merged_into_the_next(paper: Paper) -> None:
    await paper.reader_of("Monday's")
    paper.outbox.fail(RetryAfter(24 * 3600 - 10))
    await paper.morning()
    paper.time.pass_(days=1)
    await paper.article("Tuesday's")
    await paper.morning()
    assert set(paper.outbox.to(7)[0].splitlines()) == {
        "<b>catch-up</b>",
        "Monday's",
        "Tuesday's",
    }
    assert await paper.states() == [SKIPPED, SENT]
    assert await paper.error(7) == "merged"


async def test_after_days_of_downtime_there_is_one_catch_up(paper: Paper) -> None:
    await paper.article("Old", age=timedelta(days=1))
    await paper.reader(7)
    paper.time.pass_(days=5)
    await paper.article("New")
    assert await paper.morning() == 1
    # It is the reader's first, too.
    assert paper.outbox.to(7) == ["<b>catch-up</b>\nNew\nOld"]
    paper.time.pass_(days=1)
    await paper.article("Next")
    await paper.morning()
    assert paper.outbox.to(7)[1:] == ["<b>edition</b>\nNext"]


async def test_a_reader_who_stopped_after_planning_gets_nothing(paper: Paper) -> None:
    reader = await paper.reader_of("Too late")
    await paper.planner.plan_due(paper.time.now)
    await paper.subscribers.change(reader.id, state=State.STOPPED, next_at=None)
    await paper.sender.drain()
    assert paper.outbox.sent == []
    assert await paper.states() == [SKIPPED]


async def test_an_edition_of_several_messages_resumes_where_it_was(paper: Paper) -> None:
    for number in range(6):
        await paper.article(f"Story {number}", source=f"Source {number}")
    paper.renderer.per_part = 2
    await paper.reader(7)
    paper.outbox.fail(None, None, RetryAfter(30))
    await paper.morning()
    [row] = await paper.ledger()
    assert (row.state, row.part) == (PLANNED, 2)
    paper.time.pass_(seconds=60)
    # Another process, which has rendered nothing yet.
    await paper.new_sender().drain()
    lines = [line for text in paper.outbox.to(7) for line in text.splitlines()]
    assert sorted(lines) == ["<b>edition</b>", *(f"Story {number}" for number in range(6))]
    [row] = await paper.ledger()
    assert (row.state, row.part) == (SENT, 3)
    assert await paper.deliveries.messages(row.id) == (1001, 1002, 1003)


async def test_deliveries_in_flight_at_a_crash_are_sent_once_more(paper: Paper) -> None:
    await paper.reader_of("Ambiguous")
    await paper.planner.plan_due(paper.time.now)
    [row] = await paper.ledger()
    await paper.deliveries.commit(claim=[row.id], now=paper.time.now)
    await paper.sender.drain()
    assert paper.outbox.sent == []
    assert await paper.deliveries.recover() == 1
    await paper.sender.drain()
    [row] = await paper.ledger()
    assert (row.state, row.attempts) == (SENT, 1)
    assert len(paper.outbox.sent) == 1


async def test_a_stop_settles_what_is_in_flight_and_leaves_the_rest_planned(paper: Paper) -> None:
    await paper.article("Shutting down")
    await paper.crowd(*range(1, 41))
    await paper.planner.plan_due(paper.time.now)
    paper.outbox.slow = asyncio.Event()
    stop = asyncio.Event()
    running = asyncio.create_task(paper.new_sender(in_flight=10).run(stop))
    await paper.outbox.at_least(10)
    stop.set()
    await asyncio.sleep(0)
    paper.outbox.slow.set()
    await running
    states = await paper.states()
    assert states.count(SENT) == 10
    assert states.count(PLANNED) == 30


async def test_a_stop_has_a_time_limit_and_the_next_start_continues(paper: Paper) -> None:
    await paper.article("Hanging")
    for chat_id in range(1, 6):
        await paper.reader(chat_id)
    await paper.planner.plan_due(paper.time.now)
    paper.outbox.slow = asyncio.Event()
    stop = asyncio.Event()
    running = asyncio.create_task(paper.new_sender(in_flight=3, last_words=0).run(stop))
    await paper.outbox.at_least(3)
    stop.set()
    await running
    assert (await paper.states()).count(SENDING) == 3
    paper.outbox.slow.set()
    assert await paper.deliveries.recover() == 3
    await paper.new_sender().drain()
    assert await paper.states() == [SENT] * 5


async def test_the_number_of_deliveries_in_flight_is_limited(paper: Paper) -> None:
    await paper.article("Crowded")
    await paper.crowd(*range(1, 41))
    await paper.planner.plan_due(paper.time.now)
    await paper.new_sender(in_flight=7).drain()
    assert paper.outbox.most_at_once <= 7
    assert await paper.states() == [SENT] * 40


async def test_a_kick_wakes_the_sender(paper: Paper) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(paper.sender.run(stop))
    await paper.reader_of("Woken")
    await paper.planner.plan_due(paper.time.now)
    paper.sender.kick()
    await paper.outbox.at_least(1)
    stop.set()
    await running
    assert await paper.states() == [SENT]


async def test_a_group_at_its_limit_waits_in_the_ledger(paper: Paper) -> None:
    await paper.article("One too many")
    await paper.reader(-9, kind=ChatKind.GROUP)
    for _ in range(20):
        await paper.rate_limiter.acquire(-9, Priority.EDITION)
    await paper.morning()
    assert await paper.states() == [PLANNED]
    await paper.drain(seconds=61)
    assert await paper.states() == [SENT]


async def test_deliveries_held_up_by_the_database_keep_the_pace(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    per_second = 10
    paper.rate_limiter = RateLimiter(per_second, clock=paper.time.seconds, sleep=paper.time.sleep)
    sender = paper.new_sender()
    await paper.article("In good order")
    await paper.crowd(*range(1, 41))
    await paper.planner.plan_due(paper.time.now)
    commit, send = paper.deliveries.commit, paper.outbox.send
    held: list[bool] = []
    left: list[float] = []

    async def slowly(**entries: Any) -> frozenset[int]:  # noqa: ANN401 - as it was asked
        if not held:
            held.append(True)
            until = paper.time.seconds() + 2.5
            while paper.time.seconds() < until:  # noqa: ASYNC110 - passes as others wait
                await asyncio.sleep(0)
        return await commit(**entries)

    async def seen(*message: Any) -> int:  # noqa: ANN401 - as above
        left.append(paper.time.seconds())
        return await send(*message)

    monkeypatch.setattr(paper.deliveries, "commit", slowly)
    monkeypatch.setattr(paper.outbox, "send", seen)
    await sender.drain()
    assert await paper.states() == [SENT] * 40
    within = max(sum(since <= moment < since + 1 for moment in left) for since in left)
    assert within <= per_second * (1 + LATE_CLAIM.total_seconds()) + 1


async def test_a_row_settled_by_another_process_is_not_sent(paper: Paper) -> None:
    await paper.reader_of("Taken")
    await paper.planner.plan_due(paper.time.now)
    [row] = await paper.ledger()
    peeked = await paper.deliveries.peek(paper.time.now, limit=10)
    assert [each.id for each in peeked] == [row.id]
    await paper.deliveries.commit(settle=[Settlement(row.id, SKIPPED)], now=paper.time.now)
    await paper.sender.drain()
    assert paper.outbox.sent == []


class InterruptedOutbox(RecordingOutbox):
    """An outbox that runs an action after a number of messages, while the others wait."""

    def __init__(self, after: int, happening: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._after = after
        self._happening = happening
        self._over = asyncio.Event()
        self._over.set()

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        await self._over.wait()
        number = await super().send(chat_id, thread_id, payload)
        if len(self.sent) == self._after:
            self._over.clear()
            await self._happening()
            self._over.set()
        return number


CROWD = 600
SLOW = 20
"""A rate in messages a second at which the crowd takes half a minute."""


async def test_an_alert_does_not_wait_for_a_fan_out(paper: Paper) -> None:

    async def it_burns() -> None:
        id_ = await paper.article("It burns", "style")
        assert await paper.alerts.plan([id_], paper.time.now) == 1
        sender.kick()

    await paper.article("The edition")
    await paper.crowd(*range(1, CROWD + 1))
    alerted = await paper.reader(CROWD + 1, "style", minute=20 * 60)
    await paper.subscribers.follow(alerted.id, "style", alerts=True)
    await paper.planner.plan_due(paper.time.now)
    outbox = InterruptedOutbox(after=100, happening=it_burns)
    rate_limiter = RateLimiter(SLOW, clock=paper.time.seconds, sleep=paper.time.sleep)
    sender = paper.new_sender(outbox=outbox, rate_limiter=rate_limiter)
    await sender.drain()
    chats = [message.chat_id for message in outbox.sent]
    assert len(chats) == CROWD + 1
    # After what was read ahead and is in progress, and long before the others.
    assert 100 <= chats.index(CROWD + 1) < 100 + 128 + MOST


async def test_a_flooded_chat_waits_only_its_own_time(paper: Paper) -> None:
    await paper.article("The edition")
    await paper.crowd(*range(1, CROWD + 1))
    await paper.planner.plan_due(paper.time.now)
    paper.outbox.fail(RetryAfter(5), chat_id=1)
    rate_limiter = RateLimiter(SLOW, clock=paper.time.seconds, sleep=paper.time.sleep)
    await paper.new_sender(rate_limiter=rate_limiter).drain()
    chats = [message.chat_id for message in paper.outbox.sent]
    assert sorted(chats) == list(range(1, CROWD + 1))
    assert 5 * SLOW / 2 < chats.index(1) < 5 * SLOW + 128 + 64


class HeldSettlements(Deliveries):
    """Claims rows at once, and settles them when it is let."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.let = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def commit(self, **what: Any) -> frozenset[int]:  # noqa: ANN401 - what `commit` takes
        if what["settle"]:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await self.let.wait()
            self.at_once -= 1
        return await super().commit(**what)


async def test_other_rows_are_sent_while_settlements_wait_for_the_database(paper: Paper) -> None:
    await paper.article("The edition")
    await paper.crowd(*range(1, 151))
    await paper.planner.plan_due(paper.time.now)
    paper.deliveries = held = HeldSettlements(paper.db)
    rate_limiter = RateLimiter(SLOW, clock=paper.time.seconds, sleep=paper.time.sleep)
    sender = paper.new_sender(rate_limiter=rate_limiter, transactions=3)

    draining = asyncio.create_task(sender.drain())
    await paper.outbox.at_least(150)
    assert held.most_at_once == 3
    held.let.set()

    assert await draining == 150
