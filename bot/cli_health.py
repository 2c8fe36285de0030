"""`onnews health`: whether the process that serves is well, for a container to ask."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.terminal import settings

if TYPE_CHECKING:
    from storage.heartbeat import Seen

PATIENCE = 5.0
"""Seconds that the database has to answer."""
LATE = 20.0
"""Seconds after which a sign of life is too old: there should be one every five."""


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """What there is to say of the process that serves."""

    ok: bool
    line: str
    seen: Seen | None = None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it for a program.")
def health(*, as_json: bool) -> None:
    """Say in one line whether the process that serves is well; status 1 if it is not.

    It asks the database alone, so that it needs no METRICS_ADDRESS.
    """
    verdict = asked(settings().database_url)
    if as_json:
        seen = verdict.seen
        found = {
            "ok": verdict.ok,
            "line": verdict.line,
            "state": seen.beat.state if seen else None,
            "ill": seen.beat.ill if seen else None,
            "age_seconds": round(seen.age, 1) if seen else None,
            "host": seen.beat.host if seen else None,
            "pid": seen.beat.pid if seen else None,
        }
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(verdict.line, err=not verdict.ok)
    sys.exit(0 if verdict.ok else 1)


def asked(url: str) -> HealthVerdict:
    """What the database says, or that it says nothing in time."""
    # Half a second that `onnews --help` need not wait for.
    from storage.database import Database, DatabaseError  # noqa: PLC0415
    from storage.heartbeat import Heartbeat  # noqa: PLC0415

    found: list[HealthVerdict] = []

    def ask() -> None:
        try:
            found.append(judged(asyncio.run(Heartbeat(Database(url)).last())))
        except DatabaseError as error:
            found.append(HealthVerdict(ok=False, line=str(error)))

    # In a thread that is left alone where it hangs: a connection to a database that is frozen
    # cannot always be broken off.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return found[0] if found else HealthVerdict(ok=False, line="the database does not answer")


def judged(seen: Seen | None) -> HealthVerdict:
    """What a sign of life means."""
    if seen is None:
        return HealthVerdict(
            ok=False, line="no process has served this database yet: onnews run does"
        )
    beat = seen.beat
    who = f"process {beat.pid} on {beat.host}"
    if beat.state == "stopping":
        return HealthVerdict(ok=False, line=f"nothing serves: {who} was stopped", seen=seen)
    if beat.host == socket.gethostname() and not _runs(beat.pid):
        return HealthVerdict(ok=False, line=f"nothing serves: {who} is gone", seen=seen)
    if seen.age > LATE:
        line = f"{who} has given no sign of life for {seen.age:.0f} s"
        return HealthVerdict(ok=False, line=line, seen=seen)
    if beat.ill is not None:
        return HealthVerdict(ok=False, line=beat.ill, seen=seen)
    return HealthVerdict(ok=True, line=f"ok: {who} serves, seen {seen.age:.0f} s ago", seen=seen)


def _runs(pid: int) -> bool:
    """Whether a process of this machine is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
