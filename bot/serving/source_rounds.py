"""Rounds of the sources that are due, and what else waits for the end of an outage together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from storage.db.outage import DatabaseUnavailableError, outage_among
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from news.ingest.rounds import RoundReport
    from news.newsroom import Newsroom

T = TypeVar("T")


async def outage_of(do: Callable[[], Awaitable[T]]) -> T | DatabaseUnavailableError:
    """Do something of several tasks; return its result, or the outage that they met together.

    Raises:
        Exception: Whatever else it raised.
    """
    try:
        return await do()
    except DatabaseUnavailableError as error:
        return error
    except ExceptionGroup as errors:
        common = outage_among(errors)
        if common is None:
            raise
        return common


class SourceRounds:
    """Fetches the sources that are due.

    Args:
        newsroom: Fetches them.
        clock: Returns the current time.
    """

    def __init__(self, newsroom: Newsroom, clock: Callable[[], datetime]) -> None:
        self._newsroom = newsroom
        self._clock = clock
        self._is_cut_off = False

    async def ask(self) -> tuple[RoundReport, ...]:
        """Fetch the sources that are due, and once more after an outage of the database.

        During an outage no other job fetches sources, because articles could not be stored.

        Returns:
            A report for each source; empty during an outage that another job waits for, and if
            others have removed this process.
        """
        while not self._is_cut_off:
            try:
                found = await outage_of(lambda: self._newsroom.refresh_due(self._clock()))
            except ExceptionGroup as errors:
                if errors.split(LeaseLostError)[1] is None:
                    return ()
                raise
            if not isinstance(found, DatabaseUnavailableError):
                return found
            self._is_cut_off = True
            try:
                await found.over()
            finally:
                self._is_cut_off = False
        return ()
