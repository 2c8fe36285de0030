"""The check of the serving process by its heartbeat in the database, for `onnews health`."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.doctor.findings import Finding, Severity, error, ok, warning
from bot.watching.fleet import Fleet
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from storage.serving.heartbeat import Beat, LastBeat
    from storage.serving.seen_replicas import SeenReplicas

PATIENCE = 8.0
"""Seconds that the database has to answer, and replicas to renew their heartbeats."""
LATE = 10.0
"""Seconds after which a heartbeat is too old; one is written every five seconds."""
WAITED_FOR = 6.0
"""Seconds beyond `LATE` until which the next one is waited for: a busy machine may delay it."""
LOOK = 0.5
NAME = "process"


@dataclass(frozen=True, slots=True)
class Served:
    """The state of the serving process."""

    check: Finding
    seen: LastBeat | None = None
    """The process's last heartbeat, or None if there never was one."""
    replicas: SeenReplicas | None = None
    """The live replicas on PostgreSQL; None on SQLite."""


def serving_state(url: str) -> Served:
    """Return the state of the serving process, by its last heartbeat in a database.

    The finding is an error if the database does not answer in time.
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from storage.db.outage import DatabaseError  # noqa: PLC0415

    found: list[Served] = []

    def ask() -> None:
        try:
            found.append(asyncio.run(_look(url)))
        except DatabaseError as failure:
            found.append(Served(warning(NAME, str(failure), "start it with `onnews run`")))

    # In a daemon thread, because a connection to a frozen database cannot always be closed.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    silent = error(NAME, "the database does not answer", "see what keeps it busy")
    return found[0] if found else Served(silent)


async def _look(url: str) -> Served:
    from bot.watching.process_health import full_disk  # noqa: PLC0415  # keeps --help fast
    from storage.db.database import Database  # noqa: PLC0415  # likewise
    from storage.serving.heartbeat import Heartbeat  # noqa: PLC0415  # likewise
    from storage.serving.seen_replicas import see_replicas  # noqa: PLC0415  # likewise

    database = Database(url)
    seen = await Heartbeat(database).last()
    while seen is not None and LATE < seen.age < LATE + WAITED_FOR and _is_there(seen.beat):
        await asyncio.sleep(LOOK)
        seen = await Heartbeat(database).last()
    full = await asyncio.to_thread(full_disk, database.path)
    return state_by(seen, await see_replicas(Database(url)), full)


def state_by(
    seen: LastBeat | None, replicas: SeenReplicas | None = None, full: str | None = None
) -> Served:
    """Return the state of the serving process, and of the replicas beside it.

    `replicas` is None on SQLite. `full` says why no heartbeat can be written: the disk of an SQLite
    file is full.
    """
    served = replace(_state_by_heartbeat(seen), replicas=replicas)
    if full is not None and served.check.state is not Severity.WARNING:
        return replace(served, check=error(NAME, full, "make room on it"))
    if replicas is None or not replicas.members:
        return served
    fleet = Fleet.of(replicas.members, replicas.holders)
    is_well = served.check.state is Severity.OK
    if fleet.problems:
        # Without a sender the heartbeat only says that there is none.
        first = [] if is_well or Role.SEND in fleet.missing else [served.check.detail]
        line = "; ".join([*first, *fleet.problems])
        return replace(served, check=error(NAME, line, "set ROLES so that a replica has each role"))
    if not is_well and not fleet.senders:
        later = "look again in ten seconds; if none sends then, read the log of each"
        return replace(served, check=error(NAME, f"no replica sends now: {fleet.line}", later))
    line = served.check.detail
    if fleet.replicas > 1:
        line += f"; {fleet.line}"
    if replicas.waiting:
        line += f"; {replicas.waiting} updates wait to be claimed by a replica"
    return replace(served, check=replace(served.check, detail=line))


def _state_by_heartbeat(seen: LastBeat | None) -> Served:
    """Return the state of the serving process by its last heartbeat, or None if there was none.

    A process that was stopped or is gone is only a warning, as that may be on purpose.
    """
    if seen is None:
        line = "no process has served this database yet"
        return Served(warning(NAME, line, "start it with `onnews run`"))
    beat = seen.beat
    who = f"process {beat.pid} on {beat.host}"
    if beat.state == "stopping":
        start = "start it again with `onnews run`"
        return Served(warning(NAME, f"no process serves: {who} was stopped", start), seen)
    if not _is_there(beat):
        start = "read the end of its log, and start it again with `onnews run`"
        return Served(warning(NAME, f"no process serves: {who} is gone", start), seen)
    if seen.age > LATE:
        line = f"{who} has written no heartbeat for {seen.age:.0f} s"
        return Served(error(NAME, line, "read its log; if it hangs, restart it"), seen)
    if beat.problem is not None:
        return Served(error(NAME, beat.problem, "read its log, which says more"), seen)
    return Served(ok(NAME, f"ok: {who} serves, seen {seen.age:.0f} s ago"), seen)


def _is_there(beat: Beat) -> bool:
    """Return whether the process of a heartbeat exists, as far as this machine can know."""
    return beat.host != socket.gethostname() or _runs(beat.pid)


def _runs(pid: int) -> bool:
    """Return whether a process with this id exists on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
