"""Floods over HTTP: uninvolved people are answered, and repeated requests get one answer. The
clock is manual, so whatever Telegram's limits delay waits until the test moves it. Buttons
tapped before their message has changed: each tap carries the old keyboard.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from digest.pacing.priorities import Priority
from digest.pacing.rate_limiter import ANSWER_BURST, GROUP_ANSWERS
from digest.timing.schedule import next_due
from handlers.taps.callback_codec import base36
from handlers.updates.lanes import PERSON_WAITING
from playground.people import acts
from playground.people.seen import CallbackAnswer, Message
from tests.handlers.conftest import Bureau, Clock, ask, opened, press
from tests.handlers.still import StillTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playground.people.people import Person, Room
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

ONE_MOMENT = "One moment, please"
IDLE_TURNS = 20
"""Turns of the event loop after which a waiter for another's answer would have gone on."""


@dataclass
class Flooded:
    """The bot, its playground, and the clock."""

    bureau: Bureau
    time: StillTime
    clock: Clock

    async def another_is_answered(self) -> None:
        """Ask as an uninvolved person, and wait for the answer.

        By then everything that Telegram's limits do not delay is answered too.
        """
        other = self.bureau.town.person("Another")
        assert "Shanghai opens a mall" in (await ask(other, "/latest 1")).text
        lanes, idle = self.bureau.onnews._updates._lanes, 0
        while idle < IDLE_TURNS:
            idle = 0 if any(lanes._busy.values()) else idle + 1
            await asyncio.sleep(0)

    async def seconds_pass(self, seconds: int, person: Person, room: Room | None = None) -> int:
        """Move the clock second by second, and return the number of messages sent meanwhile."""
        answered = 0
        for _ in range(seconds):
            self.time.pass_(1.0)
            self.clock.pass_(seconds=1)
            await self.another_is_answered()
            answered += len(person.unread(room))
        return answered

    @property
    def waiting(self) -> int:
        """The number of updates that wait for their turn."""
        return self.bureau.onnews._updates.waiting

    def group(self, members: int) -> tuple[list[Person], Room]:
        """Create a group with this number of members, and the bot."""
        people = [self.bureau.town.person(f"Member {number}") for number in range(members)]
        return people, self.bureau.town.group("Club", people, settled=True)


@pytest.fixture
async def flooded(sqlite_url: str, clock: Clock) -> AsyncIterator[Flooded]:
    time = StillTime()
    async with opened(sqlite_url, clock, time.rate_limiter()) as bureau:
        for number in range(9):
            await bureau.desk.print_(f"A new engine, number {number}", "motor", hours_ago=20)
        await bureau.desk.print_("Shanghai opens a mall for watches", "china", "watches")
        yield Flooded(bureau, time, clock)
        assert bureau.town.violations == []


async def test_two_hundred_identical_commands_get_a_few_answers(flooded: Flooded) -> None:
    person = flooded.bureau.town.person("Impatient")
    for _ in range(200):
        await person.send("/latest")
    await flooded.another_is_answered()
    assert flooded.waiting <= 1
    answers = len(person.unread()) + await flooded.seconds_pass(5, person)
    assert 1 <= answers <= ANSWER_BURST + 1
    assert flooded.waiting == 0


async def test_the_newest_waiting_request_is_shown(flooded: Flooded) -> None:
    person = flooded.bureau.town.person("Undecided")
    for number in range(ANSWER_BURST):
        await person.send(f"/latest {number + 1}")
    for _ in range(ANSWER_BURST):
        await person.next()
    await flooded.bureau.heard()
    await person.send("/help")
    await person.send("/latest motor")
    await person.send("/help")
    await flooded.another_is_answered()
    assert flooded.waiting == 2
    assert await flooded.seconds_pass(1, person) == 1
    assert await flooded.seconds_pass(3, person) == 1
    assert [m.text.split("\n")[0] for m in person.chat.messages[-2:]] == ["Motor", "ON News"]


async def test_a_person_with_a_full_queue_is_asked_for_patience_once_a_minute(
    flooded: Flooded,
) -> None:
    person = flooded.bureau.town.person("Curious")

    async def ask() -> None:
        for number in range(100):
            await person.send(f"/search engine {number}")
        await flooded.another_is_answered()

    def moments() -> int:
        return sum(ONE_MOMENT in message.text for message in person.chat.messages)

    await ask()
    assert flooded.waiting <= PERSON_WAITING
    await flooded.seconds_pass(2, person)
    await ask()
    await flooded.seconds_pass(30, person)
    assert moments() == 1
    assert flooded.waiting == 0
    await flooded.seconds_pass(30, person)
    await ask()
    await flooded.seconds_pass(15, person)
    assert moments() == 2


