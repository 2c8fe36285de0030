"""How long a search may go on.

A search that takes too long is cut off in the database itself: on SQLite by a handler that it calls
as it goes along, on PostgreSQL by a time limit for the statement.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable, Row

SECONDS = 0.08
"""How long one search may go on once it has begun."""
STEPS = 2_000
"""Steps of SQLite between two looks at the clock, far less than a millisecond."""
CANCELED = "57014"
"""PostgreSQL's code for a statement that it broke off."""

# To the planner a word in a window is as frequent as any: it would rather read whole tables, or
# spend a tenth of a second on compiling the query.
_PLAIN_PLAN = text(
    "SELECT set_config('statement_timeout', :milliseconds, true),"
    " set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
)


class OutOfTimeError(Exception):
    """The time of a search is over."""


class Limit:
    """The time of one search, which begins with its first statement.

    Args:
        seconds: How long it is.
        clock: Seconds that only grow.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: float | None = None

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when it is over."""
        now = self._clock()
        if self._until is None:
            self._until = now + self._seconds
        return max(self._until - now, 0.0)

    def check(self) -> None:
        """Go on only while there is time.

        Raises:
            OutOfTimeError: There is none left.
        """
        if not self.left:
            raise OutOfTimeError

    def rows(
        self, connection: Connection, query: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """What a query of a search gives, if it takes no longer than there is time.

        Raises:
            OutOfTimeError: It took too long; nothing more can be asked of this connection.
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
