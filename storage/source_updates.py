"""What a round taught about its source, written down in the round's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, update

from storage.schema import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.model import Round


def were_read(connection: Connection, rounds: Sequence[tuple[Round, bool]]) -> None:
    """What these rounds taught about their sources; each with whether it brought news."""
    if not rounds:
        return
    connection.execute(
        update(sources)
        .where(sources.c.id == bindparam("number"))
        .values(
            etag=bindparam("new_etag"),
            last_modified=bindparam("new_last_modified"),
            interval=bindparam("new_interval"),
            next_check=bindparam("new_next_check"),
            failures=0,
            last_ok=bindparam("now"),
            last_error=None,
            last_new=func.coalesce(
                bindparam("had_news", type_=sources.c.last_new.type), sources.c.last_new
            ),
        ),
        [
            {
                "number": round_.source_id,
                "new_etag": round_.etag,
                "new_last_modified": round_.last_modified,
                "new_interval": round_.interval,
                "new_next_check": round_.next_check,
                "now": round_.now,
                "had_news": round_.now if news else None,
            }
            for round_, news in rounds
        ],
    )
    for round_, _ in rounds:
        _move(connection, round_.source_id, round_.url)


def _move(connection: Connection, source_id: int, url: str | None) -> None:
    """Give a source its new address, unless another source has that already."""
    if url is not None:
        other = sources.alias()
        connection.execute(
            update(sources)
            .where(sources.c.id == source_id, ~exists().where(other.c.url == url))
            .values(url=url)
        )
