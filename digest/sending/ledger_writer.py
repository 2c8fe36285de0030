"""Writes in the ledger for the sender: many claims and settlements in one short transaction.

A claim is answered, and a settlement taken as made, once the transaction is through. So whoever
waits for it holds on to the place in flight, and a crash leaves no more rows open than that.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from storage.db.outage import DatabaseUnavailableError
from storage.model import DeliveryState, Settlement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from storage.ledger.deliveries import Deliveries
    from storage.model import Form

_Settled = list[tuple[Settlement, str | None, bool, "asyncio.Future[bool]"]]
"""How rows ended, what they carried, whether that is unclear, and who waits for the writing."""

log = logging.getLogger(__name__)

LINGER = 0.02
"""Seconds that fewer entries wait for more, which keeps a slow run from being all transactions."""
LONGEST_PAUSE = 30.0
AT_ONCE = 8
"""Of those who wait for a transaction, so many go on at a time: an answer to a reader, which has to
come in between, would otherwise wait for all of them."""


class LedgerWriter:
    """Gathers entries and writes them.

    Args:
        deliveries: The ledger.
        clock: This moment.
        sleep: Waits for some seconds, between tries to reach the database.
        linger: Seconds that a few entries wait for more.
        enough: So many entries do not wait.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        linger: float = LINGER,
        enough: int = 32,
    ) -> None:
        self._deliveries = deliveries
        self._clock = clock
        self._sleep = sleep
        self._linger = linger
        self._enough = enough
        self._claims: dict[int, asyncio.Future[bool]] = {}
        self._forms: dict[int, Form] = {}
        self._settled: _Settled = []
        self._urgent: set[int] = set()
        self._hurry = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._is_away = False
        self._closing = False

    async def claim(
        self, delivery_id: int, *, form: Form | None = None, urgent: bool = False
    ) -> bool:
        """Claim a row that is about to be sent; False when it is no longer planned.

        Args:
            delivery_id: The row.
            form: In which it is sent, where it has several.
            urgent: Whether somebody waits for it.

        Raises:
            DatabaseUnavailableError: Somebody waits for it, and the database is away. The row is
                left planned, for whoever comes by when it is back.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._claims[delivery_id] = done
        if form is not None:
            self._forms[delivery_id] = form
        if urgent:
            self._urgent.add(delivery_id)
        self._write_soon(urgent=urgent)
        return await done

    async def settle(
        self,
        settlement: Settlement,
        *,
        shown: str | None = None,
        unclear: bool = False,
        urgent: bool = False,
    ) -> None:
        """Note how a row ended, or how far it has come.

        Args:
            settlement: What became of it.
            shown: The ids of the articles that it carried, as JSON.
            unclear: Whether its request may have been carried out or not.
            urgent: Whether somebody waits for it.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._settled.append((settlement, shown, unclear, done))
        self._write_soon(urgent=urgent)
        await done

    async def close(self) -> None:
        """Write what is still to be written, unless the database is away."""
        self._closing = True
        if self._writing is not None:
            self._hurry.set()
            if self._is_away:
                self._writing.cancel()
            await asyncio.wait({self._writing})

    def _write_soon(self, *, urgent: bool) -> None:
        if urgent or len(self._claims) + len(self._settled) >= self._enough:
            self._hurry.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="ledger-writer")

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._claims or self._settled:
            timer = loop.call_later(self._linger, self._hurry.set)
            await self._hurry.wait()
            timer.cancel()
            self._hurry.clear()
            claims, self._claims = self._claims, {}
            forms, self._forms = self._forms, {}
            settled, self._settled = self._settled, []
            waiting = [*claims.values(), *(each[-1] for each in settled)]
            try:
                claimed = await self._commit(claims, forms, settled)
            except Exception as error:  # noqa: BLE001 - handed to those who wait
                for future in waiting:
                    if not future.done():
                        future.set_exception(error)
                continue
            self._urgent.difference_update(claims)
            done = [(future, id_ in claimed) for id_, future in claims.items()]
            done += [(future, True) for *_, future in settled]
            for number, (future, outcome) in enumerate(done, start=1):
                if not future.done():
                    future.set_result(outcome)
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _commit(
        self,
        claims: dict[int, asyncio.Future[bool]],
        forms: dict[int, Form],
        settled: _Settled,
    ) -> frozenset[int]:
        """One transaction, tried until the database takes it: what was sent must be written."""
        pause = 0.5
        again = False
        while True:
            try:
                return await self._deliveries.commit(
                    claim=list(claims),
                    forms=forms,
                    again=again,
                    settle=[settlement for settlement, *_ in settled],
                    shown={each.delivery_id: shown for each, shown, *_ in settled if shown},
                    unclear={each.delivery_id for each, _, unclear, _ in settled if unclear},
                    now=self._clock(),
                )
            except DatabaseUnavailableError as error:
                again = True
                self._let_go(claims, settled, error)
                try:
                    if self._closing:
                        raise
                    self._is_away = True
                    await error.over()
                except (asyncio.CancelledError, DatabaseUnavailableError):
                    if settled:
                        log.warning(
                            "%d deliveries could not be settled before the end; "
                            "those readers may get theirs twice",
                            len(settled),
                        )
                    raise
                finally:
                    self._is_away = False
            except DBAPIError as error:
                if isinstance(error, IntegrityError | ProgrammingError | DataError):
                    raise  # it would be refused again
                again = True
                log.exception(
                    "The ledger cannot be written; %d entries wait, next try in %.1f s",
                    len(claims) + len(settled),
                    pause,
                )
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _let_go(
        self,
        claims: dict[int, asyncio.Future[bool]],
        settled: _Settled,
        error: DatabaseUnavailableError,
    ) -> None:
        """Let those go whose readers would wait for an answer until the database is back."""
        for delivery_id in self._urgent.intersection(claims):
            done = claims.pop(delivery_id)
            if not done.done():
                done.set_exception(error)
            # The claim may have been written all the same, and nobody will make use of it.
            free: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            settled.append((Settlement(delivery_id, DeliveryState.PLANNED), None, False, free))
            self._urgent.discard(delivery_id)
