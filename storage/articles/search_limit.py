"""The time limit of a search.

The database itself cancels a search that takes too long: SQLite by a progress handler, PostgreSQL
by a statement timeout.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable, Row

SECONDS = 0.08
"""Seconds that a search may take from its first statement on."""
STEPS = 2_000
"""SQLite's steps between two looks at the clock; they take far less than a millisecond."""
CANCELED = "57014"
"""PostgreSQL's error code for a cancelled statement."""

# The planner takes every word in a window as equally frequent: it would scan whole tables, or spend
# a tenth of a second on compiling the query.
_PLAIN_PLAN = text(
    "SELECT set_config('statement_timeout', :milliseconds, true),"
    " set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
)


class OutOfTimeError(Exception):
    """The search has used up its time."""


class Limit:
    """The time limit in seconds of one search, counted from its first statement."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    @property
    def left(self) -> float:
        """Seconds left; 0 if the time is over."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        return max(self._until - now, 0.0)

    def check(self) -> None:
        """Raise OutOfTimeError if no time is left."""
        if not self.left:
            raise OutOfTimeError

    def rows(
        self, connection: Connection, query: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return a query's rows if it finishes in time.

        After an OutOfTimeError the connection must not be used further.
        """
        self.check()
        try:
            if connection.dialect.name == "sqlite":
                with self._called_by(connection):
                    return connection.execute(query, values).all()
            milliseconds = str(max(int(self.left * 1000), 1))
            connection.execute(_PLAIN_PLAN, {"milliseconds": milliseconds})
            return connection.execute(query, values).all()
        except DBAPIError as error:
            if _broken_off(error.orig):
                raise OutOfTimeError from None
            raise

    @contextmanager
    def _called_by(self, connection: Connection) -> Iterator[None]:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(f"{driver!r} is no connection to SQLite")
        driver.set_progress_handler(lambda: not self.left, STEPS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)


def _broken_off(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return getattr(error, "sqlstate", None) == CANCELED
