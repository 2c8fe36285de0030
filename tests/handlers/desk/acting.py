"""What tests of the desk do: tap and type there, give rights, let articles wait."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.model import Filing, Round
from tests.handlers.conftest import ask, press
from tests.plugins.records import a_new_article

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Message, Person
    from storage.model.desk_model import Rights
    from tests.handlers.desk.conftest import Newsdesk

ON_EACH_DATABASE = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""Runs a test on both databases: several editors act at once in it, or its statements are rare.

The other tests of the desk run on SQLite; on PostgreSQL they would repeat the same statements.
"""


async def turned(person: Person, label: str, message: Message) -> BotMessage:
    """Tap a button that changes its message in place; return the message as it is then."""
    after = await press(person, label, message)
    assert (after.id, after.edited) == (message.id, True)
    return after


async def rights(newsdesk: Newsdesk, person: Person, given: Rights) -> None:
    """Give a person these rights, as an operator does."""
    bureau = newsdesk.bureau
    await bureau.onnews.archive.editors.give(
        person.id, given, by=newsdesk.olga.id, now=bureau.clock.now
    )


async def hold(newsdesk: Newsdesk, *titles: str) -> None:
    """Let articles of the newspaper wait, as a round of a source that needs approval does."""
    bureau = newsdesk.bureau
    now = bureau.clock.now
    articles = tuple(
        a_new_article(
            f"https://news.example/{title.replace(' ', '-')}",
            title,
            now - timedelta(hours=1),
            standfirst="A <line> & more.",
            filings=(Filing("motor", "Bentley <i>"),),
        )
        for title in titles
    )
    later = now + timedelta(days=365)
    source = bureau.desk.source_id
    round_ = Round(source, now, next_check=later, interval=86_400, waiting=articles)
    await bureau.onnews.archive.articles.store_all([round_])


async def opened_story(eva: Person, words: str) -> Message:
    """Open a story's page at the desk by words, a link or a number."""
    await eva.send("/desk")
    await eva.tap("Find a story", await eva.next())
    await eva.next()
    return await ask(eva, words)


async def typed(eva: Person, label: str, page: Message, text: str) -> Message:
    """Tap a button that asks, answer, and return the story's page as it is then."""
    await press(eva, label, page)
    return await ask(eva, text)
