"""The check of the serving process by its heartbeat in the database, for `onnews health`."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.doctor.findings import Finding, error, ok, warning

if TYPE_CHECKING:
    from storage.replicas.members import ReplicaView
    from storage.serving.heartbeat import LastBeat

PATIENCE = 5.0
"""Seconds that the database has to answer."""
LATE = 20.0
"""Seconds after which a heartbeat is too old; one is written every five seconds."""
NAME = "process"


@dataclass(frozen=True, slots=True)
class Served:
    """The state of the serving process."""

    check: Finding
    seen: LastBeat | None = None
    """The process's last heartbeat, or None if there never was one."""


def serving_state(url: str) -> Served:
    """Return the state of the serving process, by its last heartbeat in a database.

    Args:
        url: The database's URL.

    Returns:
        The state with a finding: an error if the database does not answer in time.
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from storage.db.database import Database, DatabaseError  # noqa: PLC0415
    from storage.serving.heartbeat import Heartbeat  # noqa: PLC0415

    found: list[Served] = []

    def ask() -> None:
        try:
            found.append(state_by(asyncio.run(Heartbeat(Database(url)).last())))
        except DatabaseError as failure:
            found.append(Served(warning(NAME, str(failure), "start it with `onnews run`")))

    # In a daemon thread, because a connection to a frozen database cannot always be closed.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    silent = error(NAME, "the database does not answer", "see what keeps it busy")
    return found[0] if found else Served(silent)


def state_by(seen: LastBeat | None) -> Served:
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
    if beat.host == socket.gethostname() and not _runs(beat.pid):
        start = "read the end of its log, and start it again with `onnews run`"
        return Served(warning(NAME, f"no process serves: {who} is gone", start), seen)
    if seen.age > LATE:
        line = f"{who} has written no heartbeat for {seen.age:.0f} s"
        return Served(error(NAME, line, "read its log; if it hangs, restart it"), seen)
    if beat.problem is not None:
        return Served(error(NAME, beat.problem, "read its log, which says more"), seen)
    line = f"ok: {who} serves, seen {seen.age:.0f} s ago"
    if seen.replicas is not None and len(seen.replicas.members) > 1:
        line += f"; {of_replicas(seen.replicas)}"
    return Served(ok(NAME, line), seen)


def of_replicas(view: ReplicaView) -> str:
    """Return a line about several replicas: who sends, chats without one, versions that differ."""
    senders = [each.name for each in view.members if each.sends]
    free = sum(holder is None for holder in view.holders.values())
    versions = sorted({each.version for each in view.members})
    parts = [f"{len(view.members)} replicas answer", f"{', '.join(senders) or 'none'} sends"]
    if free:
        parts.append(f"{free} of {len(view.holders)} shards of chats are held by none")
    if len(versions) > 1:
        parts.append(f"their versions differ: {', '.join(versions)}")
    return ", ".join(parts)


def _runs(pid: int) -> bool:
    """Return whether a process with this id exists on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
