"""Taps on posts in a channel: any subscriber may tap, and nothing is posted or stored."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.register import TAPS
from handlers.taps.callback_codec import Tap, about, fields_of
from handlers.taps.callback_data import FollowMyself, OpenCard, WhyThese
from storage.model import ChatKind
from storage.tables.schema import metadata
from tests.plugins.archive import registered

if TYPE_CHECKING:
    from playground.people.people import Message, Person, Room
    from tests.handlers.conftest import Bureau

SUBSCRIBERS = 20
TENTH = 10
"""Every subscriber taps the first button; one in ten taps each kind of button."""
PASSING = frozenset({"meta", "serving_lease", "waiting_updates", "article_search"})
"""Tables about the running process, and the search index."""


def kinds_of(kind: type[Tap] = Tap) -> dict[str, type[Tap]]:
    """Return every kind of tap that a button can carry, by its code."""
    found = dict.fromkeys(kind.codes, kind)
    for each in kind.__subclasses__():
        found |= kinds_of(each)
    return found


def made(kind: type[Tap], code: str, article: int, channel: Room) -> Tap:
    """Return a valid tap of this kind that has this code."""
    texts = {
        "category": "motor",
        "zone": "Europe/Rome",
        "chat": str(channel.id),
        "subject": "motor",
    }
    values: dict[str, Any] = {}
    for name, hint in zip(kind.fields, fields_of(kind), strict=True):
        if hint is bool:
            values[name] = True
        elif hint is int:
            values[name] = 0 if name in {"page", "offset"} else article
        elif issubclass(hint, StrEnum):
            values[name] = next(iter(hint))
        else:
            values[name] = texts.get(name, "en")
    last = kind.codes[code]
    shown = [*values.values()][: len(values) - len(last)]
    return kind(*shown, *last)


async def rows(bureau: Bureau) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything stored about readers, channels and news."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with bureau.onnews.archive.database.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in PASSING and not table.info.get("only"):
                every = await connection.execute(select(table))
                found[table.name] = sorted((tuple(row) for row in every), key=repr)
    return found


async def posted(bureau: Bureau, channel: Room, *taps: Tap) -> Message:
    """Post a message with buttons that only an older version made."""
    buttons = [[InlineKeyboardButton("1", callback_data=each.pack())] for each in taps]
    await bureau.onnews.application.bot.send_message(
        channel.id, "An edition", reply_markup=InlineKeyboardMarkup(buttons)
    )
    return channel.messages[-1]


@pytest.mark.parametrize("kind", [ChatKind.CHANNEL, ChatKind.GROUP, None])
async def test_no_tap_in_a_channel_posts_or_stores_anything(
    bureau: Bureau, kind: ChatKind | None
) -> None:
    channel = bureau.town.channel("Luxury Milan", [await bureau.reader()])
    await bureau.heard()
    subscribers = bureau.onnews.archive.subscribers
    if kind is not None:
        stored = await registered(subscribers, channel.id, bureau.clock.now, kind=kind)
        await subscribers.follow(stored.id, "motor")
    article = bureau.desk.ids[-2]
    kinds = kinds_of()
    assert len({*kinds.values()}) == len(TAPS)
    post = await posted(bureau, channel, OpenCard(article))
    data = [made(each, code, article, channel).pack() for code, each in kinds.items()]
    data += [about(1, each) for each in data] + ["o:zzzzzzz", "nonsense", "fm:?", "k:a/b", "fm:a+b"]
    # The first tap corrects what the channel was stored as.
    await bureau.town.person("First").tap(data[0], post)
    await bureau.heard()
    before, messages = await rows(bureau), len(channel.raw.log)
    people = [bureau.town.person(f"Subscriber {number}") for number in range(SUBSCRIBERS)]

    async def taps(number: int, person: Person) -> None:
        for each in (data[0], *data[number % TENTH :: TENTH]):
            answer = await person.tap(each, post)
            assert answer.text or (answer.url or "").startswith("https://t.me/"), each

    await asyncio.gather(*(taps(number, person) for number, person in enumerate(people)))
    await bureau.heard()
    assert len(channel.raw.log) == messages
    after = await rows(bureau)
    new = [row for row in after["subscribers"] if row not in before["subscribers"]]
    # The one who was answered last is none of them.
    assert len(new) == 1
    after["subscribers"].remove(new[0])
    assert after == before
    for each in people:
        assert await subscribers.find(each.id) is None
    assert {each.kind for each in await subscribers.of_chat(channel.id)} <= {ChatKind.CHANNEL}


async def test_a_tap_in_a_channel_opens_the_same_in_private(bureau: Bureau) -> None:
    channel = bureau.town.channel("Luxury Milan", [await bureau.reader()])
    article = bureau.desk.ids[-2]
    post = await posted(bureau, channel, OpenCard(article), FollowMyself("motor"), WhyThese())
    person = bureau.town.person("Subscriber")
    for tap, seen in (
        (OpenCard(article), "Gucci dreams of a garden"),
        (FollowMyself("motor"), "Motor"),
    ):
        answer = await person.tap(tap.pack(), post)
        assert answer.url is not None
        await person.open(answer.url)
        assert seen in (await person.next()).text
    answer = await person.tap(WhyThese().pack(), post)
    assert answer.text == "This button no longer works. Please ask again."
