"""A newspaper whose readers, group, topic and channel are in the playground, and its desk."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.telegram.transport import TelegramOutbox
from digest.correcting.copy_builder import CopyBuilder
from digest.correcting.corrector import Corrector
from digest.making.rich_messages import RichMessages
from playground.server import Playground
from storage.desk.amendments import Amendments
from storage.desk.corrections import Corrections
from storage.desk.journal import Journal
from storage.desk.undoing import UNDOES
from storage.model import Grade, Layout, Round
from storage.tables.ledger_schema import deliveries as table
from templates import Renderer
from tests.digest.conftest import CATEGORIES, Paper
from tests.plugins.archive import there
from tests.plugins.records import a_new_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.making.request_body import RequestBody
    from playground.people.people import Person
    from playground.people.seen import Message
    from storage.db.database import Database
    from storage.desk.amendments import Amended
    from storage.model import Correction
    from storage.model.desk_model import UndoOutcome


EDITOR = 77
"""The editor's Telegram id."""
WRONG, RIGHT = "Prada buys Versace for 1.25 million euros", "Prada buys Versace for 1.25 billion"


class Desk(Paper):
    """A newspaper in the playground, whose stories can be corrected."""

    def __init__(self, db: Database, town: Playground) -> None:
        super().__init__(db)
        self.town = town
        self.renderer = Renderer(CATEGORIES, username="OnNewsBot")  # type: ignore[assignment]  # the real one
        self.telegram = TelegramOutbox(f"{town.url}/bot{town.token}")
        self.rich = RichMessages(knows_bot=self.telegram.knows_bot)
        self.sender = self.new_sender(outbox=self.telegram, rich=self.rich)
        self.amendments = Amendments(db)
        self.corrections = Corrections(db)
        self.corrector = self.new_corrector()

    def new_corrector(self, **changes: Any) -> Corrector:  # noqa: ANN401 - what Corrector takes
        copies = CopyBuilder(
            self.corrections,
            self.articles,
            self.renderer,  # type: ignore[arg-type]  # the real one
            rich=self.rich,
            translations=self.translations,
        )
        changes.setdefault("outbox", self.telegram)
        return Corrector(
            changes.pop("corrections", self.corrections),
            copies,
            rate_limiter=self.rate_limiter,
            **{"clock": self.time, **changes},
        )

    async def person(self, name: str, layout: Layout = Layout.SUMMARIES, **changes: Any) -> Person:  # noqa: ANN401 - of a subscriber
        person = self.town.person(name, "en")
        await person.start()
        await self.reader(person.id, layout=layout, **changes)
        return person

    async def people(self, number: int) -> list[Person]:
        """Return so many readers."""
        people = [self.town.person(f"Reader {each}", "en") for each in range(number)]
        for person in people:
            await person.start()
        await self.crowd(*(person.id for person in people))
        return people

    async def long_stories(self) -> list[int]:
        """Store twelve stories that take more than one message."""
        words = "A long sentence about the house and its new bags. " * 6
        return [
            await self.article(
                f"Story {number} " + "word " * 40,
                standfirst=f"{number} {words}",
                source=f"Paper {number}",
            )
            for number in range(12)
        ]

    async def source_says(self, article_id: int, title: str, standfirst: str = "") -> None:
        """Let the source of an article list it under another title."""
        article = there(await self.articles.get(article_id))
        more = {"standfirst": standfirst, "image": article.image}
        new = a_new_article(article.link, title, article.published, "motor", **more)
        round_ = Round(
            source_id=article.source_id,
            now=self.time.now,
            next_check=self.time.now,
            interval=3600,
            articles=(new,),
        )
        await self.articles.store_all([round_])

    async def amend(
        self, article_id: int, title: str = RIGHT, grade: Grade = Grade.FACT
    ) -> Amended:
        """Give an article another headline, as an editor."""
        return await self.amendments.correct(
            article_id, title=title, grade=grade, person_id=EDITOR, now=self.time.now
        )

    async def withdraw(self, article_id: int, reason: str = "No deal was signed.") -> Amended:
        """Withdraw an article, as an editor."""
        return await self.amendments.withdraw(
            article_id, reason, person_id=EDITOR, now=self.time.now
        )

    async def take_back(self, act: int) -> UndoOutcome:
        """Undo an act."""
        return await Journal(self.db, UNDOES).undo(act, person_id=EDITOR, now=self.time.now)

    async def correct(self) -> Correction:
        """Edit all copies, also those that were postponed, and return the last correction."""
        await self.corrector.drain()
        self.time.pass_(minutes=3)
        await self.corrector.drain()
        return await self.last()

    async def last(self) -> Correction:
        """Return the last correction."""
        return there(await self.corrections.get((await self.corrections.newest())[0]))

    async def prints(self) -> list[int | None]:
        """Return the prints of the stories of all deliveries."""
        query = select(table.c.issue).order_by(table.c.id)
        async with self.db.reading() as connection:
            return [*(await connection.execute(query)).scalars()]


class CountingOutbox:
    """Counts the requests for each message, and those that were answered with success."""

    def __init__(self, outbox: TelegramOutbox) -> None:
        self._outbox = outbox
        self.asked: Counter[tuple[int, int]] = Counter()
        self.edited: Counter[tuple[int, int]] = Counter()

    async def edit(self, chat_id: int, message_id: int, payload: RequestBody) -> None:
        self.asked[chat_id, message_id] += 1
        await self._outbox.edit(chat_id, message_id, payload)
        self.edited[chat_id, message_id] += 1


@pytest.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    """A newspaper in the playground, on each database."""
    async with Playground() as town:
        desk = Desk(db, town)
        yield desk
        await desk.telegram.close()


def shown(message: Message) -> str:
    """Return the text of a message, also of one in blocks."""
    rich = message.record.body.get("rich_message")
    return message.text if rich is None else words_of(rich["blocks"])


def words_of(value: Any) -> str:  # noqa: ANN401 - Telegram's JSON
    """Return all texts in blocks."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(words_of, value))
    fields = ("text", "summary", "blocks", "caption", "credit")
    return "\n".join(words_of(value[name]) for name in fields if name in value)