async def test_a_busy_group_delays_no_other_chat(flooded: Flooded) -> None:
    people, group = flooded.group(30)
    for number in range(150):
        await people[number % 30].send(("/latest", "/help", "/search mall")[number % 3], group)
    await flooded.another_is_answered()
    # One request waits for each of the three lists, whoever asked.
    assert flooded.waiting <= 3
    answers = len(people[0].unread(group)) + await flooded.seconds_pass(6, people[0], group)
    assert 3 <= answers <= ANSWER_BURST + 3
    assert flooded.waiting == 0


async def test_talk_between_members_takes_no_turn(flooded: Flooded) -> None:
    people, group = flooded.group(10)
    flooded.bureau.town.world.privacy = False
    for number in range(100):
        words = ("Good morning", "/roll@OtherBot", "/dice")[number % 3]
        await people[number % 10].send(words, group)
    await flooded.another_is_answered()
    assert flooded.waiting == 0
    assert people[0].unread(group) == []
    await people[3].send("@OnNewsBot mall", group)
    assert "mall" in (await people[3].next(group)).text


async def test_every_tap_is_answered_whatever_waits(flooded: Flooded) -> None:
    people, group = flooded.group(120)
    await people[0].send("/latest 1", group)
    story = await people[0].next(group)
    answers = await asyncio.gather(*(person.tap("1", story) for person in people))
    assert len(answers) == 120
    await flooded.another_is_answered()
    cards = people[0].unread(group)
    assert 1 <= len(cards) < ANSWER_BURST
    assert flooded.waiting <= 1


async def test_choices_apply_at_once_whatever_the_limits(flooded: Flooded) -> None:
    reader = flooded.bureau.town.person("Reader")
    shown = await ask(reader, "/category motor")
    for _ in range(ANSWER_BURST - 1):
        await flooded.bureau.onnews.rate_limiter.acquire(reader.id, Priority.ANSWER)
    await reader.tap("Follow", shown)  # it is let go, and the button changes when it may
    await flooded.another_is_answered()
    assert (await flooded.bureau.subscriber(reader)).taste.follows == {"motor"}
    assert reader.unread() == []
    # The button, and when the first edition comes.
    assert await flooded.seconds_pass(3, reader) == 2


async def test_a_group_at_its_limit_is_linked_to_the_story_in_private(flooded: Flooded) -> None:
    people, group = flooded.group(2)
    await people[0].send("/latest 1", group)
    story = await people[0].next(group)
    for _ in range(GROUP_ANSWERS - 1):
        flooded.time.pass_(1.0)
        await flooded.bureau.onnews.rate_limiter.acquire(group.id, Priority.ANSWER)
    answer = await people[1].tap("1", story)
    assert isinstance(answer, CallbackAnswer)
    assert answer.alert
    assert answer.url is not None
    assert answer.url in answer.text
    await people[1].open(answer.url)
    assert "Shanghai opens a mall" in (await people[1].next()).text
    # One's own list has nothing to do with the group's room.
    saved = await people[1].tap(f"v:{base36(flooded.bureau.desk.ids[-1])}:1", story)
    assert saved.text == "Saved. Find it in /saved."


async def test_a_tap_is_answered_while_another_of_the_same_chat_hangs(flooded: Flooded) -> None:
    reader = flooded.bureau.town.person("Reader")
    first = await ask(reader, "/latest 1")
    second = await ask(reader, "/latest 2")
    # Or the first tap would wait for this answer, and its button be let go meanwhile.
    await flooded.bureau.heard()
    hanging = flooded.bureau.town.faults.add(method="editMessageText", hold=True)
    tapping = asyncio.create_task(reader.tap("Older", first))
    await flooded.bureau.town.until(lambda: hanging.hits)
    await reader.tap("Older", second)
    assert not tapping.done()
    assert reader.unread() == []
    hanging.release()
    await tapping
    assert [(await reader.next()).record.id for _ in range(2)] == [
        first.record.id,
        second.record.id,
    ]


