"""The subscribers and their settings. The module `choices` has what they follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, delete, exists, func, select, update

from storage.db.dialect import insert_new, insert_or_update
from storage.model import EVERY_DAY, FIRST_OF_CHANNELS, ChatKind, Layout, State, Subscriber, Taste
from storage.readers import preferences
from storage.readers.choices import LONGEST_MUTED_WORD, MOST_MUTED_WORDS, Choices
from storage.readers.kept_choices import after_keeping
from storage.readers.subscriber_rows import (
    SUBSCRIBER,
    SUBSCRIBER_BY_ID,
    SUBSCRIBER_OF_CHAT,
    UnknownSubscriberError,
    current,
    locked,
    subscriber_of,
)
from storage.tables.declaration import declaration_of
from storage.tables.reader_schema import managers, section_topics, subscribers
from storage.tables.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Column, Connection, Row, Select


__all__ = [
    "LONGEST_MUTED_WORD",
    "MOST_MUTED_WORDS",
    "Changes",
    "Subscribers",
    "UnknownSubscriberError",
]


class Changes(TypedDict, total=False):
    """The settings that `Subscribers.change` accepts."""

    language: str
    zone: str
    city: str
    digest_minute: int
    evening_minute: int | None
    days: int
    layout: Layout
    empty_note: bool
    silent: bool
    silent_alerts: bool
    alerts_a_day: int
    quiet_from: int | None
    quiet_to: int | None
    paused_until: datetime | None
    next_at: datetime | None
    place: int
    state: State
    languages: frozenset[str]
    translate: frozenset[str]
    also_read: frozenset[str]


OF_TASTE = ("languages", "translate", "also_read")
"""The fields of `Changes` that belong to the taste."""


@dataclass(frozen=True, slots=True)
class ListedReader:
    """A subscriber in the list."""

    id: int
    chat_id: int
    thread_id: int
    """The forum topic; 0 for none."""
    kind: ChatKind
    state: State
    last_edition: datetime | None
    """When the last edition was due; None before the first one."""
    title: str
    """The title of a channel, group or topic managed from a private chat; else empty."""


class Subscribers(Choices):
    """The chats that the bot writes to."""

    async def ensure(
        self,
        chat_id: int,
        *,
        thread_id: int = 0,
        kind: ChatKind,
        language: str,
        zone: str,
        digest_minute: int,
        kind_confirmed: bool = False,
        layout: Layout = Layout.SUMMARIES,
        languages: frozenset[str] = frozenset(),
        now: datetime,
    ) -> tuple[Subscriber, bool]:
        """Return a chat's subscriber, and whether it was created now.

        A new one is active, follows nothing, is at place 0, before the whole archive, and has no
        next edition. One that was gone becomes active again with its old settings.

        Args:
            thread_id: The forum topic; 0 for none.
            digest_minute: The time of the edition, in minutes after local midnight.
            kind_confirmed: Whether Telegram itself gave `kind`.
            languages: The languages of articles; empty for all.
        """
        known = await self.find(chat_id, thread_id)
        if known is not None and known.state is not State.GONE:
            return known, False

        def write(connection: Connection) -> tuple[Subscriber, bool]:
            nothing = preferences.keep(connection, Taste(languages=languages))
            added = connection.execute(
                insert_new(subscribers, self._db.dialect).values(
                    chat_id=chat_id,
                    thread_id=thread_id,
                    kind=kind.value,
                    kind_confirmed=kind_confirmed,
                    state=State.ACTIVE.value,
                    language=language,
                    zone=zone,
                    digest_minute=digest_minute,
                    days=EVERY_DAY,
                    layout=layout.value,
                    empty_note=False,
                    place=0,
                    taste_key=nothing,
                    created=now,
                )
            )
            connection.execute(
                update(subscribers)
                .where(
                    subscribers.c.chat_id == chat_id,
                    subscribers.c.thread_id == thread_id,
                    subscribers.c.state == State.GONE.value,
                )
                .values(state=State.ACTIVE.value, kind=kind.value, away_since=None)
            )
            if kind_confirmed:
                connection.execute(
                    update(subscribers)
                    .where(subscribers.c.chat_id == chat_id, ~subscribers.c.kind_confirmed)
                    .values(kind_confirmed=True)
                )
            one = {"chat": chat_id, "thread": thread_id}
            row = connection.execute(SUBSCRIBER_OF_CHAT, one).one()
            return subscriber_of(row), bool(added.rowcount)

        return await self._db.write(write)

    async def confirm_kind(self, chat_id: int, *, channel: bool) -> None:
        """Record whether Telegram says that a chat is a channel.

        A wrongly stored kind is corrected; everything else stays.
        """
        s = subscribers.c
        wrong = s.kind != ChatKind.CHANNEL.value if channel else s.kind == ChatKind.CHANNEL.value
        right = ChatKind.CHANNEL if channel else ChatKind.GROUP

        def write(connection: Connection) -> None:
            connection.execute(
                update(subscribers).where(s.chat_id == chat_id, wrong).values(kind=right.value)
            )
            connection.execute(
                update(subscribers).where(s.chat_id == chat_id).values(kind_confirmed=True)
            )

        await self._db.write(write)

    async def unconfirmed(self) -> list[int]:
        """Return active chats stored as groups that may be channels, the next due first."""
        s = subscribers.c
        query = (
            select(s.chat_id)
            .where(
                s.chat_id < FIRST_OF_CHANNELS,
                s.kind_confirmed.is_(False),
                s.kind != ChatKind.CHANNEL.value,
                s.state == State.ACTIVE.value,
            )
            .group_by(s.chat_id)
            .order_by(func.min(s.next_at).nulls_last(), s.chat_id)
        )
        rows = await self._db.rows(query)
        return [row.chat_id for row in rows]

    async def find(self, chat_id: int, thread_id: int = 0) -> Subscriber | None:
        """Return the subscriber of a chat, or of a topic in it; None if unknown."""
        return await self._one(SUBSCRIBER_OF_CHAT, chat=chat_id, thread=thread_id)

    async def get(self, subscriber_id: int) -> Subscriber | None:
        """Return the subscriber with this id, or None."""
        return await self._one(SUBSCRIBER_BY_ID, number=subscriber_id)

    async def chat_ids(self, *, after: int | None, limit: int) -> list[int]:
        """Return the ids of subscribed chats above `after`, in ascending order."""
        query = select(subscribers.c.chat_id).distinct().order_by(subscribers.c.chat_id)
        if after is not None:
            query = query.where(subscribers.c.chat_id > after)
        query = query.limit(limit)
        return list(await self._db.scalars(query))

    async def since(self, moment: datetime) -> dict[int, datetime]:
        """Return the chats that first subscribed after a time: chat id → when."""
        first = func.min(subscribers.c.created)
        query = (
            select(subscribers.c.chat_id, first)
            .where(subscribers.c.created > moment)
            .group_by(subscribers.c.chat_id)
        )
        rows = await self._db.rows(query)
        return {row[0]: row[1] for row in rows}

    async def change(self, subscriber_id: int, /, **fields: Unpack[Changes]) -> Subscriber:
        """Change settings, and return the changed subscriber, or raise UnknownSubscriberError."""

        def write(connection: Connection) -> Subscriber:
            _change(connection, subscriber_id, fields)
            return current(connection, subscriber_id)

        return await self._db.write(after_keeping(subscriber_id, write))

    async def change_by(
        self, subscriber_id: int, decide: Callable[[Subscriber], Changes]
    ) -> Subscriber:
        """Change settings depending on their current values, and return the changed subscriber.

        Concurrent changes run one after another: the second one sees the result of the first.
        `decide` is pure. It raises UnknownSubscriberError if no subscriber has this id.
        """

        def write(connection: Connection) -> Subscriber:
            before = locked(connection, subscriber_id)
            _change(connection, subscriber_id, decide(before))
            return current(connection, subscriber_id)

        return await self._db.write(after_keeping(subscriber_id, write))

    async def move_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """Give the subscribers of a group that became a supergroup its new id.

        If the new chat already has a subscriber, the old settings win, and saved and shared
        articles are merged. Moving a chat again does nothing.
        """
        if old_chat_id != new_chat_id:
            await self._db.write(
                partial(move_chat, old_chat_id=old_chat_id, new_chat_id=new_chat_id)
            )

    async def topics(self, chat_id: int) -> dict[int, str]:
        """Return the topics of a group that Telegram told of: thread id → section, "" for none."""
        query = select(section_topics.c.thread_id, section_topics.c.section)
        rows = await self._db.rows(query.where(section_topics.c.chat_id == chat_id))
        return {row[0]: row[1] for row in rows}

    async def note_topic(self, chat_id: int, thread_id: int, section: str) -> None:
        """Record the section whose name a group's topic has now, or "" for none."""
        query = insert_or_update(section_topics, self._db.dialect, "section")
        await self._db.execute(query.values(chat_id=chat_id, thread_id=thread_id, section=section))

    async def of_chat(self, chat_id: int) -> list[Subscriber]:
        """Return the subscribers of a chat: the chat itself, and its topics."""
        query = SUBSCRIBER.where(subscribers.c.chat_id == chat_id).order_by(subscribers.c.id)
        rows = await self._db.rows(query)
        return [subscriber_of(row) for row in rows]

    async def chats(self, *states: State) -> list[tuple[int, ChatKind]]:
        """Return the chats with a subscriber in one of these states, ordered by id."""
        s = subscribers.c
        query = (
            select(s.chat_id, s.kind)
            .where(s.state.in_([state.value for state in states]))
            .distinct()
            .order_by(s.chat_id)
        )
        rows = await self._db.rows(query)
        return [(chat_id, ChatKind(kind)) for chat_id, kind in rows]

    async def gone(self, chat_id: int, thread_id: int | None = None) -> list[int]:
        """Mark a chat's subscribers, or one topic, as gone, because Telegram refuses the chat.

        Return the ids of those who were not gone before.
        """
        whose = [subscribers.c.chat_id == chat_id]
        if thread_id is not None:
            whose.append(subscribers.c.thread_id == thread_id)

        def write(connection: Connection) -> list[int]:
            went = connection.execute(
                select(subscribers.c.id).where(*whose, subscribers.c.state != State.GONE.value)
            )
            ids = list(went.scalars())
            if thread_id is None:
                left = section_topics.c.chat_id == chat_id
                connection.execute(delete(section_topics).where(left))
            connection.execute(
                update(subscribers).where(*whose).values(state=State.GONE.value, next_at=None)
            )
            return ids

        return await self._db.write(write)

    async def sweep(self) -> int:
        """Delete tastes that are not used any more. Return how many."""
        return await preferences.sweep(self._db)

    async def count(self) -> dict[State, int]:
        """Return the number of subscribers in each state."""
        query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
        rows = await self._db.rows(query)
        found = {State(state): count for state, count in rows}
        return {state: found.get(state, 0) for state in State}

    async def _one(self, query: Select[*tuple[Any, ...]], **asked: int) -> Subscriber | None:
        row = await self._db.first(query, asked)
        return None if row is None else subscriber_of(row)

    async def listed(self) -> list[ListedReader]:
        """Return all subscribers for an operator, ordered by id. Names of people are not stored."""
        s = subscribers.c
        # All managers of a chat have the same title stored.
        titles = (
            select(managers.c.subscriber_id, func.max(managers.c.title).label("title"))
            .group_by(managers.c.subscriber_id)
            .subquery()
        )
        query = (
            select(s.id, s.chat_id, s.thread_id, s.kind, s.state, s.edition_at, titles.c.title)
            .outerjoin(titles, titles.c.subscriber_id == s.id)
            .order_by(s.id)
        )
        rows = await self._db.rows(query)
        return [
            ListedReader(
                id_, chat_id, thread_id, ChatKind(kind), State(state), edition_at, title or ""
            )
            for id_, chat_id, thread_id, kind, state, edition_at, title in rows
        ]


