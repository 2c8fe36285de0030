"""What a guest of the demo can do on the page beside chatting: have news printed, and time pass."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playground.chats import Account
    from playground.stories import Story
    from playground.world import World

GUESTS = {
    "en": ("Clara", "Edward", "Harriet", "Oliver", "Imogen", "Arthur"),
    "it": ("Giulia", "Lorenzo", "Chiara", "Matteo", "Elena", "Pietro"),
    "es": ("Lucía", "Álvaro", "Carmen", "Diego", "Paloma", "Javier"),
    "fr": ("Camille", "Étienne", "Margaux", "Julien", "Hélène", "Antoine"),
    "zh": ("林悦", "陈浩", "王思远", "赵晴", "周明", "李欣"),
}
"""Names of guests, by the language of their Telegram."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the demo offers.

    Attributes:
        publish: prints one more story, has the bot look, and gives the story; None where there is
            none left.
        morning: lets time pass until the next 08:00, and gives what the clocks show then.
        morning_label: what the button for that says.
    """

    publish: Callable[[], Awaitable[Story | None]]
    morning: Callable[[], Awaitable[str]]
    morning_label: str = "Jump to 08:00"


def welcome(world: World, language: str) -> Account:
    """Somebody new, who has never pressed Start.

    Raises:
        LookupError: there are no guests of that language.
    """
    if language not in GUESTS:
        raise LookupError(f"There are no guests who speak {language!r}")
    taken = {person.name for person in world.people.values()}
    names = (
        name if number == 1 else f"{name} {number}"
        for number in itertools.count(1)
        for name in GUESTS[language]
    )
    return world.add_person(next(name for name in names if name not in taken), language)
