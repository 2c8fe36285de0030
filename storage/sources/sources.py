"""The sources, and the results of their checks."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, exists, func, insert, null, or_, select, update

from storage.db.bulk import update_each
from storage.db.dialect import insert_new
from storage.model import Check, NewSource, Show, Source, SourceKind, SourceState
from storage.tables.columns import to_driver
from storage.tables.schema import articles, meta, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from storage.db.database import Database
    from storage.model import Round

FIRST_INTERVAL = 1800
"""Seconds between two checks of a new source."""

_SEEDED = "sources seeded"

_SOURCE = select(
    *(column for column in sources.c if column.name != "removed"),
).where(~sources.c.removed)
_NAMES = tuple(_SOURCE.selected_columns.keys())
PART = 400
"""Rows counted before other tasks get a turn of the event loop."""
_ONE = update(sources).where(sources.c.id == bindparam("number"))
# Both are built once: building one takes as long as updating a dozen sources.
_READ = _ONE.values(
    etag=bindparam("new_etag"),
    last_modified=bindparam("new_last_modified"),
    interval=bindparam("new_interval"),
    next_check=bindparam("new_next_check"),
    failures=bindparam("new_failures"),
    last_ok=bindparam("now"),
    last_error=null(),
    last_new=func.coalesce(
        bindparam("had_news", type_=sources.c.last_new.type), sources.c.last_new
    ),
)
_CHECKED = _ONE.values(
    next_check=bindparam("new_next_check"),
    interval=bindparam("new_interval"),
    failures=bindparam("new_failures"),
    last_error=bindparam("new_error"),
    **{
        name: func.coalesce(bindparam(f"new_{name}", type_=sources.c[name].type), sources.c[name])
        for name in ("last_ok", "etag", "last_modified", "state")
    },
)


class SourceExists(Exception):  # noqa: N818 - it states a fact, not a failure
    """A source with this address exists already, under `name`."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(f"{url} is there already, as {name}")
        self.name = name
        self.url = url


