"""Which update starts when, without a clock and without Telegram. One person's updates in a chat
are answered in order; nobody else waits for them, over HTTP.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from digest.pacing.priorities import Standing
from handlers.updates.lanes import (
    CHAT_BEGUN,
    CHAT_WAITING,
    CROWDED,
    FULL,
    INLINE_OF,
    INLINE_WAITING,
    MOST_BEGUN,
    PERSON_WAITING,
    PLACES,
    PLACES_OF,
    UNKNOWN_WAITING,
    ArrivalOutcome,
    Lanes,
)
from handlers.updates.update_kinds import Item
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.faults import Fault
    from playground.people.people import Person
    from playground.people.seen import Message
    from tests.handlers.conftest import Bureau

STRANGER, NEW, OPERATOR = Standing.STRANGER, Standing.NEW, Standing.OPERATOR


class Rig:
    """Lanes whose limits and time the test controls."""

    def __init__(self) -> None:
        self.begun: list[Item] = []
        self.pauses: dict[int, float] = {}
        self.later: list[Callable[[], None]] = []
        self.lanes = Lanes(self.begun.append, self._wait_for, self._call_later)

    def _wait_for(self, chat: int, before: int) -> float:
        del before
        return self.pauses.get(chat, 0.0)

    def _call_later(self, seconds: float, call: Callable[[], None]) -> None:
        del seconds
        self.later.append(call)

    def arrive(self, chat: int | None, person: int, wish: object = None, **more: Any) -> Item:  # noqa: ANN401  # an item's
        item = Item(chat, person, wish, **more)
        self.arrival = self.lanes.arrive(item)
        if self.outcome() is ArrivalOutcome.BEGUN:
            self.begun.append(item)
        return item

    def fate(self, *item: Any, **more: Any) -> ArrivalOutcome:  # noqa: ANN401  # an item's
        """Let an update arrive; return what comes of it."""
        self.arrive(*item, **more)
        return self.outcome()

    def outcome(self) -> ArrivalOutcome:
        """The fate of the last update that arrived."""
        return self.arrival.outcome

    def time_passes(self) -> None:
        calls, self.later = self.later, []
        for call in calls:
            call()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_busy_chat_does_not_delay_another(rig: Rig) -> None:
    members = [rig.arrive(-1, 1 + number) for number in range(CHAT_BEGUN + 3)]
    assert rig.begun == members[:CHAT_BEGUN]
    other = rig.arrive(2, 2)
    assert rig.begun[-1] is other


def test_waiting_updates_start_in_order(rig: Rig) -> None:
    members = [rig.arrive(-1, 1 + number) for number in range(CHAT_BEGUN + 4)]
    for item in members[:4]:
        rig.lanes.finish(item)
    assert rig.begun == members


def test_one_persons_updates_in_a_chat_start_one_after_another(rig: Rig) -> None:
    tap = rig.arrive(-1, 1, "tap", silent=True, number=1)
    command = rig.arrive(-1, 1, "latest", number=3)
    other = rig.arrive(-1, 2, "their latest", number=4)
    elsewhere = rig.arrive(1, 1, "latest", number=5)
    late = rig.arrive(-1, 1, "search", number=2)  # it came over another connection
    assert rig.begun == [tap, other, elsewhere]
    rig.lanes.finish(tap)
    assert rig.begun[3:] == [late]
    rig.lanes.finish(late)
    assert rig.begun[4:] == [command]


def test_an_update_that_waits_for_others_too_long_lets_its_persons_next_pass(rig: Rig) -> None:
    page, command = rig.arrive(1, 1, "a page", number=1), rig.arrive(1, 1, "latest", number=2)
    rig.lanes.let_pass(page)
    assert rig.begun == [page, command]
    after = rig.arrive(1, 1, "help", number=3)
    rig.lanes.finish(page)
    assert rig.begun == [page, command]
    rig.lanes.finish(command)
    assert rig.begun == [page, command, after]


def test_what_waits_for_telegrams_limits_holds_a_choice_up_for_a_moment(rig: Rig) -> None:
    rig.pauses[1] = 40.0
    rig.arrive(1, 1, "latest", number=1)
    rig.arrive(1, 1, "help", number=2)
    tap = rig.arrive(1, 1, "tap", silent=True, number=3)
    assert rig.begun == []
    rig.time_passes()
    assert rig.begun == [tap]


def test_nobody_waits_for_an_earlier_update_of_another_standing_forever(rig: Rig) -> None:
    strangers = [rig.arrive(n, n, standing=STRANGER) for n in range(10, 10 + PLACES_OF[STRANGER])]
    before = rig.arrive(1, 1, "start", standing=STRANGER, number=1)
    let_in = rig.arrive(1, 1, "latest", number=2)
    assert rig.begun == strangers
    rig.lanes.finish(strangers[0])
    rig.lanes.finish(before)
    assert rig.begun == [*strangers, before, let_in]


def test_a_newer_identical_update_replaces_the_waiting_one(rig: Rig) -> None:
    first = rig.arrive(1, 1, "first")
    old = rig.arrive(1, 1, "latest")
    new = rig.arrive(1, 1, "latest")
    assert rig.arrival == (ArrivalOutcome.WAITS, old)
    between = rig.arrive(1, 1, "help")
    newest = rig.arrive(1, 1, "latest")
    assert rig.arrival == (ArrivalOutcome.WAITS, new)
    for item in (first, between, newest):
        rig.lanes.finish(item)
    assert rig.begun == [first, between, newest]


def test_a_members_list_is_not_put_behind_what_another_asked_before(rig: Rig) -> None:
    first = [rig.arrive(-1, n) for n in range(10, 10 + CHAT_BEGUN)]
    waiting = [rig.arrive(-1, 1, "latest"), rig.arrive(-1, 2, "help"), rig.arrive(-1, 2, "latest")]
    assert rig.arrival == (ArrivalOutcome.WAITS, None)
    for item in [*first, *waiting]:
        rig.lanes.finish(item)
    assert rig.begun == [*first, *waiting]


def test_the_newest_update_is_dropped_if_too_many_wait(rig: Rig) -> None:
    for number in range(1 + PERSON_WAITING):
        assert rig.fate(1, 1, number) is not ArrivalOutcome.DROPPED
    assert rig.fate(1, 1, "one more") is ArrivalOutcome.DROPPED
    assert rig.fate(1, 1, "shut out", needed=True) is ArrivalOutcome.WAITS


def test_one_member_does_not_fill_a_groups_lane(rig: Rig) -> None:
    for number in range(50):
        rig.arrive(-1, 1, number)
    assert rig.outcome() is ArrivalOutcome.DROPPED
    assert rig.fate(-1, 2, "other") is ArrivalOutcome.BEGUN
    for number in range(50):
        rig.arrive(-1, 100 + number)
    assert rig.outcome() is ArrivalOutcome.DROPPED
    assert rig.lanes.begun_or_waiting(-1) == CHAT_BEGUN + CHAT_WAITING


def test_a_person_busy_elsewhere_does_not_block_other_members(rig: Rig) -> None:
    mine = [rig.arrive(chat, 1) for chat in range(1, CHAT_BEGUN + 1)]
    parked = rig.arrive(-1, 1)
    other = rig.arrive(-1, 2)
    assert rig.begun == [*mine, other]
    rig.lanes.finish(mine[0])
    assert rig.begun[-1] is parked


def test_no_update_starts_before_its_chat_may_get_a_message(rig: Rig) -> None:
    rig.pauses[-1] = 40.0
    waits = rig.arrive(-1, 1, "latest")
    rig.arrive(-1, 1, "latest")
    quiet = rig.arrive(-1, 2, silent=True)
    assert rig.begun == [quiet]
    rig.time_passes()
    assert rig.begun == [quiet]
    rig.pauses.clear()
    rig.time_passes()
    assert len(rig.begun) == 2
    assert waits not in rig.begun  # the newer one of the same wish took its place


def test_waiting_for_telegrams_limits_takes_no_place(rig: Rig) -> None:
    first = [rig.arrive(number, number) for number in range(1, PLACES + 1)]
    rig.arrive(1000, 1000)
    assert len(rig.begun) == PLACES
    rig.lanes.pause(first[0])
    assert len(rig.begun) == PLACES + 1
    rig.lanes.resume(first[0])
    rig.lanes.finish(first[0])
    rig.arrive(1001, 1001)
    assert len(rig.begun) == PLACES + 1


def test_the_number_of_unanswered_updates_is_limited(rig: Rig) -> None:
    for number in range(1, 200):
        item = rig.arrive(number, number)
        if item in rig.begun:
            rig.lanes.pause(item)
    assert len(rig.begun) == MOST_BEGUN


def test_one_inline_query_of_a_person_runs_and_the_newest_waits(rig: Rig) -> None:
    asked = [rig.arrive(None, 1, "inline") for _ in range(100)]
    assert rig.begun == asked[:1]
    rig.lanes.finish(asked[0])
    assert rig.begun == [asked[0], asked[-1]]


def test_inline_queries_take_few_places_and_the_oldest_are_dropped(rig: Rig) -> None:
    asked = [rig.arrive(None, number, "inline") for number in range(INLINE_WAITING + 50)]
    assert rig.begun == asked[: INLINE_OF[Standing.KNOWN]]
    assert rig.arrival == (ArrivalOutcome.WAITS, asked[50 - 1])
    command = rig.arrive(1, 1)
    assert rig.begun[-1] is command
    rig.lanes.finish(asked[0])
    assert rig.begun[-1] is asked[50]


def test_in_a_crowd_each_lane_keeps_one(rig: Rig) -> None:
    for chat in range(1, CROWDED + 1):
        rig.pauses[-chat] = 1.0
        rig.arrive(-chat, chat)
    assert rig.fate(-1, 5000) is ArrivalOutcome.DROPPED
    rig.pauses[-5001] = 1.0
    assert rig.fate(-5001, 5001) is ArrivalOutcome.WAITS
    for chat in range(6000, 6000 + FULL - CROWDED):
        rig.pauses[-chat] = 1.0
        rig.arrive(-chat, chat)
    assert rig.lanes.is_full


def test_finished_chats_leave_nothing_in_memory(rig: Rig) -> None:
    standings = [*Standing]
    for n in range(200):
        standing = standings[n % 3]
        rig.arrive(1 + n % 5, 1 + n % 7, n % 50, standing=standing)
        rig.arrive(None, n % 3, "inline", standing=standing)
    done = 0
    while done < len(rig.begun):
        rig.lanes.finish(rig.begun[done])
        done += 1
    assert rig.lanes.waiting == 0
    assert (rig.lanes._lanes, rig.lanes._people, rig.lanes._inline) == ({}, {}, {})
    for counted in (rig.lanes._busy, rig.lanes._begun, rig.lanes._inline_begun):
        assert set(counted.values()) == {0}
    assert rig.lanes._unknown == 0


def test_closing_the_lanes_returns_waiting_updates_and_starts_no_more(rig: Rig) -> None:
    items = [rig.arrive(-1, 1 + number) for number in range(CHAT_BEGUN + 2)]
    assert rig.lanes.close() == items[CHAT_BEGUN:]
    rig.lanes.finish(items[0])
    rig.arrive(2, 2)
    assert rig.begun == items[:CHAT_BEGUN]


def test_known_people_start_at_once_behind_any_number_of_strangers(rig: Rig) -> None:
    strangers = [rig.arrive(n, n, standing=STRANGER) for n in range(1, UNKNOWN_WAITING)]
    assert rig.begun == strangers[: PLACES_OF[STRANGER]]
    members = [rig.arrive(-n, n, standing=NEW) for n in range(10_001, 10_001 + PLACES)]
    reader = rig.arrive(20_000, 20_000)
    operator = rig.arrive(20_001, 20_001, standing=OPERATOR)
    assert rig.begun[PLACES_OF[STRANGER] :] == [*members[: PLACES_OF[NEW]], reader, operator]


def test_an_operator_starts_at_once_behind_any_number_of_readers(rig: Rig) -> None:
    for n in range(1, PLACES + 100):
        rig.arrive(n, n)
    operator = rig.arrive(20_001, 20_001, standing=OPERATOR)
    assert rig.begun[-1] is operator


def test_strangers_updates_are_limited_and_do_not_stop_fetching(rig: Rig) -> None:
    for n in range(1, UNKNOWN_WAITING + 500):
        rig.arrive(n, n, standing=STRANGER)
    assert rig.outcome() is ArrivalOutcome.DROPPED
    assert rig.lanes.waiting == UNKNOWN_WAITING
    assert not rig.lanes.is_full
    for n in range(1, 100):
        rig.arrive(-n, 10_000 + n, silent=True, needed=True, standing=STRANGER)
    assert rig.outcome() is ArrivalOutcome.DROPPED
    assert rig.fate(-5_000, 1, needed=True, standing=NEW) is not ArrivalOutcome.DROPPED
    for n in range(20_000, 20_000 + PLACES + CROWDED):
        assert rig.fate(n, n) is not ArrivalOutcome.DROPPED


def test_updates_that_must_not_be_dropped_are_limited_too(rig: Rig) -> None:
    for n in range(1, 3 * UNKNOWN_WAITING):
        if rig.lanes.is_full:
            break
        rig.arrive(-n, n, needed=True, standing=NEW)
    assert rig.lanes.waiting == 2 * UNKNOWN_WAITING


def test_strangers_go_on_in_their_places_while_readers_never_stop(rig: Rig) -> None:
    strangers = [rig.arrive(n, n, standing=STRANGER) for n in range(1, 30)]
    readers = iter(range(1_000, 9_000))
    for _ in range(PLACES + 50):
        rig.arrive(number := next(readers), number)
    for item in rig.begun:  # which grows meanwhile
        if item.standing is STRANGER:
            rig.lanes.finish(item)
            rig.arrive(number := next(readers), number)
    assert set(strangers) <= set(rig.begun)


def test_in_a_full_group_a_member_who_is_known_takes_a_strangers_place(rig: Rig) -> None:
    rig.pauses[-1] = 40.0
    members = [rig.arrive(-1, n, standing=NEW) for n in range(1, CHAT_WAITING + 1)]
    assert rig.fate(-1, 100, standing=NEW) is ArrivalOutcome.DROPPED
    reader = rig.arrive(-1, 101)
    assert rig.arrival == (ArrivalOutcome.WAITS, members[-1])
    rig.pauses.clear()
    rig.time_passes()
    assert rig.begun == [reader, *members[: CHAT_BEGUN - 1]]


def test_a_known_member_does_not_wait_for_new_members_of_the_chat(rig: Rig) -> None:
    for n in range(1, CHAT_BEGUN + 1):
        rig.arrive(-1, n, standing=NEW)
    reader = rig.arrive(-1, 101)
    assert rig.begun[-1] is reader


def test_a_shared_group_answer_takes_the_priority_of_the_best_known_member(rig: Rig) -> None:
    rig.pauses[-1] = 40.0
    other = rig.arrive(-1, 1, "help", standing=NEW)
    rig.arrive(-1, 2, "latest")
    last = rig.arrive(-1, 3, "latest", standing=NEW)
    rig.pauses.clear()
    rig.time_passes()
    assert rig.begun == [last, other]


def test_strangers_inline_queries_never_displace_known_peoples(rig: Rig) -> None:
    known = [rig.arrive(None, n, "inline") for n in range(1, 50)]
    for n in range(100, 100 + 2 * INLINE_WAITING):
        rig.arrive(None, n, "inline", standing=STRANGER)
    late = rig.arrive(None, 99, "inline")
    for item in rig.begun:
        if item.standing is not STRANGER:
            rig.lanes.finish(item)
    assert [item for item in rig.begun if item.standing is Standing.KNOWN] == [*known, late]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No update waits too long, however slow the machine."""
    monkeypatch.setattr("handlers.updates.update_answer.HOLDS_UP", 3600.0)
    return monkeypatch


