"""The lease: the right of one process to serve an archive, for some seconds at a time.

The lease is a row that its holder renews. No wall clock is trusted: each process counts its own
monotonic seconds. The holder counts from before it asked for the renewal, and stops a while before
the lease ends. The others count from when they saw the last renewal. So a process that is frozen or
cut off has lost the lease before another one takes it, and notices before it begins any request to
Telegram. Only a request that was just being written when it froze is sent after all.

Each time the lease is taken, its number (the fence) grows. The ledger refuses writes from a process
with an older number. Such a write, and any request to Telegram, may raise LeaseLostError: nothing
was written or sent.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, inspect, select, update

from storage.db.connections import end_session
from storage.db.dialect import insert_new
from storage.db.silent_sessions import END_SILENT
from storage.serving.liveness import Holder, LiveReplicas, LookClock, uptime
from storage.serving.lock import MigrationLock
from storage.tables.schema import serving_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

log = logging.getLogger(__name__)

SECONDS = {"sqlite": 10.0, "postgresql": 4.0}
"""Seconds that a lease lasts without renewal, by kind of database.

A write to a file may wait for another program's lock or a slow disk. A server answers in
milliseconds, and its readers wait for the next process when one dies.
"""
LOOK = 0.1
"""Seconds between two reads of the row in `Lease.secure_alone`."""
SHARES = 5
"""Renewals within `SECONDS`. The holder also stops one such fraction before the lease ends."""


_ROW = select(
    serving_lease.c.fence, serving_lease.c.beat, serving_lease.c.holder, serving_lease.c.seconds
).where(serving_lease.c.id == 1)
_EMPTY = {"id": 1, "fence": 0, "beat": 0, "holder": "", "seconds": 0.0}
# On PostgreSQL, claims and settlements hold the row FOR KEY SHARE, which lets renewals pass but
# blocks this FOR UPDATE. SQLite locks the whole file instead.
_ALONE = (
    select(serving_lease.c.id).where(serving_lease.c.id == 1).with_for_update().scalar_subquery()
)
_TAKE = (
    update(serving_lease)
    .where(
        serving_lease.c.id == _ALONE,
        serving_lease.c.fence == bindparam("of_fence"),
        serving_lease.c.beat == bindparam("of_beat"),
    )
    .values(
        fence=serving_lease.c.fence + 1,
        beat=serving_lease.c.beat + 1,
        holder=bindparam("of_holder"),
        seconds=bindparam("of_seconds"),
    )
)
_HELD = update(serving_lease).where(
    serving_lease.c.id == 1,
    serving_lease.c.fence == bindparam("of_fence"),
    serving_lease.c.holder == bindparam("of_holder"),
)
_RENEW = _HELD.values(beat=serving_lease.c.beat + 1)
_FREE = _HELD.values(seconds=0.0)
_FENCE = (
    select(serving_lease.c.fence)
    .where(serving_lease.c.id == 1)
    .with_for_update(read=True, key_share=True)
)
"""The lease's number; on PostgreSQL the row is locked until the transaction ends."""


class LeaseLostError(Exception):
    """Another process now serves the archive. This process must start over as a standby."""

    def __init__(self) -> None:
        super().__init__("another process serves the archive now")


class LeaseRow(NamedTuple):
    """The values of the row."""

    fence: int
    beat: int
    holder: str
    seconds: float


class LeaseStore:
    """The one row that says who serves the archive.

    A heartbeat must come through while all else waits. So it has a connection of its own, which
    waits for none of the pool. On SQLite its writes queue with this process's writers, but wait
    only `patience` seconds for those of other processes.
    """

    def __init__(self, database: Database, patience: float) -> None:
        self._database = database
        self._patience = patience
        self._session: AsyncConnection | None = None

    async def read(self) -> LeaseRow | None:
        """Return the row, or None if it or its table is missing."""

        def look(connection: Connection) -> LeaseRow | None:
            if not inspect(connection).has_table(serving_lease.name):
                return None
            row = connection.execute(_ROW).first()
            return None if row is None else LeaseRow(*row)

        return await self._database.read(look)

    async def take(self, found: LeaseRow | None, holder: str, seconds: float) -> bool:
        """Take the lease for `seconds` if the row is still as `found`. Return whether it was."""
        fence, beat = (0, 0) if found is None else (found.fence, found.beat)
        await self._change(insert_new(serving_lease, self._database.dialect), _EMPTY)
        values = {"of_fence": fence, "of_beat": beat, "of_holder": holder, "of_seconds": seconds}
        return await self._change(_TAKE, values)

    async def end_silent(self, seconds: float) -> None:
        """End PostgreSQL's sessions silent in a request for `seconds`, and so their locks."""
        if self._database.dialect == "postgresql":
            await self._database.write(
                lambda connection: connection.execute(END_SILENT, {"seconds": seconds})
            )

    async def renew(self, fence: int | None, holder: str) -> bool:
        """Renew the lease. Return whether this holder still had it."""
        return await self._change(_RENEW, {"of_fence": fence, "of_holder": holder})

    async def free(self, fence: int, holder: str) -> bool:
        """Give the lease back. Return whether this holder still had it."""
        return await self._change(_FREE, {"of_fence": fence, "of_holder": holder})

    async def close(self) -> None:
        """Close the heartbeat's connection; the next heartbeat opens another."""
        session, self._session = self._session, None
        if session is not None:
            await end_session(session)

    async def _change(self, statement: Insert | Update, values: Mapping[str, Any]) -> bool:
        """Run a statement, and return whether it changed the row."""
        async with self._database.write_lock():
            try:
                # Do not write to another file at the same path.
                self._database.refuse_other_file()
                if self._session is None:
                    self._session = await self._database.session(patience=self._patience)
                return (await self._session.execute(statement, values)).rowcount == 1
            except BaseException:
                await self.close()
                raise


