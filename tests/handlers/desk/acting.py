"""What tests of the desk do: tap a button in place, give rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Message, Person
    from storage.model.desk_model import Rights
    from tests.handlers.desk.conftest import Newsdesk


async def turned(person: Person, label: str, message: Message) -> BotMessage:
    """Tap a button that changes its message in place; return the message as it is then."""
    await person.tap(label, message)
    after = await person.next()
    assert (after.id, after.edited) == (message.id, True)
    return after


async def rights(newsdesk: Newsdesk, person: Person, given: Rights) -> None:
    """Give a person these rights, as an operator does."""
    bureau = newsdesk.bureau
    await bureau.onnews.archive.editors.give(
        person.id, given, by=newsdesk.olga.id, now=bureau.clock.now
    )
