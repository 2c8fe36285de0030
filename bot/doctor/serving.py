"""Whether a process serves, and is well: what `onnews health` says, by the database alone."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.doctor.findings import Finding, error, ok, warning

if TYPE_CHECKING:
    from storage.serving.heartbeat import LastBeat

PATIENCE = 5.0
"""Seconds that the database has to answer."""
LATE = 20.0
"""Seconds after which a sign of life is too old: there should be one every five."""
NAME = "process"


@dataclass(frozen=True, slots=True)
class Served:
    """What there is to say of the process that serves."""

    check: Finding
    seen: LastBeat | None = None
    """Its last sign of life, if it ever left one."""


def asked(url: str) -> Served:
    """What the database says of it, or that it says nothing in time."""
    # Half a second that `onnews --help` need not wait for.
    from storage.db.database import Database, DatabaseError  # noqa: PLC0415
    from storage.serving.heartbeat import Heartbeat  # noqa: PLC0415

    found: list[Served] = []

    def ask() -> None:
        try:
            found.append(judged(asyncio.run(Heartbeat(Database(url)).last())))
        except DatabaseError as failure:
            found.append(Served(warning(NAME, str(failure), "start it with `onnews run`")))

    # In a thread that is left alone where it hangs: a connection to a database that is frozen
    # cannot always be broken off.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    silent = error(NAME, "the database does not answer", "see what keeps it busy")
    return found[0] if found else Served(silent)


def judged(seen: LastBeat | None) -> Served:
    """What a sign of life means. That nothing serves is a warning: it may be meant so."""
    if seen is None:
        line = "no process has served this database yet: onnews run does"
        return Served(warning(NAME, line, "start it with `onnews run`"))
    beat = seen.beat
    who = f"process {beat.pid} on {beat.host}"
    if beat.state == "stopping":
        start = "start it again with `onnews run`"
        return Served(warning(NAME, f"nothing serves: {who} was stopped", start), seen)
    if beat.host == socket.gethostname() and not _runs(beat.pid):
        start = "read the end of its log, and start it again with `onnews run`"
        return Served(warning(NAME, f"nothing serves: {who} is gone", start), seen)
    if seen.age > LATE:
        line = f"{who} has given no sign of life for {seen.age:.0f} s"
        return Served(error(NAME, line, "read its log; if it hangs, stop it and start anew"), seen)
    if beat.ill is not None:
        return Served(error(NAME, beat.ill, "its log says since when, and more"), seen)
    return Served(ok(NAME, f"ok: {who} serves, seen {seen.age:.0f} s ago"), seen)


def _runs(pid: int) -> bool:
    """Whether a process of this machine is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
