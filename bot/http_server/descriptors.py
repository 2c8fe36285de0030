"""How many file descriptors this process has open, and how many it may."""

from __future__ import annotations

import errno
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass

OPEN = "/dev/fd"
"""Lists the descriptors of whoever reads it, on Linux and macOS."""
LEAST_FREE = 32
"""With fewer free, an SQLite file, a source or Telegram may be refused one at any moment."""
USED_UP = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""Errors of a system that gives no more descriptors, or no memory for one."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The descriptors of this process."""

    open: int
    limit: int

    @property
    def free(self) -> int:
        """How many more may be opened."""
        return max(self.limit - self.open, 0)

    @property
    def ill(self) -> str | None:
        """Why the process cannot go on like this, in one line; None while enough are free."""
        if self.free >= LEAST_FREE:
            return None
        return f"file descriptors are used up ({self})"

    def __str__(self) -> str:
        return f"{self.open} of {self.limit}"


def count_descriptors() -> Descriptors:
    """Count what is open now; all of the limit where not even the count can open one."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = sys.maxsize if soft == resource.RLIM_INFINITY else soft
    try:
        # The listing has one open itself.
        return Descriptors(len(os.listdir(OPEN)) - 1, limit)  # noqa: PTH208  # names are enough
    except OSError as error:
        return Descriptors(limit if error.errno in USED_UP else 0, limit)


class SpareDescriptor:
    """A descriptor that is kept to answer one more connection with when all others are used up."""

    def __init__(self) -> None:
        self._held: int | None = None
        self.take()

    def take(self) -> None:
        """Keep one again, if there is one."""
        if self._held is None:
            with suppress(OSError):
                self._held = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def give_up(self) -> bool:
        """Free it for another use; return whether one was kept."""
        if self._held is None:
            return False
        os.close(self._held)
        self._held = None
        return True
