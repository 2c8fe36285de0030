"""Controls of the demo page besides chatting: publish a story, let time pass."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.world import chat_changes
from playground.world.chats import ChatType, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from playground.newsstand.stories import Story
    from playground.world.chats import Account, Chat
    from playground.world.world import World

GUESTS = {
    "en": ("Clara", "Edward", "Harriet", "Oliver", "Imogen", "Arthur"),
    "it": ("Giulia", "Lorenzo", "Chiara", "Matteo", "Elena", "Pietro"),
    "es": ("Lucía", "Álvaro", "Carmen", "Diego", "Paloma", "Javier"),
    "fr": ("Camille", "Étienne", "Margaux", "Julien", "Hélène", "Antoine"),
    "zh": ("林悦", "陈浩", "王思远", "赵晴", "周明", "李欣"),
}
"""Names of guests, by the language of their Telegram."""

ROOMS = {
    "en": ("Luxury in Brief", "The Luxury Club", ("Cars", "Watches")),
    "it": ("Lusso in breve", "Il club del lusso", ("Auto", "Orologi")),
    "es": ("Lujo en breve", "El club del lujo", ("Coches", "Relojes")),
    "fr": ("Le luxe en bref", "Le club du luxe", ("Voitures", "Montres")),
    "zh": ("奢侈品简讯", "奢侈品俱乐部", ("汽车", "腕表")),
}
"""A channel's name, a group's name and its topics, by the creator's language."""


@dataclass(frozen=True, slots=True)
class Controls:
    """The demo's controls.

    Attributes:
        publish: Publishes one more story in a language, has the bot check its sources, and returns
            the story.
        morning: Lets time pass until the next `at`, and returns the time that clocks then show.
        at: The time of day to which `morning` goes.
    """

    publish: Callable[[str], Awaitable[Story]]
    morning: Callable[[], Awaitable[dt.datetime]]
    at: dt.time = dt.time(8)


def welcome(world: World, language: str) -> Account:
    """Add a new person, who has never pressed Start.

    Raises:
        LookupError: There are no guests of that language.
    """
    if language not in GUESTS:
        raise LookupError(f"There are no guests who speak {language!r}")
    taken = {person.name for person in world.people.values()}
    return world.add_person(_free_name(GUESTS[language], taken), language)


def found(world: World, owner: Account, *, channel: bool) -> Chat:
    """Create a channel, or a group with topics, owned by a person and without the bot."""
    channel_name, group_name, topics = ROOMS.get(owner.language or "en", ROOMS["en"])
    name = channel_name if channel else group_name
    kind = ChatType.CHANNEL if channel else ChatType.SUPERGROUP
    taken = {chat.title for chat in world.chats.values()}
    chat = world.add_chat(kind, _free_name((name,), taken), forum=not channel)
    chat.members[owner.id] = Status.CREATOR
    for topic in () if channel else topics:
        chat_changes.open_topic(world, chat, owner, topic)
    world.announce({"type": "chats"})
    return chat


def _free_name(names: Sequence[str], taken: set[str]) -> str:
    """Return the first free name; if all are taken, the first free one with a number."""
    numbered = (
        name if number == 1 else f"{name} {number}"
        for number in itertools.count(1)
        for name in names
    )
    return next(name for name in numbered if name not in taken)