async def test_the_newest_inline_query_of_a_person_is_answered(flooded: Flooded) -> None:
    person, world = flooded.bureau.town.person("Typist"), flooded.bureau.town.world
    questions = [
        acts.ask_inline(world, person.account, person.chat.raw, "watches" + "." * number, "")
        for number in range(300)
    ]
    await world.until(questions[-1].answer.done, 60.0)
    await flooded.another_is_answered()
    assert sum(question.answer.done() for question in questions) < len(questions)


async def test_no_memory_is_kept_of_people_who_wrote(flooded: Flooded) -> None:
    people, group = flooded.group(20)
    for person in people:
        await ask(person, "/latest")
    await people[0].send("/settings", group)
    await people[0].next(group)
    await flooded.bureau.heard()
    application = flooded.bureau.onnews.application
    assert not application.chat_data
    assert not application.user_data
    assert not application._chat_ids_to_be_updated_in_persistence
    assert not application._user_ids_to_be_updated_in_persistence
    assert not flooded.bureau.onnews._updates._answers
    assert not flooded.bureau.onnews._updates._lanes._lanes


def as_it_is(message: Message) -> Message:
    return Message(message.record, message.record.body)


async def in_haste(
    bureau: Bureau, who: Person, message: Message, *labels: str
) -> tuple[list[CallbackAnswer], Message]:
    """Tap several buttons of a message at once; return the answers and the edited message."""
    seen = as_it_is(message)
    answers = await asyncio.gather(*(who.tap(label, seen) for label in labels))
    await bureau.heard()
    return answers, as_it_is(message)


async def test_a_tap_never_shows_an_outdated_state(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/latest")
    card = await press(ana, "More…", await press(ana, "1", await ana.next()))
    assert {"Save", "Follow China"} <= {*card.labels}
    answers, card_now = await in_haste(bureau, ana, card, "Save", "Follow China")
    assert [answer.text.split()[0] for answer in answers] == ["Saved.", "You"]
    assert {"Remove from saved", "Unfollow China"} <= {*card_now.labels}
    _, card_now = await in_haste(bureau, ana, card, "Unfollow China", "Remove from saved")
    assert card_now.labels == card.labels

    await ana.send("/category")
    picker = await ana.until("Sections")
    _, picker_now = await in_haste(bureau, ana, picker, "Houses", "Style", "Watches")
    assert "Houses in the news" in picker_now.text
    assert "· Houses ·" in picker_now.labels
    assert "✓ Your choices 3" in picker_now.labels
    assert {"motor", "style", "watches"} == (await bureau.subscriber(ana)).taste.follows

    # A typed name takes the buttons off the picker; what was tapped there until then is followed.
    await ana.send("gucci")
    assert "Gucci · 1" in (await ana.until("Here it is")).labels
    await bureau.heard()
    answer = await ana.tap("Bentley", picker_now)
    assert answer.text.startswith("You now follow Bentley.")
    await bureau.heard()
    assert as_it_is(picker).labels == []

    await ana.send("/category china")
    listed = await ana.until("China")
    _, scale = await in_haste(bureau, ana, listed, "Show more or less", "Follow")
    assert {"Off", "Less", "Back"} <= {*scale.labels}
    assert scale.labels.count("Follow") + scale.labels.count("Unfollow") == 1
    assert "china" in (await bureau.subscriber(ana)).taste.follows


async def test_simultaneous_choices_of_two_managers_are_both_kept(bureau: Bureau) -> None:
    subscriber = await bureau.subscriber(await bureau.reader())
    readers = bureau.onnews.application.bot_data.readers
    # So each of them finds it: they tap in chats of their own, which wait for no other.
    await readers.change(subscriber, digest_minute=6 * 60)
    await readers.change(subscriber, zone="Asia/Tokyo")
    after = await readers.change(subscriber, days=0b110_0000)
    assert (after.digest_minute, after.zone) == (6 * 60, "Asia/Tokyo")
    assert after.next_at == next_due(after, bureau.clock.now)

    # Of two hours the earlier one is the morning's, whichever tap was the quicker one.
    await readers.change(subscriber, digest_minute=20 * 60)
    after = await readers.change(subscriber, evening_minute=19 * 60)
    assert (after.digest_minute, after.evening_minute) == (19 * 60, 20 * 60)

    def also(language: str) -> Callable[[Subscriber], Changes]:
        return lambda before: {"languages": before.taste.languages | {language}}

    await readers.change_by(subscriber, also("fr"))
    after = await readers.change_by(subscriber, also("de"))
    assert after.taste.languages == {"en", "fr", "de"}
