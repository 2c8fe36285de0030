"""What editors withdrew, hid or showed again, in a file beside the backups.

The database is the truth; the file repeats it, so that what was decided after a backup outlives its
restore. A line has the hash of its JSON before it, so that damage shows. Files of several machines
may be joined: the last decision about a link counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from storage.articles.link_decisions import LinkDecision, every
from storage.db import private_files
from storage.db.outage import DatabaseUnavailableError
from storage.model import ArticleState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from storage.db.database import Database

NAME = "withdrawn-stories.txt"
HEADING = "# What editors withdrew, hid or showed again. Keep this file with the backups.\n"
SHOWN = "shown"
_STATES = {SHOWN: None, **{each.value: each.value for each in ArticleState}}

log = logging.getLogger(__name__)


class WrittenDecisions(NamedTuple):
    """What a file says."""

    decisions: dict[str, LinkDecision]
    """Link → the last decision about it."""
    damaged: int
    """The number of lines that cannot be read, the heading among them."""


class DecisionList:
    """The file of one folder, which may not exist yet."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.path = folder / NAME
        self._written: tuple[list[LinkDecision], int] | None = None
        """What the file had when it was written last, and its size."""
        self._problem = ""

    async def keep_up(self) -> None:
        """Add to the file what the database has; log why if that fails, for the next time."""
        try:
            known = await self._database.read(every)
            await asyncio.to_thread(self._add, known)
            self._problem = ""
        except OSError as error:
            if self._problem != (problem := str(error.strerror)):
                self._problem = problem
                log.warning("%s cannot be written (%s)", self.path, problem)
        except DatabaseUnavailableError as error:
            log.warning("%s waits for the database: %s", self.path, error.reason)

    async def look(self, _now: datetime) -> None:
        """Do as `keep_up`: other replicas decide too, and a process may end before it wrote."""
        await self.keep_up()

    def _add(self, known: list[LinkDecision]) -> None:
        """Add the decisions that the file lacks."""
        there = self.path.exists()
        if there and self._written == (known, self.path.stat().st_size):
            return
        listed = read(self.path) if there else WrittenDecisions({}, 0)
        lacking = lacks(listed.decisions, known)
        if listed.damaged:
            # A full disk or a crash cut off a line, for example.
            last = listed.decisions | {each.link: each for each in lacking}
            fresh = self.path.with_name(f".{NAME}-{os.getpid()}")
            fresh.unlink(missing_ok=True)
            private_files.append_durably(fresh, HEADING + "".join(map(_line, last.values())))
            fresh.replace(self.path)
        elif lacking or not there:
            # The newline ends a line that was cut off meanwhile.
            head = "\n" if there else HEADING
            private_files.append_durably(self.path, head + "".join(map(_line, lacking)))
        self._written = known, self.path.stat().st_size


def lacks(listed: dict[str, LinkDecision], known: Iterable[LinkDecision]) -> list[LinkDecision]:
    """Return which decisions are later than those of a list."""
    return [each for each in known if each.link not in listed or listed[each.link].at < each.at]


def read(path: Path) -> WrittenDecisions:
    """Read a file."""
    decisions: dict[str, LinkDecision] = {}
    heading = HEADING.strip().encode()
    lines = path.read_bytes().split(b"\n")
    damaged = int(lines[0] != heading)
    for line in lines[1:]:
        if (decision := _decision(line)) is None:
            damaged += line not in {b"", heading}
        elif lacks(decisions, [decision]):
            decisions[decision.link] = decision
    return WrittenDecisions(decisions, damaged)


def _line(decision: LinkDecision) -> str:
    text = json.dumps(
        {
            "at": decision.at.isoformat(),
            "link": decision.link,
            "state": decision.state or SHOWN,
            "reason": decision.reason,
        }
    )
    return f"{_print(text.encode())} {text}\n"


def _print(text: bytes) -> str:
    return blake2b(text, digest_size=4).hexdigest()


def _decision(line: bytes) -> LinkDecision | None:
    """Return what a line says; None if it is damaged."""
    print_, _, text = line.partition(b" ")
    if print_ != _print(text).encode():
        return None
    try:
        fields = json.loads(text)
        return LinkDecision(
            fields["link"],
            datetime.fromisoformat(fields["at"]),
            _STATES[fields["state"]],
            fields["reason"],
        )
    except (ValueError, KeyError, TypeError):
        return None
