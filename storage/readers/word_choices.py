"""The words and phrases that subscribers follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, delete, select, update

from storage.db.dialect import insert_new
from storage.readers.subscriber_rows import give_taste, locked
from storage.tables.reader_schema import levels, word_follows, words_with_alerts
from storage.tables.schema import meta
from storage.words import search_words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.model import Subscriber
    from storage.model.subscriber_model import Taste

SHORTEST_WORD = 2
LONGEST_WORD = 60
"""Characters at most in a followed word or phrase.

`SHORTEST_WORD` is counted in letters and digits.
"""
MOST_WORDS = 50
"""Words at most that one reader follows."""
WORD: Final = "word"
"""The kind of a row in `levels` for a muted word."""

_NUMBERED = "word follows"


class WordChoices:
    """The methods that change the words that subscribers follow.

    A word is identified by its tokens (see `search_words.muted`) and shown as the reader wrote it.
    Each raises UnknownSubscriberError if no subscriber has the id.
    """

    _db: Database

    async def follow_word(
        self, subscriber_id: int, word: str, *, alerts: bool | None = None
    ) -> Subscriber:
        """Follow a word or phrase from the next article on, and unmute it.

        A word that is followed already keeps its spelling. One that is too short, too long or
        beyond `MOST_WORDS` changes nothing. Without `alerts` the current choice is kept.
        """
        spelling = " ".join(word.split())
        kept = search_words.muted(spelling)

        def write(connection: Connection) -> Subscriber:
            subscriber = locked(connection, subscriber_id)
            now = subscriber.taste
            if kept not in now.sought:
                can_be = len(kept) >= SHORTEST_WORD and len(spelling) <= LONGEST_WORD
                if not can_be or len(now.words) >= MOST_WORDS:
                    return subscriber
                connection.execute(
                    insert_new(word_follows, self._db.dialect).values(
                        subscriber_id=subscriber_id,
                        word=kept,
                        spelling=spelling,
                        alerts=bool(alerts),
                        number=_next_number(connection, self._db.dialect),
                    )
                )
                connection.execute(delete(levels).where(muted_row(subscriber_id, kept)))
                now = replace(
                    now, words=now.words | {spelling}, muted_words=now.muted_words - {kept}
                )
            elif alerts is not None:
                connection.execute(
                    update(word_follows)
                    .where(followed_row(subscriber_id, kept))
                    .values(alerts=alerts)
                )
            return give_taste(connection, subscriber_id, now)

        return await self._db.write(write)

    async def unfollow_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Unfollow a word or phrase, in any spelling with the same tokens."""
        kept = search_words.muted(word)

        def write(connection: Connection) -> Subscriber:
            now = locked(connection, subscriber_id).taste
            connection.execute(delete(word_follows).where(followed_row(subscriber_id, kept)))
            return give_taste(connection, subscriber_id, without_word(now, kept))

        return await self._db.write(write)

    async def word_alerts(self, subscriber_id: int) -> frozenset[str]:
        """Return the words that a subscriber follows with alerts, as the reader wrote them."""
        query = select(word_follows.c.spelling).where(
            word_follows.c.subscriber_id == subscriber_id, words_with_alerts
        )
        return frozenset(await self._db.scalars(query))


def followed_row(subscriber_id: int, kept: str) -> ColumnElement[bool]:
    """Return a condition that selects the row of a followed word, given its tokens."""
    return and_(word_follows.c.subscriber_id == subscriber_id, word_follows.c.word == kept)


def muted_row(subscriber_id: int, kept: str) -> ColumnElement[bool]:
    """Return a condition that selects the row of a muted word, given its tokens."""
    return and_(
        levels.c.subscriber_id == subscriber_id, levels.c.kind == WORD, levels.c.value == kept
    )


def without_word(taste: Taste, kept: str) -> Taste:
    """Return the taste without the followed word that has these tokens."""
    if kept not in taste.sought:
        return taste
    return replace(taste, words=taste.words - {taste.sought[kept]})


def _next_number(connection: Connection, dialect: str) -> int:
    """Return a number greater than that of every committed row.

    Updating the counter blocks other new follows until the transaction ends, so that a reader of
    the rows in order misses none.
    """
    note = meta.c.key == _NUMBERED
    connection.execute(insert_new(meta, dialect).values(key=_NUMBERED, value="0"))
    return int(
        connection.execute(
            update(meta)
            .where(note)
            .values(value=cast(cast(meta.c.value, BigInteger) + 1, Text))
            .returning(meta.c.value)
        ).scalar_one()
    )
