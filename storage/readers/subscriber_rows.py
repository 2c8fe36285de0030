"""A subscriber's row with its taste: reading it, locking it, and changing the taste."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from storage.model import ChatKind, Layout, State, Subscriber
from storage.readers import preferences
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from storage.model import Taste

_COLUMNS = (
    *(subscribers.c[each.name] for each in fields(Subscriber) if each.name in subscribers.c),
    tastes.c.spec,
)
SUBSCRIBER = select(*_COLUMNS).join_from(subscribers, tastes)
# Built once: they run for every message to the bot, and building takes longer than running.
SUBSCRIBER_OF_CHAT = SUBSCRIBER.where(
    subscribers.c.chat_id == bindparam("chat"), subscribers.c.thread_id == bindparam("thread")
)
SUBSCRIBER_BY_ID = SUBSCRIBER.where(subscribers.c.id == bindparam("number"))


class UnknownSubscriberError(LookupError):
    """No subscriber has this id. The reader may have asked to be forgotten."""

    def __init__(self, subscriber_id: int) -> None:
        super().__init__(f"there is no subscriber {subscriber_id}")
        self.subscriber_id = subscriber_id


def subscriber_of(row: Row[*tuple[Any, ...]]) -> Subscriber:
    """Return the subscriber in a row of `SUBSCRIBER`."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy documents it as public
    spec = values.pop("spec")
    return Subscriber(
        **{
            **values,
            "kind": ChatKind(values["kind"]),
            "state": State(values["state"]),
            "layout": Layout(values["layout"]),
            "taste": preferences.from_spec(spec),
            "city": values["city"] or "",
        }
    )


def current(connection: Connection, subscriber_id: int) -> Subscriber:
    """Return the subscriber as stored now.

    It and the functions below raise UnknownSubscriberError if no subscriber has this id.
    """
    found = connection.execute(SUBSCRIBER_BY_ID, {"number": subscriber_id})
    row = found.one_or_none()
    if row is None:
        raise UnknownSubscriberError(subscriber_id)
    return subscriber_of(row)


def locked(connection: Connection, subscriber_id: int) -> Subscriber:
    """Return the subscriber, locked against other changes until the transaction ends."""
    connection.execute(
        select(subscribers.c.id).where(subscribers.c.id == subscriber_id).with_for_update()
    )
    return current(connection, subscriber_id)


def give_taste(connection: Connection, subscriber_id: int, chosen: Taste) -> Subscriber:
    """Store a subscriber's new taste, and return the subscriber."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(taste_key=preferences.keep(connection, chosen))
    )
    return current(connection, subscriber_id)
