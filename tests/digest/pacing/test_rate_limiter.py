from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import RetryAfter

from digest.pacing.priorities import ANSWERS_IN_A_ROW, AnswerPriority, Priority
from digest.pacing.rate_limiter import (
    ANSWER_BURST,
    BEHIND,
    CHAT_BURST,
    GROUP_ANSWERS,
    GROUP_MESSAGES,
    RateLimiter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.ledger.deliveries import WaitingRows
    from tests.digest.conftest import Paper


class Seconds:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def pace_of(seconds: Seconds, rate: float = 30) -> RateLimiter:
    return RateLimiter(rate, clock=seconds, sleep=seconds.sleep)


async def send(
    rate_limiter: RateLimiter,
    seconds: Seconds,
    chats: list[int],
    **kw: Any,  # noqa: ANN401
) -> list[float]:
    """Return when each of these messages was let through, if all wait at once."""
    times = [0.0] * len(chats)

    async def one(number: int, chat_id: int) -> None:
        await rate_limiter.acquire(chat_id, kw.get("priority", Priority.EDITION))
        times[number] = seconds.now

    await asyncio.gather(*(one(number, chat) for number, chat in enumerate(chats)))
    return times


async def test_no_second_exceeds_the_rate_over_all_chats(seconds: Seconds) -> None:
    times = await send(pace_of(seconds), seconds, list(range(1, 301)))
    assert 9 <= times[-1] <= 10.1
    for start in times:
        assert sum(start <= each < start + 1 for each in times) <= 30 + 2


async def test_a_high_rate_is_reached(seconds: Seconds) -> None:
    times = await send(pace_of(seconds, 1000), seconds, list(range(1, 5001)))
    assert 4.9 <= times[-1] <= 5.1


async def test_one_chat_gets_a_few_at_once_and_then_one_a_second(seconds: Seconds) -> None:
    times = await send(pace_of(seconds), seconds, [7] * (CHAT_BURST + 3))
    assert times[CHAT_BURST - 1] < 1
    gaps = [b - a for a, b in zip(times[CHAT_BURST:], times[CHAT_BURST + 1 :], strict=False)]
    assert all(gap == pytest.approx(1, abs=0.05) for gap in gaps)


async def test_a_group_gets_no_more_than_twenty_a_minute(seconds: Seconds) -> None:
    times = await send(pace_of(seconds), seconds, [-7] * 50)
    for start in times:
        assert sum(start <= each < start + 59.9 for each in times) <= GROUP_MESSAGES


async def test_a_waiting_chat_delays_no_other(seconds: Seconds) -> None:
    times = await send(pace_of(seconds), seconds, [7] * 20 + list(range(100, 130)))
    assert max(times[20:]) < 3


async def test_a_chat_that_was_just_sent_messages_is_not_passed_by_others_for_ever(
    seconds: Seconds,
) -> None:
    rate_limiter = pace_of(seconds, 10)
    for _ in range(ANSWER_BURST - 1):
        await rate_limiter.acquire(1, Priority.ANSWER)
    turns = Counter(range(2, 42))

    async def asks_again_and_again(chat: int) -> None:
        for _ in range(20):
            await rate_limiter.acquire(chat, Priority.ANSWER)
            turns[chat] += 1

    others = [asyncio.create_task(asks_again_and_again(chat)) for chat in turns]
    await asyncio.sleep(0)
    await rate_limiter.acquire(1, Priority.ANSWER)
    assert max(turns.values()) <= 1 + 3
    await asyncio.gather(*others)


async def test_answers_go_before_alerts_and_alerts_before_editions(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 10)
    order: list[Priority] = []

    async def one(chat_id: int, priority: Priority) -> None:
        await rate_limiter.acquire(chat_id, priority)
        order.append(priority)

    tasks = [asyncio.create_task(one(n, Priority.EDITION)) for n in range(1, 30)]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(one(100 + n, Priority.ALERT)) for n in range(3)]
    tasks += [asyncio.create_task(one(200 + n, Priority.ANSWER)) for n in range(3)]
    await asyncio.gather(*tasks)
    start = order.index(Priority.ANSWER)
    assert start <= 3
    assert order[start : start + 6] == [Priority.ANSWER] * 3 + [Priority.ALERT] * 3