class Sources:
    """The sources that articles come from."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, new: NewSource, now: datetime) -> Source:
        """Add a source, due for a check at once; SourceExists if its address exists."""
        return await self._db.write(lambda connection: _added(connection, new, now))

    async def add_all(
        self, new: Sequence[NewSource], now: datetime
    ) -> tuple[list[Source], list[SourceExists]]:
        """Add sources in one transaction. Return the added ones, and an error for each known."""

        def write(connection: Connection) -> tuple[list[Source], list[SourceExists]]:
            added: list[Source] = []
            known: list[SourceExists] = []
            for one in new:
                try:
                    added.append(_added(connection, one, now))
                except SourceExists as error:
                    known.append(error)
            return added, known

        return await self._db.write(write)

    async def add_unknown(self, new: Sequence[NewSource], now: datetime) -> int:
        """Add those whose address no source has, nor had before it was removed; return how many."""
        urls = [one.url for one in new]

        def write(connection: Connection) -> int:
            query = select(sources.c.url).where(sources.c.url.in_(urls))
            known = set(connection.scalars(query))
            unknown = [one for one in new if one.url not in known]
            for one in unknown:
                _add(connection, one, now)
            return len(unknown)

        return await self._db.write(write)

    async def seed(self, defaults: Sequence[NewSource], now: datetime) -> int:
        """Add the default sources, once for each database. Return how many were added.

        A default source that an operator removed does not come back.
        """
        seeded = select(meta.c.key).where(meta.c.key == _SEEDED)
        if await self._db.scalar(seeded):
            # Avoid a write, so that the bot can read an archive on a full disk.
            return 0
        note = insert_new(meta, self._db.dialect).values(key=_SEEDED, value=now.isoformat())

        def write(connection: Connection) -> int:
            if not connection.execute(note).rowcount:
                return 0
            added = 0
            for new in defaults:
                try:
                    _add(connection, new, now)
                except SourceExists:
                    continue  # the operator added it first
                added += 1
            return added

        return await self._db.write(write)

    async def all(self) -> list[Source]:
        """Return every source, ordered by name."""
        return await self._fetch(_SOURCE.order_by(func.lower(sources.c.name), sources.c.id))

    async def get(self, source_id: int) -> Source | None:
        """Return the source with this id; None if it is unknown or was removed."""
        found = await self._fetch(_SOURCE.where(sources.c.id == source_id))
        return found[0] if found else None

    async def many(self, ids: Collection[int]) -> dict[int, Source]:
        """Return the sources with these ids, by id; unknown and removed ones are left out."""
        found = await self._fetch(_SOURCE.where(sources.c.id.in_(ids)))
        return {source.id: source for source in found}

    async def find(self, text: str) -> Source | None:
        """Return the first source that `meant` finds, or None."""
        return next(iter(await self.meant(text)), None)

    async def meant(self, text: str) -> list[Source]:
        """Return the sources that an operator's text names: by id, by address, or by name.

        Several sources may have the same name.
        """
        wanted = text.strip()
        found = await self.all()
        for same in (
            lambda source: str(source.id) == wanted,
            lambda source: source.url == wanted,
            lambda source: source.name.casefold() == wanted.casefold(),
        ):
            if meant := [source for source in found if same(source)]:
                return meant
        return []

    async def due(self, now: datetime) -> list[Source]:
        """Return all active sources due for a check, the longest overdue first.

        The number is not limited: sources of a hanging host stay due, and would fill any limit.
        """
        due = _SOURCE.where(
            sources.c.state == SourceState.ACTIVE.value, sources.c.next_check <= now
        )
        return await self._fetch(due.order_by(sources.c.next_check, sources.c.id))

    async def ask_again(self, reasons: Collection[str], now: datetime) -> int:
        """Make active sources due whose last error starts with one of these. Return how many."""
        why = (sources.c.last_error.startswith(each, autoescape=True) for each in reasons)
        failed = (
            update(sources)
            .where(
                sources.c.state == SourceState.ACTIVE.value,
                sources.c.failures > 0,
                sources.c.next_check > now,
                or_(*why),
            )
            .values(next_check=now)
        )
        return await self._db.execute(failed)

    async def set_state(self, source_id: int, state: SourceState, now: datetime) -> None:
        """Pause, retire or resume a source. A resumed one is due at once, without failures."""
        values: dict[str, Any] = {"state": state.value}
        if state is SourceState.ACTIVE:
            values |= {"next_check": now, "failures": 0, "last_error": None}
        await self._db.execute(update(sources).where(sources.c.id == source_id).values(values))

    async def set_use(
        self,
        source_id: int,
        *,
        full_text: Show | None = None,
        pictures: Show | None = None,
        paywall: bool | None = None,
        general: bool | None = None,
        approval: bool | None = None,
        translate: bool | None = None,
    ) -> None:
        """Set what of a source may be shown or translated, its paywall, kind and approval.

        None leaves a value unchanged.
        """
        values = {
            "full_text": full_text,
            "pictures": pictures,
            "paywall": paywall,
            "general": general,
            "approval": approval,
            "translate": translate,
        }
        given = {name: value for name, value in values.items() if value is not None}
        if given:
            await self._db.execute(update(sources).where(sources.c.id == source_id).values(given))

    async def remove(self, source_id: int) -> None:
        """Remove a source. Its articles stay in the archive, under its name."""
        await self._db.execute(
            update(sources).where(sources.c.id == source_id).values(removed=True)
        )

    async def checked_all(self, checks: Sequence[Check]) -> None:
        """Record checks that brought no document, not modified or failed, in one transaction."""
        await self._db.write(lambda connection: _were_checked(connection, checks))

    async def _fetch(self, query: Any) -> list[Source]:  # noqa: ANN401 - a SELECT of _SOURCE
        rows = await self._db.rows(query)
        return [_source(row) for row in rows]


def _added(connection: Connection, new: NewSource, now: datetime) -> Source:
    _add(connection, new, now)
    return _source(connection.execute(_SOURCE.where(sources.c.url == new.url)).one())


def _add(connection: Connection, new: NewSource, now: datetime) -> None:
    values = {
        "name": new.name,
        "url": new.url,
        "site": new.site,
        "kind": new.kind.value,
        "state": (SourceState.PAUSED if new.paused else SourceState.ACTIVE).value,
        "language": new.language,
        "weight": new.weight,
        "categories": " ".join(new.categories),
        "read_pages": new.read_pages,
        "full_text": new.full_text.value,
        "pictures": new.pictures.value,
        "paywall": new.paywall,
        "general": new.general,
        "approval": new.approval,
        "translate": new.translate,
        "selectors": json.dumps(new.selectors, ensure_ascii=False),
        "etag": None,
        "last_modified": None,
        "interval": FIRST_INTERVAL,
        "next_check": now,
        "failures": 0,
        "last_ok": None,
        "last_new": None,
        "last_error": None,
        "added": now,
        "removed": False,
    }
    there = connection.execute(
        select(sources.c.id, sources.c.name, sources.c.removed).where(sources.c.url == new.url)
    ).one_or_none()
    if there is None:
        connection.execute(insert(sources).values(values))
    elif not there.removed:
        raise SourceExists(there.name, new.url)
    else:
        connection.execute(update(sources).where(sources.c.id == there.id).values(values))


def _source(row: Row[*tuple[Any, ...]]) -> Source:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    values["kind"] = SourceKind(values["kind"])
    values["state"] = SourceState(values["state"])
    values["categories"] = tuple(values["categories"].split())
    values["full_text"] = Show(values["full_text"])
    values["pictures"] = Show(values["pictures"])
    values["selectors"] = json.loads(values["selectors"])
    return Source(**values)


class SourceActivity:
    """When sources had news, and how much."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def times(self, since: datetime) -> dict[int, tuple[datetime, ...]]:
        """Return when each source had news since then, in order, by source id.

        Only the first and last time of each UTC day are listed: they show every silence longer than
        a day. An article dated in the future counts at the time it was first seen.
        """
        a = articles.c
        spoke = case((a.published < a.first_seen, a.published), else_=a.first_seen)
        # An expression, so that no index on sources is used: it has no times.
        source = a.source_id + 0
        query = (
            select(source, func.min(spoke), func.max(spoke))
            .where(a.published >= since)
            .group_by(source, self._day(spoke))
            .order_by(source, func.min(spoke))
        )
        found: defaultdict[int, dict[datetime, None]] = defaultdict(dict)
        async with self._db.reading() as connection:
            rows = await connection.execute(query)
            for part in rows.partitions(PART):
                for source_id, first, last in part:
                    found[source_id] |= {first: None, last: None}
                # Half a year of many sources is tens of thousands of rows.
                await asyncio.sleep(0)
        return {source_id: tuple(times) for source_id, times in found.items()}

    async def shares(self, since: datetime) -> dict[str, dict[int, int]]:
        """Return the number of articles published since then, by category and source id."""
        # An article's row lists its categories, so that one table suffices.
        query = (
            select(articles.c.categories, articles.c.source_id, func.count())
            .where(articles.c.published >= since)
            .group_by(articles.c.categories, articles.c.source_id)
        )
        found: defaultdict[str, Counter[int]] = defaultdict(Counter)
        async with self._db.reading() as connection:
            rows = await connection.execute(query)
            for part in rows.partitions(PART):
                for categories, source_id, count in part:
                    for category in categories.split():
                        found[category][source_id] += count
                await asyncio.sleep(0)
        return {category: dict(counts) for category, counts in found.items()}

    def _day(self, moment: Any) -> Any:  # noqa: ANN401 — an expression
        if self._db.dialect == "sqlite":
            return func.substr(moment, 1, len("2026-06-01"))
        return func.date_trunc("day", moment, "UTC")


