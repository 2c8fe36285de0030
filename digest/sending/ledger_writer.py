"""Batched writes to the ledger: many claims and settlements in one short transaction.

A claim or a settlement returns only after its transaction is committed. So each row keeps its place
in flight until then, and a crash leaves no more rows open than there are places.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from storage.db.backoff import Backoff
from storage.db.outage import DatabaseUnavailableError
from storage.model import DeliveryState, Settlement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from storage.ledger.deliveries import Deliveries
    from storage.model import Form, SentIssue

_Settled = list[tuple[Settlement, str | None, "SentIssue | None", bool, "asyncio.Future[bool]"]]
"""Settlements with articles and stories shown, whether the outcome is unclear, and a future."""

log = logging.getLogger(__name__)

LINGER = 0.02
"""Seconds that a small batch waits for more entries, so that a slow run needs fewer transactions.
"""
REFUSED = Backoff(first=0.5, longest=30.0)
"""Pauses between tries while the ledger cannot be written."""
TRANSACTIONS = 4
"""Transactions at a time on a server, where each of their statements is a round trip.

On a busy machine a round trip takes 0.1 seconds, and a transaction more than one.
"""
AT_ONCE = 8
"""Callers resumed at a time after a transaction, so that answers need not wait for all."""


class LedgerWriter:
    """Collects entries and writes them in batches.

    Args:
        linger: Seconds that a small batch waits for more entries.
        at_once: Transactions at a time.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        linger: float = LINGER,
        enough: int = 32,
        at_once: int = 1,
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
        self._at_once = at_once
        self._writing: set[asyncio.Task[None]] = set()
        self._is_collecting = False
        """Whether one of these tasks has not yet taken the entries of its batch."""
        self._away: set[asyncio.Future[None]] = set()
        """What waits for the database to come back."""
        self._closing = False

    async def claim(
        self, delivery_id: int, *, form: Form | None = None, urgent: bool = False
    ) -> bool:
        """Claim a row that is about to be sent; return False if it is no longer planned.

        Raises DatabaseUnavailableError only if the claim is urgent; the row stays planned.
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
        issue: SentIssue | None = None,
        unclear: bool = False,
        urgent: bool = False,
    ) -> None:
        """Record how a row ended, or its progress.

        `shown` are the ids of its articles, as JSON; `unclear` says that the request may have been
        carried out.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._settled.append((settlement, shown, issue, unclear, done))
        self._write_soon(urgent=urgent)
        await done

    async def close(self) -> None:
        """Write the remaining entries, unless the database is unavailable."""
        self._closing = True
        self._hurry.set()
        for over in self._away:
            over.cancel()
        while self._writing:
            await asyncio.wait(self._writing)

    def _write_soon(self, *, urgent: bool) -> None:
        if urgent or len(self._claims) + len(self._settled) >= self._enough:
            self._hurry.set()
        # A task that has ended stays in the set for a moment.
        writing = sum(not each.done() for each in self._writing)
        if not self._is_collecting and writing < self._at_once:
            task = asyncio.create_task(self._write(), name="ledger-writer")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_collecting and (self._claims or self._settled):
            self._is_collecting = True
            timer = loop.call_later(self._linger, self._hurry.set)
            await self._hurry.wait()
            timer.cancel()
            self._hurry.clear()
            self._is_collecting = False
            claims, self._claims = self._claims, {}
            forms, self._forms = self._forms, {}
            settled, self._settled = self._settled, []
            waiting = [*claims.values(), *(each[-1] for each in settled)]
            try:
                claimed = await self._commit(claims, forms, settled)
            except Exception as error:  # noqa: BLE001 - raised in the waiting callers
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
        """Write one batch, repeating until the database accepts it; return the claimed ids."""
        retries = 0
        again = False
        while True:
            try:
                return await self._deliveries.commit(
                    claim=list(claims),
                    forms=forms,
                    again=again,
                    settle=[settlement for settlement, *_ in settled],
                    shown={each.delivery_id: shown for each, shown, *_ in settled if shown},
                    issues={each.delivery_id: issue for each, _, issue, *_ in settled if issue},
                    unclear={each.delivery_id for each, *_, unclear, _ in settled if unclear},
                    now=self._clock(),
                )
            except DatabaseUnavailableError as error:
                again = True
                self._let_go(claims, settled, error)
                over = asyncio.ensure_future(error.over())
                try:
                    if self._closing:
                        raise
                    self._away.add(over)
                    await over
                except (asyncio.CancelledError, DatabaseUnavailableError):
                    if settled:
                        log.warning(
                            "%d deliveries could not be settled before the process ended; "
                            "their readers may get them twice",
                            len(settled),
                        )
                    raise
                finally:
                    over.cancel()
                    self._away.discard(over)
            except DBAPIError as error:
                if isinstance(error, IntegrityError | ProgrammingError | DataError):
                    raise  # trying again cannot help
                again = True
                pause = REFUSED.pause(retries)
                log.exception(
                    "The ledger cannot be written; %d entries wait, next try in %.1f s",
                    len(claims) + len(settled),
                    pause,
                )
                await self._sleep(pause)
                retries += 1

    def _let_go(
        self,
        claims: dict[int, asyncio.Future[bool]],
        settled: _Settled,
        error: DatabaseUnavailableError,
    ) -> None:
        """Fail the urgent claims, so that their readers need not wait for the database."""
        for delivery_id in self._urgent.intersection(claims):
            done = claims.pop(delivery_id)
            if not done.done():
                done.set_exception(error)
            # The claim may have been committed, so plan the row again.
            free: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            settled.append(
                (Settlement(delivery_id, DeliveryState.PLANNED), None, None, False, free)
            )
            self._urgent.discard(delivery_id)