async def test_a_flooded_chat_waits_as_long_as_telegram_asks(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    rate_limiter.flooded(7, 40)
    assert rate_limiter.wait_for(7) == 40
    assert rate_limiter.wait_for(8) == 0
    times = await send(rate_limiter, seconds, [7, 8])
    assert times[0] >= 40
    assert times[1] < 1


async def test_a_flood_slows_the_whole_a_little_and_it_recovers(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    rate_limiter.flooded(7, 5)
    assert 20 < rate_limiter.rate < 30
    seconds.now += 10
    assert rate_limiter.rate == 30


async def test_simultaneous_floods_slow_the_rate_once(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    await send(rate_limiter, seconds, list(range(1, 60)))
    rate_limiter.flooded(1, 5)
    once = rate_limiter.rate
    rate_limiter.flooded(2, 5)
    assert rate_limiter.rate == once


async def test_floods_in_many_chats_make_all_chats_wait(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    for chat_id in range(1, 6):
        await rate_limiter.acquire(chat_id, Priority.EDITION)
    for chat_id in range(1, 6):
        rate_limiter.flooded(chat_id, 20)
    began = seconds.now
    [time] = await send(rate_limiter, seconds, [99], priority=Priority.ANSWER)
    assert time - began >= 20


async def test_other_processes_learn_of_each_flood_once(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    rate_limiter.flooded("@luxe", 40)
    flooded = asyncio.ensure_future(rate_limiter.next_floods())
    await asyncio.sleep(0)
    assert not flooded.done()  # others know no chat by that name
    rate_limiter.flooded(7, 40)
    rate_limiter.flooded(7, 20)
    assert await flooded == {7: 40}
    for chat_id in range(1, 6):
        await rate_limiter.acquire(chat_id, Priority.EDITION)
    for chat_id in range(1, 6):
        rate_limiter.flooded(chat_id, 90)
    assert await rate_limiter.next_floods() == {0: 60, 1: 90, 2: 90, 3: 90, 4: 90, 5: 90}


async def test_the_rate_never_falls_to_nothing(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    for number in range(200):
        seconds.now += 1
        rate_limiter.flooded(number, 1)
    assert rate_limiter.rate >= 3 * 0.9


async def test_a_cancelled_waiter_takes_no_turn(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 1)
    await rate_limiter.acquire(1, Priority.EDITION)
    given_up = asyncio.create_task(rate_limiter.acquire(2, Priority.EDITION))
    patient = asyncio.create_task(rate_limiter.acquire(3, Priority.EDITION))
    await asyncio.sleep(0)
    given_up.cancel()
    await patient
    assert seconds.now < 1.5


async def test_idle_chats_are_dropped_from_memory(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 1e6)
    for chat_id in range(1, 30_001):
        await rate_limiter.acquire(chat_id, Priority.EDITION)
        seconds.now += 0.001
    assert len(rate_limiter._chats) <= 20_000


async def test_an_answer_to_a_tap_and_a_poll_never_wait(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 1)

    async def call() -> bool:
        await asyncio.sleep(0)
        return True

    for _ in range(50):
        for endpoint, data in (
            ("answerCallbackQuery", {"callback_query_id": "1"}),
            ("sendChatAction", {"chat_id": 7}),
            ("getChatMember", {"chat_id": 7}),
        ):
            assert await rate_limiter.process_request(call, (), {}, endpoint, data, None)
    assert seconds.now == 0


async def test_a_request_refused_for_a_flood_is_repeated(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    calls: list[float] = []

    async def call(word: str) -> str:
        await asyncio.sleep(0)
        calls.append(seconds.now)
        if len(calls) < 3:
            raise RetryAfter(10)
        return word

    data = {"chat_id": 7}
    assert (
        await rate_limiter.process_request(call, ("done",), {}, "sendMessage", data, None) == "done"
    )
    assert calls[1] >= 10
    assert calls[2] >= 20


async def test_the_rate_limiter_passes_other_errors_on(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)

    async def call() -> bool:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await rate_limiter.process_request(call, (), {}, "sendMessage", {"chat_id": 7}, None)


async def test_no_request_waits_after_the_shutdown(seconds: Seconds) -> None:
    rate_limiter = RateLimiter(1, clock=seconds, sleep=lambda _: asyncio.Event().wait())
    await rate_limiter.acquire(1, Priority.EDITION)
    waiting = asyncio.create_task(rate_limiter.acquire(2, Priority.EDITION))
    await asyncio.sleep(0)
    await rate_limiter.shutdown()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_editions_get_every_fourth_message_amid_a_flood_of_answers(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 10)
    order: list[Priority] = []

    async def one(chat_id: int, priority: Priority) -> None:
        await rate_limiter.acquire(chat_id, priority)
        order.append(priority)

    answers = [one(n, Priority.ANSWER) for n in range(1, 100)]
    editions = [one(1000 + n, Priority.EDITION) for n in range(10)]
    await asyncio.gather(*answers, *editions)
    last = max(place for place, each in enumerate(order) if each is Priority.EDITION)
    assert last <= (ANSWERS_IN_A_ROW + 1) * len(editions)


async def test_idle_chats_go_before_recently_served_ones(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds, 10)
    order: list[int] = []

    async def one(chat_id: int) -> None:
        await rate_limiter.acquire(chat_id, Priority.ANSWER)
        order.append(chat_id)

    for _ in range(ANSWER_BURST - 1):
        await rate_limiter.acquire(7, Priority.ANSWER)
    waiting = [asyncio.create_task(one(chat)) for chat in (1, 7, 2, 3)]
    await asyncio.gather(*waiting)
    assert order[-1] == 7


async def test_answers_leave_a_chat_room_for_its_edition(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    for _ in range(ANSWER_BURST):
        await rate_limiter.acquire(7, Priority.ANSWER)
    assert rate_limiter.wait_for(7, Priority.ANSWER) > 0
    assert rate_limiter.wait_for(7, Priority.EDITION) == 0
    for _ in range(GROUP_ANSWERS):
        await rate_limiter.acquire(-7, Priority.ANSWER)
    assert rate_limiter.room(-7) == 0
    assert rate_limiter.wait_for(-7, Priority.ANSWER) > 30
    assert rate_limiter.wait_for(-7, Priority.EDITION) < 5
    before = seconds.now
    await rate_limiter.acquire(-7, Priority.EDITION)
    assert seconds.now - before < 5


async def test_a_chats_wait_counts_the_messages_ahead(seconds: Seconds) -> None:
    rate_limiter = pace_of(seconds)
    assert rate_limiter.wait_for(7, Priority.ANSWER, before=ANSWER_BURST - 1) == 0
    assert rate_limiter.wait_for(7, Priority.ANSWER, before=ANSWER_BURST) == pytest.approx(1)
    assert rate_limiter.wait_for(-7, Priority.ANSWER, before=GROUP_ANSWERS) == pytest.approx(60)


async def test_messages_of_other_processes_count_against_a_chats_limits(seconds: Seconds) -> None:
    answering, sending = pace_of(seconds), pace_of(seconds)
    for each in (answering, sending):
        each.use_share(0.5)
    group = -7
    await send(answering, seconds, [group] * ANSWER_BURST, priority=Priority.ANSWER)
    for chat, messages in answering.take_unshared().items():
        sending.count_elsewhere(chat, messages)
    began = seconds.now
    times = await send(sending, seconds, [group] * 3)
    assert [round(each - began) for each in times] == [0, 1, 2]
    assert sending.take_unshared() == {group: 3}
    assert sending.take_unshared() == {}


async def test_the_first_message_of_an_edition_to_a_person_is_not_shared(seconds: Seconds) -> None:
    limiter = pace_of(seconds)
    await send(limiter, seconds, [1], priority=Priority.ANSWER)
    assert not limiter.take_unshared()  # it sends alone
    limiter.use_share(0.5)
    await send(limiter, seconds, [2])
    await send(limiter, seconds, [3, 3, 4], priority=Priority.EDITION)
    assert limiter.take_unshared() == {3: 1}


async def test_editions_follow_the_answers_of_other_processes_after_a_flood(
    seconds: Seconds,
) -> None:
    answering, sending = pace_of(seconds), pace_of(seconds)
    for each in (answering, sending):
        each.use_share(0.5)
    answering.flooded(1, 10.0)
    sending.heed(1, 10.0)
    assert answering.wait_for(1, Priority.ANSWER) == 10.0
    assert sending.wait_for(1) == 10.0 + BEHIND
    sending.use_share(1.0)
    assert sending.wait_for(1) == 10.0


@contextmanager
def answering(answer_priority: AnswerPriority) -> Iterator[None]:
    answer_priority.begin()
    try:
        yield
    finally:
        answer_priority.end()


async def test_editions_wait_while_an_answer_is_made() -> None:
    answer_priority = AnswerPriority(moment=60.0)
    done: list[str] = []

    async def edition() -> None:
        await answer_priority.give()
        done.append("edition")

    with answering(answer_priority):
        waiting = asyncio.create_task(edition())
        for _ in range(5):
            await asyncio.sleep(0)
        done.append("answer")
    await waiting
    assert done == ["answer", "edition"]
    assert answer_priority.is_free


async def test_editions_go_on_after_the_last_of_several_answers() -> None:
    answer_priority = AnswerPriority()
    with answering(answer_priority):
        with answering(answer_priority):
            assert not answer_priority.is_free
        assert not answer_priority.is_free
    assert answer_priority.is_free
    await answer_priority.give()


async def test_constant_answers_delay_editions_only_briefly() -> None:
    now = 0.0
    answer_priority = AnswerPriority(moment=0.1, clock=lambda: now)
    with answering(answer_priority):
        now = 0.2
        await answer_priority.give()
        assert not answer_priority.is_free


async def test_editions_wait_for_an_answer_only_for_a_limited_time() -> None:
    answer_priority = AnswerPriority(moment=0.001)
    with answering(answer_priority):
        await answer_priority.give()
        assert not answer_priority.is_free


async def test_no_rows_are_read_ahead_while_an_answer_is_made(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_priority = AnswerPriority(moment=60.0)
    done: asyncio.Queue[str] = asyncio.Queue()
    peek, give = paper.deliveries.peek, answer_priority.give

    async def noted_peek(*args: Any, **named: Any) -> WaitingRows:  # noqa: ANN401  # whatever it takes
        done.put_nowait("read")
        return await peek(*args, **named)

    async def noted_give() -> None:
        done.put_nowait("stood back")
        await give()

    monkeypatch.setattr(paper.deliveries, "peek", noted_peek)
    monkeypatch.setattr(answer_priority, "give", noted_give)
    sender = paper.new_sender(answer_priority=answer_priority)
    with answering(answer_priority):
        delivering = asyncio.create_task(sender.drain())
        assert await done.get() == "stood back"
        assert done.empty()
    assert await done.get() == "read"
    assert await delivering == 0