def were_read(connection: Connection, rounds: Sequence[tuple[Round, bool]]) -> None:
    """Update the sources after fetches. Each round comes with whether it had new articles."""
    dialect = connection.dialect.name
    update_each(
        connection,
        _READ,
        [
            {
                "number": round_.source_id,
                "new_etag": round_.etag,
                "new_last_modified": round_.last_modified,
                "new_interval": round_.interval,
                "new_next_check": to_driver(round_.next_check, dialect),
                "new_failures": 0,
                "now": (now := to_driver(round_.now, dialect)),
                "had_news": now if news else None,
            }
            for round_, news in rounds
        ],
    )
    for round_, _ in rounds:
        _move(connection, round_.source_id, round_.url)


def _were_checked(connection: Connection, checks: Sequence[Check]) -> None:
    """Update sources after checks that brought no document: not modified, or failed."""
    dialect = connection.dialect.name
    update_each(
        connection,
        _CHECKED,
        [
            {
                "number": check.source_id,
                "new_next_check": to_driver(check.next_check, dialect),
                "new_interval": check.interval,
                "new_failures": check.failures,
                "new_error": check.error,
                "new_last_ok": to_driver(check.now, dialect)
                if check.asked and check.error is None
                else None,
                "new_etag": check.etag,
                "new_last_modified": check.last_modified,
                "new_state": check.state,
            }
            for check in checks
        ],
    )


def _move(connection: Connection, source_id: int, url: str | None) -> None:
    """Give a source its new address, unless another source has it."""
    if url is not None:
        other = sources.alias()
        connection.execute(
            update(sources)
            .where(sources.c.id == source_id, ~exists().where(other.c.url == url))
            .values(url=url)
        )
