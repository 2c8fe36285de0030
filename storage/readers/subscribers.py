"""The subscribers and their settings; what they chose to get is in `choices`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import func, select, update

from storage.db.dialect import insert_new
from storage.model import (
    EVERY_DAY,
    FIRST_OF_CHANNELS,
    ChatKind,
    Layout,
    State,
    Subscriber,
    Taste,
)
from storage.readers import chat_migration, preferences
from storage.readers.choices import LONGEST_MUTED_WORD, MOST_MUTED_WORDS, Choices
from storage.readers.subscriber_rows import (
    SUBSCRIBER,
    SUBSCRIBER_BY_ID,
    SUBSCRIBER_OF_CHAT,
    UnknownSubscriberError,
    current,
    locked,
    subscriber_of,
)
from storage.readers.word_choices import WordChoices
from storage.tables.schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "LONGEST_MUTED_WORD",
    "MOST_MUTED_WORDS",
    "Changes",
    "Subscribers",
    "UnknownSubscriberError",
]


class Changes(TypedDict, total=False):
    """The settings that `Subscribers.change` takes."""

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


class Subscribers(Choices, WordChoices):
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
        """The subscriber of a chat, made if it is new; True if it was.

        A new one is active, follows nothing, reads articles in `languages` (none named means all),
        stands before the whole archive (place 0) and awaits no edition. One that was gone is active
        again, with the settings it had. `kind_confirmed` says that `kind` is Telegram's word.
        """
        known = await self.find(chat_id, thread_id)
        if known is not None and known.state is not State.GONE:
            return known, False
        async with self._db.write() as connection:
            nothing = await preferences.keep(connection, Taste(languages=languages))
            added = await connection.execute(
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
            await connection.execute(
                update(subscribers)
                .where(
                    subscribers.c.chat_id == chat_id,
                    subscribers.c.thread_id == thread_id,
                    subscribers.c.state == State.GONE.value,
                )
                .values(state=State.ACTIVE.value, kind=kind.value, away_since=None)
            )
            if kind_confirmed:
                await connection.execute(
                    update(subscribers)
                    .where(subscribers.c.chat_id == chat_id, ~subscribers.c.kind_confirmed)
                    .values(kind_confirmed=True)
                )
            one = {"chat": chat_id, "thread": thread_id}
            row = (await connection.execute(SUBSCRIBER_OF_CHAT, one)).one()
        return subscriber_of(row), bool(added.rowcount)

    async def confirm_kind(self, chat_id: int, *, channel: bool) -> None:
        """Note what Telegram says of a chat: whether it is a channel.

        What was stored as another kind is corrected, with all else kept.
        """
        s = subscribers.c
        wrong = s.kind != ChatKind.CHANNEL.value if channel else s.kind == ChatKind.CHANNEL.value
        right = ChatKind.CHANNEL if channel else ChatKind.GROUP
        async with self._db.write() as connection:
            await connection.execute(
                update(subscribers).where(s.chat_id == chat_id, wrong).values(kind=right.value)
            )
            await connection.execute(
                update(subscribers).where(s.chat_id == chat_id).values(kind_confirmed=True)
            )

    async def unconfirmed(self) -> list[int]:
        """Chats that may be channels although they are stored as groups; the next due first.

        Only those that are written to.
        """
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
        rows = await self._db.look(lambda connection: connection.execute(query).all())
        return [row.chat_id for row in rows]

    async def find(self, chat_id: int, thread_id: int = 0) -> Subscriber | None:
        """The subscriber of a chat, and of a topic in it."""
        return await self._one(SUBSCRIBER_OF_CHAT, chat=chat_id, thread=thread_id)

    async def get(self, subscriber_id: int) -> Subscriber | None:
        """The subscriber of this id."""
        return await self._one(SUBSCRIBER_BY_ID, number=subscriber_id)

    async def chat_ids(self, *, after: int | None, limit: int) -> list[int]:
        """The ids of chats that are subscribers, in order, at most so many behind one of them."""
        query = select(subscribers.c.chat_id).distinct().order_by(subscribers.c.chat_id)
        if after is not None:
            query = query.where(subscribers.c.chat_id > after)
        query = query.limit(limit)
        return await self._db.look(lambda reader: list(reader.scalars(query)))

    async def since(self, moment: datetime) -> dict[int, datetime]:
        """The chats that have been subscribers since a moment or later: id → since when."""
        first = func.min(subscribers.c.created)
        query = (
            select(subscribers.c.chat_id, first)
            .where(subscribers.c.created > moment)
            .group_by(subscribers.c.chat_id)
        )
        rows = await self._db.look(lambda reader: reader.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def change(self, subscriber_id: int, /, **fields: Unpack[Changes]) -> Subscriber:
        """Change settings, and give the subscriber as it is then.

        Raises:
            UnknownSubscriberError: There is none of this id.
        """
        async with self._db.write() as connection:
            await _change(connection, subscriber_id, fields)
            return await current(connection, subscriber_id)

    async def change_by(
        self, subscriber_id: int, decide: Callable[[Subscriber], Changes]
    ) -> Subscriber:
        """Change settings by what they are at that moment, and give the subscriber as it is then.

        Two changes at once follow each other: the second one is decided by what the first one made.

        Args:
            subscriber_id: Whose.
            decide: Gives the settings that change; must be pure.

        Raises:
            UnknownSubscriberError: There is none of this id.
        """
        async with self._db.write() as connection:
            before = await locked(connection, subscriber_id)
            await _change(connection, subscriber_id, decide(before))
            return await current(connection, subscriber_id)

    async def move_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """A group became a supergroup: its subscribers, with all they have, get its new id.

        Where the new chat has a subscriber already, the old settings win, and both keep what
        they saved and shared. Moving what has moved does nothing.
        """
        if old_chat_id != new_chat_id:
            async with self._db.write() as connection:
                await chat_migration.move_chat(connection, old_chat_id, new_chat_id)

    async def of_chat(self, chat_id: int) -> list[Subscriber]:
        """The subscribers of a chat: itself, and topics of it."""
        query = SUBSCRIBER.where(subscribers.c.chat_id == chat_id).order_by(subscribers.c.id)
        rows = await self._db.look(lambda connection: connection.execute(query).all())
        return [subscriber_of(row) for row in rows]

    async def chats(self, *states: State) -> list[tuple[int, ChatKind]]:
        """The chats that have a subscriber in one of these states, by id."""
        s = subscribers.c
        query = (
            select(s.chat_id, s.kind)
            .where(s.state.in_([state.value for state in states]))
            .distinct()
            .order_by(s.chat_id)
        )
        rows = await self._db.look(lambda connection: connection.execute(query).all())
        return [(chat_id, ChatKind(kind)) for chat_id, kind in rows]

    async def gone(self, chat_id: int, thread_id: int | None = None) -> list[int]:
        """Telegram refuses a chat: none of its subscribers is written to until one returns.

        Args:
            chat_id: Which.
            thread_id: The one topic that is refused; None for the whole chat.

        Returns:
            The ids of those who were written to until now.
        """
        whose = [subscribers.c.chat_id == chat_id]
        if thread_id is not None:
            whose.append(subscribers.c.thread_id == thread_id)
        async with self._db.write() as connection:
            went = await connection.execute(
                select(subscribers.c.id).where(*whose, subscribers.c.state != State.GONE.value)
            )
            ids = list(went.scalars())
            await connection.execute(
                update(subscribers).where(*whose).values(state=State.GONE.value, next_at=None)
            )
        return ids

    async def sweep(self) -> int:
        """Delete the tastes that nobody has any more; returns how many there were."""
        return await preferences.sweep(self._db)

    async def count(self) -> dict[State, int]:
        """How many subscribers there are in each state."""
        query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
        async with self._db.read() as connection:
            found = {State(state): count for state, count in await connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

    async def _one(self, query: Select[*tuple[Any, ...]], **asked: int) -> Subscriber | None:
        row = await self._db.look(lambda connection: connection.execute(query, asked).one_or_none())
        return None if row is None else subscriber_of(row)


async def _change(connection: AsyncConnection, subscriber_id: int, fields: Changes) -> None:
    values: dict[str, Any] = {
        name: value.value if isinstance(value, (Layout, State)) else value
        for name, value in fields.items()
        if name != "languages"
    }
    if fields.get("state") is State.ACTIVE:
        values["away_since"] = None
    if "languages" in fields:
        now = (await locked(connection, subscriber_id)).taste
        values["taste_key"] = await preferences.keep(
            connection, replace(now, languages=fields["languages"])
        )
    if values:
        await connection.execute(
            update(subscribers).where(subscribers.c.id == subscriber_id).values(values)
        )
