"""The identity of the serving process, as a text that other processes can check."""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

PROC = Path("/proc")

uptime = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
"""Returns monotonic seconds that also count while the machine sleeps."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, as written into the lease.

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
