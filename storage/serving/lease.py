"""The right to serve an archive, for some seconds at a time.

It is a row that its holder renews. Nobody's clock is believed: each process counts seconds that
only ever grow, its own. The holder counts from before it asked for the renewal, and stops a while
earlier than it said; the others count from when they saw the last one. So a process that is frozen,
or cut off, has lost the right before another one takes it, and finds that out before it asks
anything of Telegram.

Each time that the right is taken its number grows. The ledger takes nothing from a process whose
number is an older one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.serving.lease_holder import Holder, uptime
from storage.serving.lease_row import FREE, RENEW, FileStore, ServerStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.serving.lease_row import LeaseRow, Store
    from storage.serving.lock import ServingLock

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long the right stays with a process that does not renew it."""
SHARES = 5
"""It is renewed this many times meanwhile; and its holder stops this part of it early."""


class LeaseLostError(Exception):
    """Another process serves the archive now: this one has to begin anew, as a standby."""

    def __init__(self, reason: str = "another process serves the archive now") -> None:
        super().__init__(reason)


class Lease:
    """The right of one process to serve an archive.

    Args:
        database: The archive's, connected.
        lock: What keeps an earlier version of ON News, and migrations, apart from this one.
        seconds: How long the right stays without a renewal.
        passed: Seconds that only ever grow.
    """

    def __init__(
        self,
        database: Database,
        lock: ServingLock,
        *,
        seconds: float = SECONDS,
        passed: Callable[[], float] = uptime,
    ) -> None:
        self.every = seconds / SHARES
        """Seconds between two renewals."""
        self.lost = False
        """Whether it was ours, and is another's now."""
        self.loss = LeaseLostError()
        """What is raised for it."""
        self.rival: Holder | None = None
        """Who has it, as far as the last look tells."""
        self.is_locked_out = False
        """Whether another process has the lock."""
        self.is_stuck = False
        """Whether the rival does not move, and yet keeps this process from taking over."""
        self._database = database
        self._lock = lock
        self._seconds = seconds
        self._passed = passed
        self._me = str(Holder.here())
        path = database.path
        self._store: Store = (
            ServerStore(database, lock)
            if path is None
            else FileStore(database, path, self.every / 2)
        )
        self._fence: int | None = None
        self._until = 0.0
        self._awake_until = 0.0
        self._is_doubted = False
        self._found: LeaseRow | None = None
        self._seen: tuple[int, int] | None = None
        self._since = 0.0
        self._news = asyncio.Event()

    @property
    def longest(self) -> float:
        """Seconds that a holder may be silent, as far as the last look tells."""
        return 0.0 if self._found is None else self._found.seconds

    @property
    def look_in(self) -> float:
        """Seconds until a standby looks again: as soon as the holder's time may have run out."""
        often = self.every / 2
        if self._found is None or not self._found.seconds:
            return often
        left = self._since + self._found.seconds - self._passed()
        return min(max(left, often / 10), often)

    @property
    def is_valid(self) -> bool:
        """Whether nobody else can have the right at this moment."""
        return self._fence is not None and not self.lost and self._passed() < self._until

    @property
    def may_answer(self) -> bool:
        """Whether answers may go out.

        Also while the database is away, so that a reader hears of it: the same answer from two
        processes does less harm than none. Not after a time in which this process did not run, nor
        where another one is known to answer.
        """
        return self.is_valid or (
            self._fence is not None
            and not self.lost
            and not self._is_doubted
            and self._passed() < self._awake_until
        )

    def doubt(self) -> bool:
        """Another process asks Telegram for updates: leave readers to it until this one is sure.

        Who is cut off from the database alone would else take from the other what readers write.

        Returns:
            Whether this process waits; it does not while the right is its own beyond doubt.
        """
        self._is_doubted = self._fence is not None and not self.is_valid
        return self._is_doubted

    def give_up(self, reason: str) -> None:
        """Serve no more: what this process served is not there any more."""
        self.loss = LeaseLostError(reason)
        self.lost = True
        self._tell()

    async def permit(self) -> None:
        """Wait until nobody else can have the right, which as a rule is at once.

        Raises:
            LeaseLostError: Another process has it.
        """
        while not self.is_valid:
            await self._hear_more()

    async def permit_answer(self) -> None:
        """Wait until answers may go out, which as a rule is at once.

        Raises:
            LeaseLostError: Another process has the right to serve.
        """
        while not self.may_answer:
            await self._hear_more()

    async def secure(self, *, from_frozen: bool = True) -> bool:
        """Look whether the right may be taken; if so the lock is ours, or a frozen holder's.

        Whoever is told so may migrate, and then has to `begin`.

        Args:
            from_frozen: Whether it may be taken from a process that is there and does not move.

        Raises:
            DatabaseError: The file beside an SQLite database cannot be made or locked.
            DBAPIError, OSError, sqlite3.Error: The database does not answer.
        """
        locked = await self._lock.take()
        self.is_locked_out = not locked
        row = self._found = await self._store.read()
        self.is_stuck = False
        self.rival = None if row is None else Holder.read(row.holder)
        if row is None:
            return locked
        free = row.seconds == 0 or row.holder == self._me
        free = free or (self.rival is not None and self.rival.is_gone())
        stale = self._is_stale(row)
        self.is_stuck = stale and not free
        if not (free or stale):
            if locked:
                await self._lock.release()
            return False
        if locked:
            return True
        # The lock is another's. Only if that is the one who held the right, it is a frozen one.
        if not (from_frozen and await self._lock.is_held_by(row.guard, self.rival)):
            return False
        return await self._lock.force(row.guard)

    async def begin(self) -> bool:
        """Take the right, after `secure` has said that it may be taken.

        Returns:
            False where another process was quicker.

        Raises:
            DBAPIError, OSError, sqlite3.Error: The database cannot be written just now.
            TimeoutError: A transaction of the frozen holder is still open.
        """
        # What migrations made is there by now.
        row = self._found or await self._store.read()
        asked = self._passed()
        fence = 0 if row is None else row.fence
        values = {
            "fence": fence,
            "beat": 0 if row is None else row.beat,
            "holder": self._me,
            "seconds": self._seconds,
            "guard": self._lock.session_id,
        }
        async with asyncio.timeout(self._seconds):
            taken = await self._store.take(values)
        if taken:
            self._fence = self._database.fence = fence + 1
            self._renewed(asked)
        return taken

    async def renew(self) -> None:
        """Renew the right, or note that it cannot be done just now.

        Raises:
            LeaseLostError: Another process has it.
            Exception: The database does not answer; whatever it is, it is tried again.
        """
        asked = self._passed()
        try:
            async with asyncio.timeout(self.every):
                ours = await self._renew()
        except Exception:
            self._awake_until = asked + self._shorter
            self._tell()
            if self._lock.session is not None:
                await self._lock.release()
            raise
        if not ours:
            self.lost = True
            self._tell()
            raise LeaseLostError
        self._renewed(asked)
        await self._keep_lock()

    async def release(self) -> None:
        """Give the right back, if it is ours, and let the lock go."""
        fence, self._fence = self._fence, None
        self._tell()
        try:
            if fence is not None and not self.lost:
                async with asyncio.timeout(self.every):
                    await self._store.change(FREE, {"fence": fence, "holder": self._me})
        except Exception as error:  # noqa: BLE001 - the others see that it is not renewed
            log.debug("the right to serve was not given back: %s", error)
        finally:
            await self._lock.release()

    async def _renew(self) -> bool:
        values = {"fence": self._fence, "holder": self._me, "guard": self._lock.session_id}
        try:
            return await self._store.change(RENEW, values)
        except Exception:
            if self._lock.session is None:
                raise
        # Whoever took over from a frozen process has ended its session; or the server was away.
        await self._lock.release()
        return await self._store.change(RENEW, {**values, "guard": None})

    @property
    def _shorter(self) -> float:
        return self._seconds - self.every

    def _is_stale(self, row: LeaseRow) -> bool:
        """Whether the holder has not renewed for as long as it said that it might not."""
        if self._seen != (row.fence, row.beat):
            self._seen = row.fence, row.beat
            self._since = self._passed()
        return self._passed() - self._since >= row.seconds

    async def _keep_lock(self) -> None:
        """Have the lock too, where it was a frozen process's, or its connection was lost."""
        if self._lock.is_taken:
            return
        try:
            async with asyncio.timeout(self.every):
                taken = await self._lock.take()
            if not taken:
                # Or nobody could take over from this one, were it frozen in its turn.
                self._lock.sign()
        except Exception as error:  # noqa: BLE001 - tried again with the next renewal
            log.debug("the lock cannot be had just now: %s", error)

    def _renewed(self, asked: float) -> None:
        self._until = self._awake_until = asked + self._shorter
        self._is_doubted = False
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _hear_more(self) -> None:
        if self.lost or self._fence is None:
            raise LeaseLostError
        await self._news.wait()


def check(connection: Connection, fence: int | None) -> None:
    """Refuse what a process that has lost the right wants to write; until its end, nobody takes it.

    Raises:
        LeaseLostError: A newer number than `fence` was given out.
    """
    if fence is None:
        return
    lock = "" if connection.dialect.name == "sqlite" else " FOR KEY SHARE"
    found = connection.execute(text(f"SELECT fence FROM serving_lease WHERE id = 1{lock}"))  # noqa: S608 - two fixed texts
    if found.scalar() != fence:
        raise LeaseLostError
