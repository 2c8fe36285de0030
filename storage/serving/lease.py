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
from storage.serving.liveness import Holder, Silence, uptime
from storage.serving.lock import MigrationLock
from storage.tables.replica_schema import replicas
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


class LeaseRow(NamedTuple):
    """The row of the lease."""

    fence: int
    holder: str
    beat: int
    seconds: float
    id: int = 0
    """No replica has this number."""


class ReplicaRow(NamedTuple):
    """The row of a replica; these columns exist at every revision that has the table."""

    id: int
    name: str
    holder: str
    beat: int
    seconds: float


_ROW = select(
    serving_lease.c.fence, serving_lease.c.holder, serving_lease.c.beat, serving_lease.c.seconds
).where(serving_lease.c.id == 1)
_REPLICAS = select(*(replicas.c[name] for name in ReplicaRow._fields)).order_by(replicas.c.id)
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
        self.seconds = SECONDS[database.dialect] if seconds is None else seconds
        """Seconds that it lasts without a renewal."""
        self.every = self.seconds / SHARES
        """Seconds between two renewals."""
        self.lost = False
        """Whether this process had the lease and another process has it now."""
        self.was_taken = False
        """Whether this process has ever had the lease."""
        self.rival: Holder | None = None
        """The holder at the last look."""
        self.replicas: tuple[str, ...] = ()
        """The names of the live replicas, if the last look was for the archive alone."""
        self.is_locked_out = False
        """Whether another process held the lock at the last look."""
        self.is_stuck = False
        """Whether the holder has stopped renewing but is not known to have ended."""
        self.patience = 0.0
        """Seconds after which each process of the last look would have been silent for too long.

        Those that were seen to renew their row are alive, and not waited for.
        """
        self.lock = MigrationLock(database)
        """Held while the lease is taken, so that no process migrates meanwhile."""
        self._database = database
        self._session: AsyncConnection | None = None
        self._longest_silence = self.seconds / 2
        """Seconds for which a frozen holder may be silent in a request, with its locks."""
        self._passed = passed
        self._me = str(Holder.here())
        self._fence: int | None = None
        self._until = 0.0
        self._awake_until = 0.0
        self._is_doubted = False
        self._found: LeaseRow | None = None
        self._silence = Silence(passed)
        self._changed = asyncio.Event()

    @property
    def look_in(self) -> float:
        """Seconds until a standby should read the row again: when the lease may have expired."""
        often = self.every / 2
        if self._found is None or not self._found.seconds:
            return often
        left = self._found.seconds - self._silence.age(self._found)
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
        row = self._found or LeaseRow(fence=0, holder="", beat=0, seconds=0.0)
        try:
            if self.is_stuck and self._database.dialect == "postgresql":
                # Their locks would keep this process from taking the lease.
                silent = {"seconds": self._longest_silence}
                await self._database.write(lambda there: there.execute(END_SILENT, silent))
            asked = self._passed()
            async with asyncio.timeout(self.seconds):
                await self._change(insert_new(serving_lease, self._database.dialect), _EMPTY)
                old = {"of_fence": row.fence, "of_beat": row.beat}
                new = {"of_holder": self._me, "of_seconds": self.seconds}
                taken = await self._change(_TAKE, old | new)
            if taken:
                self.was_taken = True
                self._fence = self._database.fence = row.fence + 1
                self._renewed(asked)
            return taken
        finally:
            await self.lock.release()

    async def renew(self) -> None:
        """Renew the lease.

        If the database does not answer, answers to readers stay allowed for a while. After any
        exception the caller should try again.
        """
        asked = self._passed()
        try:
            async with asyncio.timeout(self.every):
                ours = await self._change(_RENEW, self._mine(self._fence))
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
                    await self._change(_FREE, self._mine(fence))
        except Exception as error:  # noqa: BLE001 - others see it expire
            log.debug("the lease was not given back: %s", error)
        finally:
            await self._close()
            await self.lock.release()

    async def _may_take(self, *, alone: bool) -> bool:
        """Look, and return whether the lease is free, or may be taken from its holder."""
        try:
            row, replicas = await self._look(alone=alone)
        except Exception:
            self._silence.failed()
            raise
        silence = self._silence
        silence.looked()
        self._found, self.rival = row, None if row is None else Holder.read(row.holder)
        is_still = row is not None and silence.is_still(row)
        alive = [each for each in replicas if not silence.is_gone(each)]
        self.replicas = tuple(each.name for each in alive)
        awaited: list[LeaseRow | ReplicaRow] = [*alive, *filter(None, [row])]
        self.patience = max(
            (each.seconds for each in awaited if each.id not in silence.renewed), default=0.0
        )
        self.is_stuck = False
        if alive:
            return False
        if row is None or row.seconds == 0 or row.holder == self._me:
            return True
        if self.rival is not None and self.rival.is_gone():
            return True
        self.is_stuck = is_still
        return is_still and not alone

    async def _look(self, *, alone: bool) -> tuple[LeaseRow | None, list[ReplicaRow]]:
        """Read the row, None if it or its table is missing, and with `alone` those of replicas."""

        def look(connection: Connection) -> tuple[LeaseRow | None, list[ReplicaRow]]:
            there = inspect(connection)
            row, others = None, []
            if there.has_table(serving_lease.name):
                row = connection.execute(_ROW).first()
            if alone and self._database.dialect != "sqlite" and there.has_table(replicas.name):
                others = [ReplicaRow(*each) for each in connection.execute(_REPLICAS)]
            return None if row is None else LeaseRow(*row), others

        return await self._database.read(look)

    async def _change(self, statement: Insert | Update, values: Mapping[str, Any]) -> bool:
        """Run a statement, and return whether it changed the row.

        A renewal must come through while all else waits. So it has a connection of its own, which
        waits for none of the pool. On SQLite it queues with this process's writers, but waits only
        for half of `every` for those of other processes.
        """
        async with self._database.write_lock():
            try:
                # Do not write to another file at the same path.
                self._database.refuse_other_file()
                if self._session is None:
                    self._session = await self._database.session(patience=self.every / 2)
                return (await self._session.execute(statement, values)).rowcount == 1
            except BaseException:
                await self._close()
                raise

    async def _close(self) -> None:
        """Close the connection of the renewals; the next one opens another."""
        session, self._session = self._session, None
        if session is not None:
            await end_session(session)

    def _mine(self, fence: int | None) -> dict[str, Any]:
        return {"of_fence": fence, "of_holder": self._me}

    @property
    def _shorter(self) -> float:
        return self.seconds - self.every

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
