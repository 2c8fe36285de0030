"""The column types for times and ids, and the naming of indexes and keys."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String, TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.types import TypeEngine


@lru_cache(maxsize=64)
def utc_text(value: datetime) -> str:
    """Return an aware time as SQLite stores it: `2026-06-01T08:00:00.000000Z`."""
    return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def ids_text(ids: Iterable[int]) -> str:
    """Return ids as a JSON list. Python's own format is the same and faster."""
    return str(list(ids))


def to_driver(value: datetime, dialect: str) -> datetime | str:
    """Return an aware time in the form that a driver takes; ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return utc_text(value) if dialect == "sqlite" else value.astimezone(UTC)


# Rows of one fan-out share a few times.
_from_text = lru_cache(maxsize=1024)(datetime.fromisoformat)


class Utc(TypeDecorator[datetime]):
    """An aware time, in UTC when written and when read.

    PostgreSQL stores it as `timestamptz`, SQLite as text of fixed width
    (`2026-06-01T08:00:00.000000Z`), which sorts in the order of time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Return the database's column type: text for SQLite, which has no type for times."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Convert an aware time to UTC for writing; ValueError for a naive one."""
        return None if value is None else to_driver(value, dialect.name)

    def process_result_value(
        self, value: datetime | str | None, dialect: Dialect
    ) -> datetime | None:
        """Convert a stored value to an aware time in UTC."""
        del dialect
        if value is None:
            return None
        if isinstance(value, str):
            return _from_text(value)
        return value.astimezone(UTC)


# SQLite makes a column its row id only if it has exactly this type.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