async def with_a_story(bureau: Bureau) -> tuple[Person, Message]:
    ana = await bureau.reader()
    await ana.tap("More…", await press(ana, "1", await ask(ana, "/latest")))
    return ana, await ana.next()


def held(bureau: Bureau, who: Person, method: str = "editMessageReplyMarkup") -> Fault:
    """Keep the first answer to a tap from reaching a chat until it is released."""
    return bureau.town.faults.add(method=method, chat_id=who.id, hold=True)


async def another_is_answered(bureau: Bureau) -> None:
    other = bureau.town.person("Another")
    await ask(other, "/latest 1")


def answers(bureau: Bureau, who: Person, first: int) -> list[str]:
    """Return the methods that reached a chat, in order."""
    return [
        seen.method
        for seen in bureau.town.requests[first:]
        if str(seen.params.get("chat_id")) == str(who.id)
    ]


async def test_a_command_sent_with_a_tap_is_answered_after_it(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    del patience
    ana, story = await with_a_story(bureau)
    first, hold = len(bureau.town.requests), held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    await ana.send("/saved")
    await another_is_answered(bureau)
    assert answers(bureau, ana, first) == []
    hold.release()
    await tapping
    assert "Shanghai opens a mall" in (await ana.next()).text
    assert answers(bureau, ana, first)[0] == "editMessageReplyMarkup"


async def test_an_answer_on_which_telegram_sits_holds_the_next_up_for_a_moment_only(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    patience.setattr("handlers.updates.update_answer.HOLDS_UP", 0.0)
    ana, story = await with_a_story(bureau)
    hold = held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    assert "Shanghai opens a mall" in (await ask(ana, "/saved")).text
    hold.release()
    await tapping


async def test_a_button_never_spins_until_an_earlier_tap_is_answered(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    patience.setattr("handlers.updates.update_answer.TAP_PATIENCE", 0.0)
    ana, story = await with_a_story(bureau)
    hold = held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    await ana.tap("Follow China", story)
    assert "china" not in (await bureau.subscriber(ana)).taste.follows
    hold.release()
    await tapping
    await bureau.heard()
    assert "china" in (await bureau.subscriber(ana)).taste.follows


async def test_others_of_a_group_do_not_wait_for_a_members_earlier_update(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    del patience
    ana, ben = bureau.town.person("Ana"), bureau.town.person("Ben")
    group = bureau.town.group("Club", [ana, ben], settled=True)
    hold = bureau.town.faults.add(chat_id=group.id, hold=True)
    await ana.send("/latest 2", group)
    await bureau.town.until(lambda: hold.hits)
    await ana.send("/help", group)
    assert "Shanghai opens a mall" in (await ask(ben, "/latest 1", group)).text
    hold.release()
    seen = [(await ana.next(group)).text for _ in range(3)]
    assert "Gucci dreams of a garden" in seen[1]
    assert "The latest headlines" in seen[2]
