"""Which process it is that serves an archive, in a text that others can check."""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, as the archive names it.

    Attributes:
        pid: Its number, where it runs.
        host: The machine's name.
        boot: The machine since it was started, and the room of process numbers within it; empty
            where the system does not tell.
        born: When the process began, in the system's ticks; 0 where it is not known.
        nonce: Tells two that one process made apart.
    """

    pid: int
    host: str
    boot: str = ""
    born: int = 0
    nonce: str = ""

    @classmethod
    def here(cls) -> Self:
        """This process."""
        pid = os.getpid()
        return cls(pid, socket.gethostname(), _boot(), _born(pid), secrets.token_hex(4))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The process that a text names; None where it names none."""
        try:
            pid, host, boot, born, nonce = text.split(" ")
            return cls(int(pid), host, boot, int(born), nonce)
        except ValueError:
            return None

    def __str__(self) -> str:
        """The text that `read` takes."""
        return f"{self.pid} {self.host} {self.boot} {self.born} {self.nonce}"

    @property
    def name(self) -> str:
        """What an operator calls it."""
        return f"{self.pid}" if self.host == socket.gethostname() else f"{self.pid} on {self.host}"

    def is_gone(self) -> bool:
        """Whether it is certain that the process has ended. On another machine nothing is."""
        if not self.boot or self.boot != _boot() or not self.born:
            return False
        return _born(self.pid) != self.born


def uptime() -> float:
    """Seconds that no clock's setting changes, and that go on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _boot() -> str:
    try:
        started = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{started}/{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> int:
    """When a process began; 0 where there is none, or it has ended and only its status is kept."""
    try:
        # Its name comes first, in brackets, and may hold anything.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in {"Z", "X"} else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0
