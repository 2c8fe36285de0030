"""The updates of a source's row after a fetch or a check without a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, null, update

from storage.db.bulk import update_each
from storage.tables.columns import to_driver
from storage.tables.schema import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.model import Check, Round


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


def were_checked(connection: Connection, checks: Sequence[Check]) -> None:
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