def _change(connection: Connection, subscriber_id: int, fields: Changes) -> None:
    values: dict[str, Any] = {
        name: value.value if isinstance(value, (Layout, State)) else value
        for name, value in fields.items()
        if name not in OF_TASTE
    }
    if fields.get("state") is State.ACTIVE:
        values["away_since"] = None
    if chosen := {name: value for name, value in fields.items() if name in OF_TASTE}:
        now = locked(connection, subscriber_id).taste
        values["taste_key"] = preferences.keep(
            connection, replace(now, **cast("dict[str, Any]", chosen))
        )
    if values:
        connection.execute(
            update(subscribers).where(subscribers.c.id == subscriber_id).values(values)
        )


def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """Give the old chat's subscribers the new id, merging those that the new chat has."""
    there = _rows(connection, new_chat_id)
    for thread_id, old in _rows(connection, old_chat_id).items():
        values: dict[str, Any] = {"chat_id": new_chat_id}
        if (new := there.get(thread_id)) is not None:
            _take_over(connection, old.id, new.id)
            if old.state == State.GONE.value:
                # The chat is active under its new id, so it is not gone.
                values |= {"state": new.state, "next_at": new.next_at, "away_since": None}
        connection.execute(update(subscribers).where(subscribers.c.id == old.id).values(values))


