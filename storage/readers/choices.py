"""What subscribers follow and mute: categories, their levels, and words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, delete, insert, select, update

from storage.db.dialect import insert_new
from storage.model.subscriber_model import Level
from storage.readers.kept_choices import after_keeping
from storage.readers.subscriber_rows import give_taste, locked
from storage.tables.reader_schema import (
    ALERTS,
    follows,
    levels,
    with_alerts,
    word_follows,
    words_with_alerts,
)
from storage.tables.schema import meta
from storage.words import search_words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.model import Subscriber
    from storage.model.subscriber_model import Subject, Taste

S = TypeVar("S", str, int)

LONGEST_MUTED_WORD = 100
MOST_MUTED_WORDS = 100
"""Muted words at most for one reader: each is searched for in every article of an edition."""

_IDEOGRAPHS = "\u2e80"
"""From this character on, a single character is a word, or a syllable of Hangul."""
_CATEGORY: Final = "category"
_SOURCE: Final = "source"
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


@dataclass(frozen=True, slots=True)
class _Follow:
    """Whether a category is followed, and with alerts."""

    on: bool = False
    alerts: bool = False


class Choices:
    """The methods that change what subscribers follow and mute.

    A word is identified by its tokens (see `search_words.muted`) and shown as the reader wrote it.
    Each raises UnknownSubscriberError if no subscriber has the id.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def follow(
        self, subscriber_id: int, category: str, *, alerts: bool | None = None
    ) -> Subscriber:
        """Follow a category, and unmute it; without `alerts` the current choice is kept."""

        def write(connection: Connection) -> Subscriber:
            now = locked(connection, subscriber_id).taste
            self._follow(connection, subscriber_id, category, alerts=alerts)
            if now.level(category) is Level.OFF:
                _forget(connection, subscriber_id, category)
                now = _with_level(now, category, Level.NORMAL)
            elif now.level(category) is Level.MORE:
                # An explicit follow stays when the level returns to normal.
                connection.execute(
                    update(levels).where(_one(subscriber_id, category)).values(followed=True)
                )
            return give_taste(
                connection, subscriber_id, replace(now, follows=now.follows | {category})
            )

        return await self._db.write(after_keeping(subscriber_id, write))

    async def unfollow(self, subscriber_id: int, category: str) -> Subscriber:
        """Unfollow a category. The level "more" is reset to normal; the level "less" stays."""

        def write(connection: Connection) -> Subscriber:
            now = locked(connection, subscriber_id).taste
            _unfollow(connection, subscriber_id, category)
            if now.level(category) is Level.MORE:
                _forget(connection, subscriber_id, category)
                now = _with_level(now, category, Level.NORMAL)
            else:
                # Unmuting later must not restore the follow.
                connection.execute(
                    update(levels)
                    .where(_one(subscriber_id, category))
                    .values(followed=False, alerts=False)
                )
            return give_taste(
                connection, subscriber_id, replace(now, follows=now.follows - {category})
            )

        return await self._db.write(after_keeping(subscriber_id, write))

    async def set_level(self, subscriber_id: int, subject: Subject, level: Level) -> Subscriber:
        """Set how much of a category or source is wanted.

        Setting a category to "off" unfollows it, and to "more" follows it. Setting it back to
        normal or "less" restores whether it was followed before, and its alerts. Setting the same
        level again changes nothing.
        """

        def write(connection: Connection) -> Subscriber:
            subscriber = locked(connection, subscriber_id)
            now = subscriber.taste
            if now.level(subject) is level:
                return subscriber
            chosen = _with_level(now, subject, level)
            usual = _Follow()
            if isinstance(subject, str):
                usual = _usual(connection, subscriber_id, subject, now)
                followed = level is Level.MORE or (level is not Level.OFF and usual.on)
                if followed:
                    alerts = None if subject in now.follows else usual.alerts
                    self._follow(connection, subscriber_id, subject, alerts=alerts)
                else:
                    _unfollow(connection, subscriber_id, subject)
                follows_ = now.follows | {subject} if followed else now.follows - {subject}
                chosen = replace(chosen, follows=follows_)
            _forget(connection, subscriber_id, subject)
            if level is not Level.NORMAL:
                self._add(connection, subscriber_id, subject, level, usual)
            return give_taste(connection, subscriber_id, chosen)

        return await self._db.write(after_keeping(subscriber_id, write))

    async def mute_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Mute a word or phrase, and unfollow it.

        Articles with it in title or standfirst are then excluded. It is stored folded (see
        `search_words.muted`). A word that is too short (see `can_be_muted`) or beyond
        `MOST_MUTED_WORDS` changes nothing.
        """
        kept = search_words.muted(word[:LONGEST_MUTED_WORD])

        def write(connection: Connection) -> Subscriber:
            subscriber = locked(connection, subscriber_id)
            now = subscriber.taste
            if not can_be_muted(kept) or len(now.muted_words) >= MOST_MUTED_WORDS:
                return subscriber
            connection.execute(
                insert_new(levels, self._db.dialect).values(
                    subscriber_id=subscriber_id, kind=WORD, value=kept, level=Level.OFF.value
                )
            )
            connection.execute(delete(word_follows).where(_followed_row(subscriber_id, kept)))
            now = _without_word(now, kept)
            return give_taste(
                connection, subscriber_id, replace(now, muted_words=now.muted_words | {kept})
            )

        return await self._db.write(after_keeping(subscriber_id, write))

    async def unmute_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Unmute a word or phrase."""
        kept = search_words.muted(word[:LONGEST_MUTED_WORD])

        def write(connection: Connection) -> Subscriber:
            now = locked(connection, subscriber_id).taste
            connection.execute(delete(levels).where(_muted_row(subscriber_id, kept)))
            return give_taste(
                connection, subscriber_id, replace(now, muted_words=now.muted_words - {kept})
            )

        return await self._db.write(after_keeping(subscriber_id, write))

    async def alerts(self, subscriber_id: int) -> frozenset[str]:
        """Return the categories that a subscriber follows with alerts."""
        query = select(follows.c.category).where(
            follows.c.subscriber_id == subscriber_id, with_alerts
        )
        return frozenset(await self._db.scalars(query))

    async def only_large(self, subscriber_id: int) -> frozenset[str]:
        """Return the categories whose alerts, while they are on, are for large news only."""
        query = select(levels.c.value).where(
            levels.c.subscriber_id == subscriber_id, levels.c.kind == ALERTS
        )
        return frozenset(await self._db.scalars(query))

    async def set_only_large(self, subscriber_id: int, category: str, *, on: bool) -> None:
        """Set whether a category's alerts are for large news only, as `only_large` returns it."""
        row = {"subscriber_id": subscriber_id, "kind": ALERTS, "value": category}

        def write(connection: Connection) -> None:
            locked(connection, subscriber_id)
            connection.execute(delete(levels).filter_by(**row))
            if on:
                connection.execute(insert(levels).values(**row, level="large"))

        await self._db.write(after_keeping(subscriber_id, write))

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
                        number=next_number(connection, self._db.dialect),
                    )
                )
                connection.execute(delete(levels).where(_muted_row(subscriber_id, kept)))
                now = replace(
                    now, words=now.words | {spelling}, muted_words=now.muted_words - {kept}
                )
            elif alerts is not None:
                connection.execute(
                    update(word_follows)
                    .where(_followed_row(subscriber_id, kept))
                    .values(alerts=alerts)
                )
            return give_taste(connection, subscriber_id, now)

        return await self._db.write(after_keeping(subscriber_id, write))

    async def unfollow_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Unfollow a word or phrase, in any spelling with the same tokens."""
        kept = search_words.muted(word)

        def write(connection: Connection) -> Subscriber:
            now = locked(connection, subscriber_id).taste
            connection.execute(delete(word_follows).where(_followed_row(subscriber_id, kept)))
            return give_taste(connection, subscriber_id, _without_word(now, kept))

        return await self._db.write(after_keeping(subscriber_id, write))

    async def has_alerts(self, subscriber_id: int) -> bool:
        """Return whether a subscriber follows any category or word with alerts."""
        return bool(await self.alerts(subscriber_id) or await self.word_alerts(subscriber_id))

    async def word_alerts(self, subscriber_id: int) -> frozenset[str]:
        """Return the words that a subscriber follows with alerts, as the reader wrote them."""
        query = select(word_follows.c.spelling).where(
            word_follows.c.subscriber_id == subscriber_id, words_with_alerts
        )
        return frozenset(await self._db.scalars(query))

    def _follow(
        self,
        connection: Connection,
        subscriber_id: int,
        category: str,
        *,
        alerts: bool | None,
    ) -> None:
        connection.execute(
            insert_new(follows, self._db.dialect).values(
                subscriber_id=subscriber_id, category=category, alerts=bool(alerts)
            )
        )
        if alerts is not None:
            connection.execute(
                update(follows)
                .where(follows.c.subscriber_id == subscriber_id, follows.c.category == category)
                .values(alerts=alerts)
            )

    def _add(
        self,
        connection: Connection,
        subscriber_id: int,
        subject: Subject,
        level: Level,
        usual: _Follow,
    ) -> None:
        connection.execute(
            insert_new(levels, self._db.dialect).values(
                subscriber_id=subscriber_id,
                kind=_kind(subject),
                value=str(subject),
                level=level.value,
                followed=usual.on,
                alerts=usual.alerts,
            )
        )


def _with_level(taste: Taste, subject: Subject, level: Level) -> Taste:
    """Return the taste with another level of one subject, and unchanged follows."""
    if isinstance(subject, int):
        return replace(
            taste,
            muted_sources=_among(taste.muted_sources, subject, on=level is Level.OFF),
            less_sources=_among(taste.less_sources, subject, on=level is Level.LESS),
            more_sources=_among(taste.more_sources, subject, on=level is Level.MORE),
        )
    return replace(
        taste,
        muted_categories=_among(taste.muted_categories, subject, on=level is Level.OFF),
        less=_among(taste.less, subject, on=level is Level.LESS),
        more=_among(taste.more, subject, on=level is Level.MORE),
    )


def _among(held: frozenset[S], one: S, *, on: bool) -> frozenset[S]:
    return held | {one} if on else held - {one}


def can_be_muted(word: str) -> bool:
    """Return whether a word is long enough: two letters or digits, or one ideograph.

    Punctuation does not count: "A+" would leave a letter that nearly every English article has.
    """
    kept = search_words.muted(word)
    return len(kept) >= SHORTEST_WORD or kept >= _IDEOGRAPHS


def _usual(connection: Connection, subscriber_id: int, category: str, now: Taste) -> _Follow:
    """Return whether a category is followed, and with alerts, while its level is normal."""
    alerts = connection.execute(
        select(follows.c.alerts).where(
            follows.c.subscriber_id == subscriber_id, follows.c.category == category
        )
    ).scalar()
    level = now.level(category)
    if level in {Level.NORMAL, Level.LESS}:
        return _Follow(category in now.follows, bool(alerts))
    kept = connection.execute(
        select(levels.c.followed, levels.c.alerts).where(_one(subscriber_id, category))
    ).one()
    if level is Level.OFF or not kept.followed:
        return _Follow(kept.followed, kept.alerts)
    return _Follow(on=True, alerts=bool(alerts))


def _unfollow(connection: Connection, subscriber_id: int, category: str) -> None:
    connection.execute(
        delete(follows).where(
            follows.c.subscriber_id == subscriber_id, follows.c.category == category
        )
    )


def _forget(connection: Connection, subscriber_id: int, subject: Subject) -> None:
    connection.execute(delete(levels).where(_one(subscriber_id, subject)))


def _one(subscriber_id: int, subject: Subject) -> ColumnElement[bool]:
    return and_(
        levels.c.subscriber_id == subscriber_id,
        levels.c.kind == _kind(subject),
        levels.c.value == str(subject),
    )


def _kind(subject: Subject) -> str:
    return _SOURCE if isinstance(subject, int) else _CATEGORY


def _followed_row(subscriber_id: int, kept: str) -> ColumnElement[bool]:
    """Return a condition that selects the row of a followed word, given its tokens."""
    return and_(word_follows.c.subscriber_id == subscriber_id, word_follows.c.word == kept)


def _muted_row(subscriber_id: int, kept: str) -> ColumnElement[bool]:
    """Return a condition that selects the row of a muted word, given its tokens."""
    return and_(
        levels.c.subscriber_id == subscriber_id, levels.c.kind == WORD, levels.c.value == kept
    )


def _without_word(taste: Taste, kept: str) -> Taste:
    """Return the taste without the followed word that has these tokens."""
    if kept not in taste.sought:
        return taste
    return replace(taste, words=taste.words - {taste.sought[kept]})


def next_number(connection: Connection, dialect: str) -> int:
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
