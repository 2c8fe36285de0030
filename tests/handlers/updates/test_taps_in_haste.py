"""Buttons tapped before their message has changed: each tap carries the old keyboard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from digest.timing.schedule import next_due
from playground.people.seen import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.people.people import CallbackAnswer, Person
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes
    from tests.handlers.conftest import Bureau


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
    await ana.tap("1", await ana.next())
    await ana.tap("More…", await ana.next())
    card = await ana.next()
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