def _rows(connection: Connection, chat_id: int) -> dict[int, Row[*tuple[Any, ...]]]:
    """Return the subscribers of a chat by topic, and lock them."""
    found = connection.execute(
        select(
            subscribers.c.thread_id, subscribers.c.id, subscribers.c.state, subscribers.c.next_at
        )
        .where(subscribers.c.chat_id == chat_id)
        .with_for_update()
    )
    return {row.thread_id: row for row in found}


def _take_over(connection: Connection, to: int, from_: int) -> None:
    """Move one subscriber's data to another, as the tables declare, and delete the first.

    Rows that the other has already, by a unique key, are deleted with the first.
    """
    for column in _merged_columns():
        own = column.table.alias()
        same = [
            exists().where(own.c[column.name] == to, *(own.c[each.name] == each for each in others))
            for others in _unique_with(column)
        ]
        connection.execute(
            update(column.table)
            .where(column == from_, *(~each for each in same))
            .values({column: to})
        )
    connection.execute(delete(subscribers).where(subscribers.c.id == from_))


def _merged_columns() -> Iterator[Column[Any]]:
    """Yield the columns that refer to a subscriber and whose rows are merged."""
    for table in metadata.sorted_tables:
        for each in declaration_of(table).forget:
            column = table.c[each.column]
            if each.merged and any(key.column is subscribers.c.id for key in column.foreign_keys):
                yield column


def _unique_with(column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """Yield the other columns of each unique key that has a column."""
    for key in column.table.constraints:
        if isinstance(key, PrimaryKeyConstraint | UniqueConstraint) and column in set(key.columns):
            yield [each for each in key.columns if each is not column]
