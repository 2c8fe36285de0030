"""The list of managed channels and groups: complete, quick, and up to date. A channel goes on
while an allowed person manages it.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from handlers.chats import managed_list
from playground.world.chats import Status
from storage.model import ChatKind, Layout, State
from tests.handlers.conftest import ask, hurried, opened, press
from tests.plugins.archive import registered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import BotMessage, Person, Room
    from playground.server import Playground
    from storage.model import Subscriber
    from tests.handlers.conftest import Bureau, Clock


async def managed(person: Person, *, opened: str = "My channels and groups") -> BotMessage:
    """Open the list of chats that somebody manages."""
    person.unread()
    await person.send("/settings")
    await person.tap(opened, await person.until("Settings"))
    return await person.until(opened)


async def channel_of(bureau: Bureau, name: str, *people: Person) -> tuple[Room, Subscriber]:
    """Create a channel that all these people set up, with the bot in it."""
    room = bureau.town.channel(name, list(people))
    subscriber = await registered(
        bureau.onnews.archive.subscribers,
        room.id,
        bureau.clock.now,
        kind=ChatKind.CHANNEL,
        layout=Layout.SUMMARIES,
    )
    for person in people:
        own = await bureau.subscriber(person)
        await bureau.onnews.archive.managers.add(subscriber.id, own.id, name, bureau.clock.now)
    return room, subscriber


async def test_a_long_list_has_pages_and_asks_telegram_about_several_chats_at_once(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    names = [f"Channel {number:02}" for number in range(1, 21)]
    rooms = [(await channel_of(bureau, name, ana))[0] for name in names]
    # None is answered until several were asked about.
    held = bureau.town.faults.add(method="getChatAdministrators", hold=True, times=None)
    opening = asyncio.create_task(managed(ana))
    while held.hits < managed_list.AT_ONCE:  # noqa: ASYNC110  # the town has no event for it
        await asyncio.sleep(0.001)
    held.release()
    listed = await opening
    assert listed.labels[:18] == [*names[:16], "Next", "Add a channel"]
    rest = await press(ana, "Next", listed)
    assert rest.labels[:6] == [*names[16:], "Previous", "Add a channel"]
    # A page that no longer exists shows the last page.
    listed = await press(ana, "Previous", rest)
    for room in rooms[15:]:
        room.leave(ana)
    bureau.clock.pass_(minutes=2)
    emptied = await press(ana, "Next", listed)
    assert emptied.labels[:2] == ["Previous", "Add a channel"]
    assert "Tap one to choose" in emptied.text
    await press(ana, "Previous", emptied)
    assert (await press(ana, "gt:zz", emptied)).labels[:2] == ["Previous", "Add a channel"]


async def test_a_chat_without_answer_from_telegram_delays_the_list_only_briefly(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await bureau.reader()
    slow, _ = await channel_of(bureau, "Slow", ana)
    flooded, _ = await channel_of(bureau, "Flooded", ana)
    # However little had been answered by then, everything is there; a tap asks again.
    monkeypatch.setattr(managed_list, "PATIENCE", 0.05)
    bureau.town.faults.add(method="getChatAdministrators", chat_id=slow.id, hold=True)
    bureau.town.faults.add(method="getChatAdministrators", chat_id=flooded.id, retry_after=30)
    listed = await managed(ana)
    assert listed.labels[:2] == ["Flooded", "Slow"]
    bureau.town.faults.clear()
    assert (await press(ana, "Slow", listed)).text.startswith("For Slow")
    slow.leave(ana)
    bureau.clock.pass_(minutes=2)
    assert (await ana.tap("Slow", listed)).text == "Only administrators can change this."


async def test_the_list_of_managed_chats_shows_new_names(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel, _ = await channel_of(bureau, "Luxury Milan", ana)
    group = bureau.town.group("Club", [ana], forum=True, settled=True)
    cars = group.topic("Cars", ana)
    for topic in (None, cars):
        await ask(ana, "/settings", group, topic=topic, until="Settings")
    assert {"Luxury Milan", "Club", "Club › Cars"} <= set((await managed(ana)).labels)
    channel.raw.username = "luxmilan"
    group.raw.title = "The Club"
    bureau.clock.pass_(minutes=2)
    listed = await managed(ana)
    assert {"@luxmilan", "The Club", "The Club › Cars"} <= set(listed.labels)
    assert (await press(ana, "@luxmilan", listed)).text.startswith("For @luxmilan")
    # Made private again, and renamed.
    channel.raw.username, channel.raw.title = None, "Luxury Rome"
    bureau.clock.pass_(minutes=2)
    assert "Luxury Rome" in (await managed(ana)).labels


async def test_a_chat_that_is_closed_to_the_bot_can_be_taken_from_the_list(bureau: Bureau) -> None:
    ana, bo = await bureau.reader(), await bureau.reader("Bo")
    channel, subscriber = await channel_of(bureau, "Luxury Milan", ana, bo)
    # The bot does not know yet that it was removed, and has not tried to post.
    channel.raw.members[bureau.town.world.bot.id] = Status.KICKED
    listed = await managed(ana)
    assert listed.labels[0] == "✕ Luxury Milan"
    assert "✕ gets nothing now." in listed.text
    await bureau.onnews.archive.subscribers.gone(channel.id)
    listed = await managed(ana)
    closed = await press(ana, "✕ Luxury Milan", listed)
    assert closed.text.startswith("I can no longer post in Luxury Milan. Its settings are kept")
    assert closed.labels == ["Try again", "Remove from this list", "Back"]
    assert (await ana.tap("Try again", closed)).text == "I still can’t write there."
    assert (await bureau.subscriber(channel)).state is State.GONE
    await ana.tap("✕ Luxury Milan", await press(ana, "Back", closed))
    emptied = await press(ana, "Remove from this list", await ana.next())
    assert emptied.labels == ["Add a channel", "Add me to a group", "Back"]
    assert "✕" not in emptied.text
    # Only the tapper's list changes; another manager's list still has the chat.
    assert (await managed(bo)).labels[0] == "✕ Luxury Milan"
    bureau.clock.pass_(minutes=1)
    for data in ("gc", "gr", "gd"):
        stranger = await ana.tap(f"{data}:{subscriber.id}", emptied)
        assert stranger.text == "This button no longer works. Please ask again."
    await bureau.onnews.archive.managers.remove(subscriber.id, (await bureau.subscriber(bo)).id)
    assert (await bureau.subscriber(channel)).state is State.GONE


async def test_a_group_that_lets_everybody_write_again_gets_its_editions_when_it_is_tried(
    bureau: Bureau,
) -> None:
    ana, bo = await bureau.reader(), await bureau.reader("Bo")
    group = bureau.town.group("Club", [ana, bo], settled=True)
    group.join(bo, admin=True)
    for person in (ana, bo):
        await ask(person, "/settings", group, until="Settings")
    await ana.tap("Follow here", await ask(ana, "/category motor", group, until="Motor"))
    await bureau.heard()
    # Telegram does not notify bots of changed group permissions.
    group.raw.silenced = True
    before = await bureau.subscriber(group)
    assert before.next_at is not None
    await bureau.desk.print_("Bentley shows an estate car", "motor")
    bureau.clock.now = before.next_at + timedelta(minutes=1)
    ana.unread()
    await bureau.send_what_is_due()
    assert "let me write there again" in (await ana.until("I can no longer write in Club")).text
    assert (await bureau.subscriber(group)).state is State.GONE
    group.raw.silenced = False
    listed = await managed(bo)
    closed = await press(bo, "✕ Club", listed)
    group.join(bo)
    bureau.clock.pass_(minutes=2)
    refused = await bo.tap("Try again", closed)
    assert refused.text == "Only administrators can change this."
    assert (await bureau.subscriber(group)).state is State.GONE
    await ana.tap("✕ Club", await managed(ana))
    await ana.tap("Try again", await ana.until("I can no longer write"))
    sheet = await ana.until("For Club")
    assert "The next edition arrives" in sheet.text
    back = await bureau.subscriber(group)
    assert (back.state, back.taste) == (State.ACTIVE, before.taste)
    assert "Club" in (await managed(ana)).labels


class People:
    """An operator and two managers of a channel."""

    operator: Person
    ana: Person
    bo: Person

    def set_up(self, town: Playground) -> dict[str, Any]:
        """Create the people."""
        self.operator = town.person("Olga")
        self.ana, self.bo = town.person("Ana"), town.person("Bo")
        return {"admin_ids": (self.operator.id,)}


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
async def guarded(sqlite_url: str, clock: Clock, people: People) -> AsyncIterator[Bureau]:
    async with opened(sqlite_url, clock, hurried(), set_up=people.set_up) as made:
        await made.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        yield made
        assert made.town.violations == []


async def manage(bureau: Bureau, person: Person, channel: Room) -> None:
    """Set up a channel as this person, in private."""
    await person.send("/settings")
    await press(person, f"gs:{channel.id}", await person.until("Settings"), until="I can post in")
    await person.next()
    subscriber = await bureau.subscriber(channel)
    subscriber = await bureau.onnews.archive.subscribers.follow(subscriber.id, "motor")
    await bureau.onnews.application.bot_data.readers.scheduled(subscriber)


async def decide(people: People, words: str) -> None:
    """Allow or ban somebody as the operator."""
    await ask(people.operator, words, until="use this bot")


async def state(bureau: Bureau, channel: Room) -> tuple[State, bool]:
    """Return a channel's state, and whether an edition is due."""
    subscriber = await bureau.subscriber(channel)
    return subscriber.state, subscriber.next_at is not None


