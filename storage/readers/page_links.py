"""The secret links to a chat's editions on a page and in feeds.

Only a hash of a link is stored. So a link can be checked, but neither shown again nor read from the
database or a backup.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, exists, func, select

from storage.db.dialect import insert_or_update
from storage.model import ChatKind, DeliveryKind, State
from storage.readers.access import Admission
from storage.tables.correction_schema import corrections
from storage.tables.desk_schema import desk_acts
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import page_links, subscribers
from storage.tables.schema import access

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect

    from storage.db.database import Database

BYTES = 16
"""The random bytes of a link."""
LENGTH = 22
"""The characters of a link's secret part: these bytes in Base64 for URLs."""


class LinkedPage(NamedTuple):
    """Whose editions a link shows."""

    subscriber_id: int
    chat_id: int
    kind: ChatKind
    state: str
    """A text that changes whenever one of them is sent, deleted, corrected or hidden, and with the
    language and the zone in which they are shown."""


_d = deliveries.c
_SENT = (
    _d.subscriber_id == subscribers.c.id,
    _d.kind != DeliveryKind.ALERT.value,
    _d.message_ids.is_not(None),
)


def _scalar(value: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(value).where(*where).correlate(subscribers).scalar_subquery()


_STATE = {
    "language": subscribers.c.language,
    "zone": subscribers.c.zone,
    "sent": _scalar(func.count(_d.id), *_SENT),
    "settled": _scalar(func.max(_d.settled), *_SENT),
    "acts": _scalar(func.max(desk_acts.c.id)),
    "corrections": _scalar(func.max(corrections.c.id)),
}
_OPENED = (
    select(
        subscribers.c.id,
        subscribers.c.chat_id,
        subscribers.c.kind,
        *(each.label(name) for name, each in _STATE.items()),
    )
    .join_from(page_links, subscribers)
    .where(
        page_links.c.digest == bindparam("digest"),
        subscribers.c.state.in_([State.ACTIVE.value, State.STOPPED.value]),
        ~exists().where(
            access.c.chat_id == subscribers.c.chat_id,
            access.c.state == Admission.BANNED.value,
        ),
    )
)


class PageLinks:
    """The links, at most one a chat."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def renew(self, subscriber_id: int, now: datetime) -> str:
        """Give a chat a new link in place of an earlier one; return its secret part."""
        secret = secrets.token_urlsafe(BYTES)
        row = insert_or_update(page_links, self._db.dialect, "digest", "made").values(
            subscriber_id=subscriber_id, digest=_digest(secret), made=now
        )
        await self._db.execute(row)
        return secret

    async def drop(self, subscriber_id: int) -> None:
        """Switch a chat's link off."""
        await self._db.execute(
            delete(page_links).where(page_links.c.subscriber_id == subscriber_id)
        )

    async def made(self, subscriber_id: int) -> datetime | None:
        """Return when a chat's link was made, or None if it has none."""
        return await self._db.scalar(
            select(page_links.c.made).where(page_links.c.subscriber_id == subscriber_id)
        )

    async def opened(self, secret: str) -> LinkedPage | None:
        """Return whose editions a link shows; None for an unknown one or of a chat shut out."""
        if len(secret) != LENGTH:
            return None
        row = await self._db.first(_OPENED, {"digest": _digest(secret)})
        if row is None:
            return None
        number, chat_id, kind, *state = row
        return LinkedPage(number, chat_id, ChatKind(kind), " ".join(map(str, state)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
