"""The subscribers: their settings, what they follow and what they mute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import delete, func, select, update

from storage import chat_migration, preferences, search_words
from storage.dialect import insert_new
from storage.model import (
    EVERY_DAY,
    ChatKind,
    Layout,
    State,
    Subscriber,
    Taste,
)
from storage.schema import follows, mutes, subscribers, tastes, with_alerts

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.database import Database

LONGEST_MUTED_WORD = 100
MOST_MUTED_WORDS = 100
"""Each one is looked for in every article of an edition."""

_COLUMNS = (
    subscribers.c.id,
    subscribers.c.chat_id,
    subscribers.c.thread_id,
    subscribers.c.kind,
    subscribers.c.state,
    subscribers.c.language,
    subscribers.c.zone,
    subscribers.c.digest_minute,
    subscribers.c.days,
    subscribers.c.layout,
    subscribers.c.empty_note,
    subscribers.c.quiet_from,
    subscribers.c.quiet_to,
    subscribers.c.paused_until,
    subscribers.c.next_at,
    subscribers.c.place,
    tastes.c.spec,
    subscribers.c.created,
    subscribers.c.edition_at,
    subscribers.c.evening_minute,
    subscribers.c.silent,
    subscribers.c.silent_alerts,
)
_SUBSCRIBER = select(*_COLUMNS).join_from(subscribers, tastes)
_CATEGORY, _WORD = "category", "word"


class UnknownSubscriberError(LookupError):
    """There is no subscriber of this id; perhaps the reader asked to be forgotten."""

    def __init__(self, subscriber_id: int) -> None:
        super().__init__(f"there is no subscriber {subscriber_id}")
        self.subscriber_id = subscriber_id


class Changes(TypedDict, total=False):
    """The settings that `Subscribers.change` takes."""

    language: str
    zone: str
    digest_minute: int
    evening_minute: int | None
    days: int
    layout: Layout
    empty_note: bool
    silent: bool
    silent_alerts: bool
    quiet_from: int | None
    quiet_to: int | None
    paused_until: datetime | None
    next_at: datetime | None
    place: int
    state: State
    languages: frozenset[str]


class Subscribers:
    """The chats that the bot writes to."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def ensure(
        self,
        chat_id: int,
        *,
        thread_id: int = 0,
        kind: ChatKind,
        language: str,
        zone: str,
        digest_minute: int,
        layout: Layout = Layout.SUMMARIES,
        now: datetime,
    ) -> tuple[Subscriber, bool]:
        """The subscriber of a chat, made if it is new; True if it was.

        A new one is active, follows nothing, stands before the whole archive (place 0) and awaits
        no edition. One that was gone is active again, with the settings it had.
        """
        known = await self.find(chat_id, thread_id)
        if known is not None and known.state is not State.GONE:
            return known, False
        async with self._db.write() as connection:
            nothing = await preferences.keep(connection, Taste())
            added = await connection.execute(
                insert_new(subscribers, self._db.dialect).values(
                    chat_id=chat_id,
                    thread_id=thread_id,
                    kind=kind.value,
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
            one = (subscribers.c.chat_id == chat_id, subscribers.c.thread_id == thread_id)
            await connection.execute(
                update(subscribers)
                .where(*one, subscribers.c.state == State.GONE.value)
                .values(state=State.ACTIVE.value, kind=kind.value, away_since=None)
            )
            row = (await connection.execute(_SUBSCRIBER.where(*one))).one()
        return _subscriber(row), bool(added.rowcount)

    async def find(self, chat_id: int, thread_id: int = 0) -> Subscriber | None:
        """The subscriber of a chat, and of a topic in it."""
        return await self._one(
            subscribers.c.chat_id == chat_id, subscribers.c.thread_id == thread_id
        )

    async def get(self, subscriber_id: int) -> Subscriber | None:
        """The subscriber of this id."""
        return await self._one(subscribers.c.id == subscriber_id)

    async def change(self, subscriber_id: int, /, **fields: Unpack[Changes]) -> Subscriber:
        """Change settings, and give the subscriber as it is then.

        Raises:
            UnknownSubscriberError: There is none of this id.
        """
        values: dict[str, Any] = {
            name: value.value if isinstance(value, (Layout, State)) else value
            for name, value in fields.items()
            if name != "languages"
        }
        if fields.get("state") is State.ACTIVE:
            values["away_since"] = None
        async with self._db.write() as connection:
            if "languages" in fields:
                now = (await _locked(connection, subscriber_id)).taste
                values["taste_key"] = await preferences.keep(
                    connection, replace(now, languages=fields["languages"])
                )
            if values:
                await connection.execute(
                    update(subscribers).where(subscribers.c.id == subscriber_id).values(values)
                )
            return await _current(connection, subscriber_id)

    async def follow(
        self, subscriber_id: int, category: str, *, alerts: bool | None = None
    ) -> Subscriber:
        """Follow a category, which unmutes it. Alerts stay as they are where not said.

        Raises:
            UnknownSubscriberError: There is none of this id. So with each method below.
        """
        async with self._db.write() as connection:
            now = (await _locked(connection, subscriber_id)).taste
            await connection.execute(
                insert_new(follows, self._db.dialect).values(
                    subscriber_id=subscriber_id, category=category, alerts=bool(alerts)
                )
            )
            if alerts is not None:
                await connection.execute(
                    update(follows)
                    .where(follows.c.subscriber_id == subscriber_id, follows.c.category == category)
                    .values(alerts=alerts)
                )
            await _unmute(connection, subscriber_id, _CATEGORY, category)
            return await _move(
                connection,
                subscriber_id,
                replace(
                    now,
                    follows=now.follows | {category},
                    muted_categories=now.muted_categories - {category},
                ),
            )

    async def unfollow(self, subscriber_id: int, category: str) -> Subscriber:
        """Follow a category no more."""
        async with self._db.write() as connection:
            now = (await _locked(connection, subscriber_id)).taste
            await _unfollow(connection, subscriber_id, category)
            return await _move(
                connection, subscriber_id, replace(now, follows=now.follows - {category})
            )

    async def mute_category(self, subscriber_id: int, category: str) -> Subscriber:
        """Keep a category's articles out, whatever else they are filed under; unfollows it."""
        async with self._db.write() as connection:
            now = (await _locked(connection, subscriber_id)).taste
            await _unfollow(connection, subscriber_id, category)
            await self._mute(connection, subscriber_id, _CATEGORY, category)
            return await _move(
                connection,
                subscriber_id,
                replace(
                    now,
                    follows=now.follows - {category},
                    muted_categories=now.muted_categories | {category},
                ),
            )

    async def unmute_category(self, subscriber_id: int, category: str) -> Subscriber:
        """Let a category's articles in again."""
        async with self._db.write() as connection:
            now = (await _locked(connection, subscriber_id)).taste
            await _unmute(connection, subscriber_id, _CATEGORY, category)
            return await _move(
                connection,
                subscriber_id,
                replace(now, muted_categories=now.muted_categories - {category}),
            )

    async def mute_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Keep articles with this word or phrase in title or standfirst out.

        It is kept folded (see `search_words.muted`). One without a letter or digit changes nothing,
        nor does one beyond `MOST_MUTED_WORDS`.
        """
        kept = search_words.muted(word[:LONGEST_MUTED_WORD])
        async with self._db.write() as connection:
            subscriber = await _locked(connection, subscriber_id)
            now = subscriber.taste
            if not kept or len(now.muted_words) >= MOST_MUTED_WORDS:
                return subscriber
            await self._mute(connection, subscriber_id, _WORD, kept)
            return await _move(
                connection, subscriber_id, replace(now, muted_words=now.muted_words | {kept})
            )

    async def unmute_word(self, subscriber_id: int, word: str) -> Subscriber:
        """Let articles with this word or phrase in again."""
        kept = search_words.muted(word[:LONGEST_MUTED_WORD])
        async with self._db.write() as connection:
            now = (await _locked(connection, subscriber_id)).taste
            await _unmute(connection, subscriber_id, _WORD, kept)
            return await _move(
                connection, subscriber_id, replace(now, muted_words=now.muted_words - {kept})
            )

    async def alerts(self, subscriber_id: int) -> frozenset[str]:
        """The categories that a subscriber follows with alerts."""
        query = select(follows.c.category).where(
            follows.c.subscriber_id == subscriber_id, with_alerts
        )
        return await self._db.look(
            lambda connection: frozenset(connection.execute(query).scalars())
        )

    async def move_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """A group became a supergroup: its subscribers, with all they have, get its new id.

        Where the new chat has a subscriber already, the old settings win, and both keep what
        they saved and shared. Moving what has moved does nothing.
        """
        if old_chat_id != new_chat_id:
            async with self._db.write() as connection:
                await chat_migration.move_chat(connection, old_chat_id, new_chat_id)

    async def gone(self, chat_id: int) -> None:
        """Telegram refuses a chat: none of its subscribers is written to until one returns."""
        async with self._db.write() as connection:
            await connection.execute(
                update(subscribers)
                .where(subscribers.c.chat_id == chat_id)
                .values(state=State.GONE.value, next_at=None)
            )

    async def forget(self, subscriber_id: int) -> None:
        """Delete a subscriber with everything that is kept about it."""
        async with self._db.write() as connection:
            await connection.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))
            await preferences.sweep(connection)

    async def sweep(self) -> int:
        """Delete the tastes that nobody has any more; returns how many there were."""
        async with self._db.write() as connection:
            return await preferences.sweep(connection)

    async def count(self) -> dict[State, int]:
        """How many subscribers there are in each state."""
        query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
        async with self._db.read() as connection:
            found = {State(state): count for state, count in await connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

    async def _one(self, *condition: ColumnElement[bool]) -> Subscriber | None:
        query = _SUBSCRIBER.where(*condition)
        row = await self._db.look(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else _subscriber(row)

    async def _mute(
        self, connection: AsyncConnection, subscriber_id: int, kind: str, value: str
    ) -> None:
        await connection.execute(
            insert_new(mutes, self._db.dialect).values(
                subscriber_id=subscriber_id, kind=kind, value=value
            )
        )


def _subscriber(row: Row[*tuple[Any, ...]]) -> Subscriber:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    spec = values.pop("spec")
    return Subscriber(
        **{
            **values,
            "kind": ChatKind(values["kind"]),
            "state": State(values["state"]),
            "layout": Layout(values["layout"]),
            "taste": preferences.from_spec(spec),
        }
    )


async def _current(connection: AsyncConnection, subscriber_id: int) -> Subscriber:
    row = (
        await connection.execute(_SUBSCRIBER.where(subscribers.c.id == subscriber_id))
    ).one_or_none()
    if row is None:
        raise UnknownSubscriberError(subscriber_id)
    return _subscriber(row)


async def _locked(connection: AsyncConnection, subscriber_id: int) -> Subscriber:
    """The subscriber, whom nobody else changes until the transaction ends."""
    await connection.execute(
        select(subscribers.c.id).where(subscribers.c.id == subscriber_id).with_for_update()
    )
    return await _current(connection, subscriber_id)


async def _unfollow(connection: AsyncConnection, subscriber_id: int, category: str) -> None:
    await connection.execute(
        delete(follows).where(
            follows.c.subscriber_id == subscriber_id, follows.c.category == category
        )
    )


async def _unmute(connection: AsyncConnection, subscriber_id: int, kind: str, value: str) -> None:
    await connection.execute(
        delete(mutes).where(
            mutes.c.subscriber_id == subscriber_id, mutes.c.kind == kind, mutes.c.value == value
        )
    )


async def _move(connection: AsyncConnection, subscriber_id: int, chosen: Taste) -> Subscriber:
    """Give a subscriber a taste."""
    await connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(taste_key=await preferences.keep(connection, chosen))
    )
    return await _current(connection, subscriber_id)
