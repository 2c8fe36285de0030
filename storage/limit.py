"""How long a search may go on, and connections of their own for searches.

A search that takes too long is cut off in the database itself: on SQLite by a handler that it calls
as it goes along, on PostgreSQL by a time limit for the statement.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import lite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import URL, Connection, Executable, Row

T = TypeVar("T")

SECONDS = 0.08
"""How long one search may go on once it has begun."""
READERS = 2
"""Searches at a time; whoever else asks waits for one of these, and not for other readers."""
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


class SearchReaders:
    """Connections, and for SQLite threads, in which there is nothing but searches.

    Args:
        url: The database's address, with its driver.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._visits: lite.Visits | None = None
        self._engine: AsyncEngine | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds. It only reads."""
        if self._url.get_backend_name() == "sqlite":
            self._visits = self._visits or lite.Visits(self._url, begin=None, size=READERS)
            return await self._visits.do(work)
        if self._engine is None:
            # Whoever finds all of them taken waits as long as it takes: each is free again soon.
            self._engine = create_async_engine(self._url, pool_size=READERS, max_overflow=0)
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Give the connections back."""
        visits, engine = self._visits, self._engine
        self._visits = self._engine = None
        if visits is not None:
            await visits.close()
        if engine is not None:
            await engine.dispose()