class Lease:
    """The right of one process to serve an archive.

    Args:
        seconds: Seconds that the lease lasts without a renewal; None for those of `SECONDS`.
        passed: Seconds that only ever grow.
    """

    def __init__(
        self,
        database: Database,
        *,
        seconds: float | None = None,
        passed: Callable[[], float] = uptime,
    ) -> None:
        seconds = SECONDS[database.dialect] if seconds is None else seconds
        self.every = seconds / SHARES
        """Seconds between two renewals."""
        self.lost = False
        """Whether this process had the lease and another process has it now."""
        self.was_taken = False
        """Whether this process has ever had the lease."""
        self.rival: Holder | None = None
        """The holder seen when the row was last read."""
        self.is_locked_out = False
        """Whether another process held the lock at the last look."""
        self.is_stuck = False
        """Whether the holder has stopped renewing but is not known to have ended."""
        self._database = database
        self.lock = MigrationLock(database)
        """Held while the lease is taken, so that no process migrates meanwhile."""
        self.others = LiveReplicas(database, passed)
        """The replicas, which may answer readers whoever has the lease."""
        self.seconds = seconds
        """Seconds that it lasts without a renewal."""
        self._silence = seconds / 2
        self._passed = passed
        self._me = str(Holder.here())
        self._store = LeaseStore(database, self.every / 2)
        self._fence: int | None = None
        self._until = 0.0
        self._awake_until = 0.0
        self._is_doubted = False
        self._found: LeaseRow | None = None
        self._seen: tuple[int, int] | None = None
        self._was_renewed = False
        self._looks = LookClock(passed)
        self._since = 0.0
        """When the last renewal was seen, by `_looks`."""
        self._changed = asyncio.Event()

    @property
    def patience(self) -> float:
        """Seconds after which a holder or a replica that died would have been silent for too long.

        Zero for a holder that was seen to renew the lease: that process is alive.
        """
        row = None if self._was_renewed else self._found
        return max(0.0 if row is None else row.seconds, self.others.patience)

    @property
    def look_in(self) -> float:
        """Seconds until a standby should read the row again: when the lease may have expired."""
        often = self.every / 2
        if self._found is None or not self._found.seconds:
            return often
        left = self._since + self._found.seconds - self._looks.now
        return min(max(left, often / 10), often)

    @property
    def is_valid(self) -> bool:
        """Whether this process has the lease now, so that no other process can have it."""
        return self._fence is not None and not self.lost and self._passed() < self._until

    @property
    def is_held(self) -> bool:
        """Whether this process took the lease and has not been seen to lose it."""
        return self._fence is not None and not self.lost

    @property
    def may_answer(self) -> bool:
        """Whether answers to readers may be sent.

        They may also be sent while the database is unreachable, so that readers hear of it: the
        same answer from two processes does less harm than none. They may not be sent after a time
        in which this process was frozen, nor while another process is known to answer.
        """
        return self.is_valid or (
            self._fence is not None
            and not self.lost
            and not self._is_doubted
            and self._passed() < self._awake_until
        )

    def doubt(self) -> bool:
        """Stop answering because another process polls Telegram, until the lease is renewed.

        Otherwise a process that only lost the database would take updates from the other process.
        Return whether it stops; False while it certainly has the lease.
        """
        self._is_doubted = self._fence is not None and not self.is_valid
        return self._is_doubted

    async def permit(self) -> None:
        """Wait until this process certainly has the lease; normally it returns at once.

        It raises LeaseLostError if another process has it, or this one never took it.
        """
        while not self.is_valid:
            await self._wait_for_change()

    async def permit_answer(self) -> None:
        """Wait as `permit` does, until answers to readers may be sent."""
        while not self.may_answer:
            await self._wait_for_change()

    async def secure(self, *, alone: bool = False) -> bool:
        """Return whether the lease may be taken. If so, this process has the lock.

        The caller may then migrate, and must call `begin` or release the lock. The lease may be
        taken from a process that exists but has frozen; not so with `alone`, which also refuses it
        while any replica is alive.

        Raises:
            DatabaseError: The file beside an SQLite database cannot be created or locked.
            DBAPIError, OSError: The database does not answer.
        """
        self.is_locked_out = False
        if not await self._may_take(alone=alone):
            return False
        if not await self.lock.take():
            self.is_locked_out = True
            return False
        secured = False
        try:
            # Another process may have taken the lease before this one got the lock.
            secured = await self._may_take(alone=alone)
        finally:
            if not secured:
                await self.lock.release()
        return secured

    async def secure_alone(self) -> bool:
        """Return whether no process uses the archive; it returns and raises as `secure` does.

        A process that may have died is waited for until it would have been silent for too long.
        """
        began: float | None = None
        while not await self.secure(alone=True):
            # From the first look, as the silence of others is.
            began = self._passed() if began is None else began
            if self._passed() - began >= self.patience:
                return False
            await asyncio.sleep(LOOK)
        return True

    async def begin(self) -> bool:
        """Take the lease after `secure` has returned True, and release the lock.

        Return False if another process was quicker. TimeoutError means that a transaction of the
        frozen holder is still open.
        """
        # Migrations may have created the row since `secure`.
        row = self._found or await self._store.read()
        if self.is_stuck:
            await self._store.end_silent(self._silence)
        asked = self._passed()
        async with asyncio.timeout(self.seconds):
            taken = await self._store.take(row, self._me, self.seconds)
        if taken:
            self.was_taken = True
            self._fence = self._database.fence = 1 if row is None else row.fence + 1
            self._renewed(asked)
        await self.lock.release()
        return taken

    async def renew(self) -> None:
        """Renew the lease.

        If the database does not answer, answers to readers stay allowed for a while. After any
        exception the caller should try again.
        """
        asked = self._passed()
        try:
            async with asyncio.timeout(self.every):
                ours = await self._store.renew(self._fence, self._me)
        except Exception:
            self._awake_until = asked + self._shorter
            self._notify_waiters()
            raise
        if not ours:
            self.lost = True
            self._notify_waiters()
            raise LeaseLostError
        self._renewed(asked)

    async def release(self) -> None:
        """Give the lease back if this process has it, and release the lock."""
        fence, self._fence = self._fence, None
        self._notify_waiters()
        try:
            if fence is not None and not self.lost:
                async with asyncio.timeout(self.every):
                    await self._store.free(fence, self._me)
        except Exception as error:  # noqa: BLE001 - others see it expire
            log.debug("the lease was not given back: %s", error)
        finally:
            await self._store.close()
            await self.lock.release()

    async def _may_take(self, *, alone: bool) -> bool:
        """Read the row, and return whether its lease is free, or may be taken from its holder."""
        if alone and await self.others.names():
            return False
        try:
            row = self._found = await self._store.read()
        except Exception:
            self._looks.failed()
            raise
        self._looks.looked()
        self.is_stuck = False
        self.rival = None if row is None else Holder.read(row.holder)
        if row is None or row.seconds == 0 or row.holder == self._me:
            return True
        if self.rival is not None and self.rival.is_gone():
            return True
        self.is_stuck = self._is_stale(row)
        return self.is_stuck and not alone

    @property
    def _shorter(self) -> float:
        return self.seconds - self.every

    def _is_stale(self, row: LeaseRow) -> bool:
        """Return whether the holder has not renewed for as long as its lease lasts."""
        if self._seen != (row.fence, row.beat):
            self._was_renewed = self._seen is not None
            self._seen = row.fence, row.beat
            self._since = self._looks.now
        return self._looks.now - self._since >= row.seconds

    def _renewed(self, asked: float) -> None:
        self._until = self._awake_until = asked + self._shorter
        self._is_doubted = False
        self._notify_waiters()

    def _notify_waiters(self) -> None:
        news, self._changed = self._changed, asyncio.Event()
        news.set()

    async def _wait_for_change(self) -> None:
        if self.lost or self._fence is None:
            raise LeaseLostError
        await self._changed.wait()


def check(connection: Connection, fence: int | None) -> None:
    """Refuse a write of a process that has lost the lease, with LeaseLostError.

    Until the transaction ends, no other process can take the lease. A `fence` of None stands for a
    write that needs no lease.
    """
    if fence is None:
        return
    if connection.scalar(_FENCE) != fence:
        raise LeaseLostError