GOES_ON, STOPPED = (State.ACTIVE, True), (State.BARRED, False)


async def test_a_banned_managers_channel_stops_and_returns_with_them(
    guarded: Bureau, people: People
) -> None:
    channel = guarded.town.channel("Luxury Milan", [people.ana])
    await manage(guarded, people.ana, channel)
    assert await state(guarded, channel) == GOES_ON
    await decide(people, f"/ban {people.ana.id}")
    assert await state(guarded, channel) == STOPPED
    guarded.clock.pass_(days=2)
    await guarded.send_what_is_due()
    assert not any("Mulliner" in each.text for each in channel.messages)
    await decide(people, f"/allow {people.ana.id}")
    assert await state(guarded, channel) == GOES_ON


async def test_another_allowed_manager_keeps_a_channel_going(
    guarded: Bureau, people: People
) -> None:
    channel = guarded.town.channel("Luxury Milan", [people.ana, people.bo])
    for person in (people.ana, people.bo):
        await manage(guarded, person, channel)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(guarded, channel) == GOES_ON
    await decide(people, f"/ban {people.bo.id}")
    assert await state(guarded, channel) == STOPPED
    await decide(people, f"/allow {people.bo.id}")
    assert await state(guarded, channel) == GOES_ON
    # If the only manager left is banned, the channel stops.
    await people.bo.send("/forget")
    await people.bo.tap("Yes, delete everything", await people.bo.until("Delete everything"))
    await people.bo.until("deleted")
    assert await state(guarded, channel) == STOPPED


async def test_a_manager_who_left_no_longer_keeps_a_channel_going(
    guarded: Bureau, people: People
) -> None:
    channel = guarded.town.channel("Luxury Milan", [people.ana, people.bo])
    for person in (people.ana, people.bo):
        await manage(guarded, person, channel)
    channel.leave(people.bo)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(guarded, channel) == STOPPED


async def test_a_new_manager_brings_a_channel_back(guarded: Bureau, people: People) -> None:
    channel = guarded.town.channel("Luxury Milan", [people.ana, people.bo])
    await manage(guarded, people.ana, channel)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(guarded, channel) == STOPPED
    await people.bo.send("/settings")
    await people.bo.tap(f"gs:{channel.id}", await people.bo.until("Settings"))
    await people.bo.until("I can post in")
    await people.bo.next()
    assert await state(guarded, channel) == GOES_ON


async def test_a_group_is_allowed_by_its_own_id(guarded: Bureau, people: People) -> None:
    group = guarded.town.group("Drivers", [people.ana], settled=True)
    await people.ana.start(f"g{-group.id}")
    await people.ana.until("For Drivers")
    await decide(people, f"/ban {people.ana.id}")
    assert (await guarded.subscriber(group)).state is State.ACTIVE
