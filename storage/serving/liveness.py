"""Which processes are alive, as one process sees them. No wall clock is trusted.

A process of this machine that has ended is known to be gone by its number and start time. Of any
other the rows in the database are read again and again: it is gone once they have stood still.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable

PROC = Path("/proc")

uptime = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
"""Returns monotonic seconds that also count while the machine sleeps."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, as written into the lease and into the row of a replica.

    Attributes:
        boot: The machine's boot id and the process's PID namespace; empty if unknown.
        born: When the process started, in the system's ticks since boot; 0 if unknown.
        nonce: A random text that distinguishes two holders made by one process.
    """

    pid: int
    host: str
    boot: str = ""
    born: int = 0
    nonce: str = ""

    @classmethod
    def here(cls) -> Self:
        """Return the identity of this process."""
        pid = os.getpid()
        return cls(pid, socket.gethostname(), _boot(), _born(pid), secrets.token_hex(4))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse a text written by `str`. Return None if it is malformed."""
        try:
            pid, host, boot, born, nonce = text.split(" ")
            return cls(int(pid), host, boot, int(born), nonce)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.pid} {self.host} {self.boot} {self.born} {self.nonce}"

    @property
    def name(self) -> str:
        """The process id, with the machine's name if it is another machine."""
        return f"{self.pid}" if self.host == socket.gethostname() else f"{self.pid} on {self.host}"

    def is_gone(self) -> bool:
        """Return whether the process has certainly ended; always False for another machine."""
        if not self.boot or self.boot != _boot() or not self.born:
            return False
        return _born(self.pid) != self.born


def _boot() -> str:
    try:
        started = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{started}/{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> int:
    """Return when a process started, in ticks since boot; 0 if it does not run or is a zombie."""
    try:
        # The process's name comes first, in brackets, and may contain anything.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in {"Z", "X"} else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


class Beating(Protocol):
    """The row of a process, which tells whether it is alive."""

    @property
    def id(self) -> int:
        """A number that no other row ever has."""

    @property
    def holder(self) -> str:
        """The process, as `Holder` writes it."""

    @property
    def beat(self) -> int:
        """A number that grows with each heartbeat."""

    @property
    def seconds(self) -> float:
        """Seconds of silence after which it counts as gone."""


class Silence:
    """How long each process has been silent, whose row in the database is read again and again.

    The time between two looks does not count if one failed in between: while the database is away
    nobody can renew a row.
    """

    def __init__(self, passed: Callable[[], float] = uptime) -> None:
        self.renewed: set[int] = set()
        """The ids of those that were seen to renew their row."""
        self._passed = passed
        self._looked = passed()
        self._uncounted = 0.0
        """Seconds that do not count, in all."""
        self._has_failed = False
        """Whether the rows could not be read since `_looked`."""
        self._seen: dict[int, tuple[int, float]] = {}
        """Id → the last heartbeat, and when it was seen first, by `_now`."""

    def looked(self) -> None:
        """Note that the rows were read, before their silence is judged."""
        now = self._passed()
        if self._has_failed:
            self._uncounted += now - self._looked
        self._looked, self._has_failed = now, False

    def failed(self) -> None:
        """Note that the rows could not be read."""
        self._has_failed = True

    def is_gone(self, member: Beating) -> bool:
        """Return whether a process has died on this machine, or been silent for too long."""
        holder = Holder.read(member.holder)
        return (holder is not None and holder.is_gone()) or self.is_still(member)

    def is_still(self, member: Beating) -> bool:
        """Return whether a row that was just read has stood still for too long."""
        seen = self._seen.get(member.id)
        if seen is None or seen[0] != member.beat:
            if seen is not None:
                self.renewed.add(member.id)
            self._seen[member.id] = (member.beat, self._now)
            return False
        return self._now - seen[1] >= member.seconds

    def age(self, member: Beating) -> float:
        """Return the seconds since the last heartbeat of a process was seen first."""
        return self._now - self._seen[member.id][1] if member.id in self._seen else 0.0

    @property
    def _now(self) -> float:
        """The seconds that count, from a start that means nothing by itself."""
        return self._passed() - self._uncounted
