"""A channel goes on while an allowed person manages it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage.model import State
from tests.handlers.conftest import hurried, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import Person, Room
    from playground.server import Playground
    from tests.handlers.conftest import Bureau, Clock


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
async def bureau(sqlite_url: str, clock: Clock, people: People) -> AsyncIterator[Bureau]:
    async with opened(sqlite_url, clock, hurried(), set_up=people.set_up) as made:
        await made.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        yield made
        assert made.town.violations == []


async def manage(bureau: Bureau, person: Person, channel: Room) -> None:
    """Set up a channel as this person, in private."""
    await person.send("/settings")
    await person.tap(f"gs:{channel.id}", await person.until("Settings"))
    await person.until("I can post in")
    await person.next()
    subscriber = await bureau.subscriber(channel)
    subscriber = await bureau.onnews.archive.subscribers.follow(subscriber.id, "motor")
    await bureau.onnews.application.bot_data.readers.scheduled(subscriber)


async def decide(people: People, words: str) -> None:
    """Allow or ban somebody as the operator."""
    await people.operator.send(words)
    await people.operator.until("use this bot")


async def state(bureau: Bureau, channel: Room) -> tuple[State, bool]:
    """Return a channel's state, and whether an edition is due."""
    subscriber = await bureau.subscriber(channel)
    return subscriber.state, subscriber.next_at is not None


GOES_ON, STOPPED = (State.ACTIVE, True), (State.BARRED, False)


async def test_a_banned_managers_channel_stops_and_returns_with_them(
    bureau: Bureau, people: People
) -> None:
    channel = bureau.town.channel("Luxury Milan", [people.ana])
    await manage(bureau, people.ana, channel)
    assert await state(bureau, channel) == GOES_ON
    await decide(people, f"/ban {people.ana.id}")
    assert await state(bureau, channel) == STOPPED
    bureau.clock.pass_(days=2)
    await bureau.send_what_is_due()
    assert not any("Mulliner" in each.text for each in channel.messages)
    await decide(people, f"/allow {people.ana.id}")
    assert await state(bureau, channel) == GOES_ON


async def test_another_allowed_manager_keeps_a_channel_going(
    bureau: Bureau, people: People
) -> None:
    channel = bureau.town.channel("Luxury Milan", [people.ana, people.bo])
    for person in (people.ana, people.bo):
        await manage(bureau, person, channel)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(bureau, channel) == GOES_ON
    await decide(people, f"/ban {people.bo.id}")
    assert await state(bureau, channel) == STOPPED
    await decide(people, f"/allow {people.bo.id}")
    assert await state(bureau, channel) == GOES_ON
    # If the only manager left is banned, the channel stops.
    await people.bo.send("/forget")
    await people.bo.tap("Yes, delete everything", await people.bo.until("Delete everything"))
    await people.bo.until("deleted")
    assert await state(bureau, channel) == STOPPED


async def test_a_manager_who_left_no_longer_keeps_a_channel_going(
    bureau: Bureau, people: People
) -> None:
    channel = bureau.town.channel("Luxury Milan", [people.ana, people.bo])
    for person in (people.ana, people.bo):
        await manage(bureau, person, channel)
    channel.leave(people.bo)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(bureau, channel) == STOPPED


async def test_a_new_manager_brings_a_channel_back(bureau: Bureau, people: People) -> None:
    channel = bureau.town.channel("Luxury Milan", [people.ana, people.bo])
    await manage(bureau, people.ana, channel)
    await decide(people, f"/ban {people.ana.id}")
    assert await state(bureau, channel) == STOPPED
    await people.bo.send("/settings")
    await people.bo.tap(f"gs:{channel.id}", await people.bo.until("Settings"))
    await people.bo.until("I can post in")
    await people.bo.next()
    assert await state(bureau, channel) == GOES_ON


async def test_a_group_is_allowed_by_its_own_id(bureau: Bureau, people: People) -> None:
    group = bureau.town.group("Drivers", [people.ana], settled=True)
    await people.ana.start(f"g{-group.id}")
    await people.ana.until("For Drivers")
    await decide(people, f"/ban {people.ana.id}")
    assert (await bureau.subscriber(group)).state is State.ACTIVE
