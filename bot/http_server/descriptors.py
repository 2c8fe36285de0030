"""Counts of this process's open file descriptors and their limit."""

from __future__ import annotations

import errno
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass

OPEN = "/dev/fd"
"""The directory that lists a process's own open descriptors, on Linux and macOS."""
LEAST_FREE = 32
"""Free descriptors below which SQLite, sources and Telegram may soon fail to open one."""
USED_UP = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""Error numbers raised when descriptors, or the memory for one, are exhausted."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The number of open descriptors and the limit of this process."""

    open: int
    limit: int

    @property
    def free(self) -> int:
        """Descriptors that can still be opened."""
        return max(self.limit - self.open, 0)

    @property
    def shortage(self) -> str | None:
        """The problem in one line if too few descriptors are free, else None."""
        if self.free >= LEAST_FREE:
            return None
        return f"file descriptors are used up ({self})"

    def __str__(self) -> str:
        return f"{self.open} of {self.limit}"


def count_descriptors() -> Descriptors:
    """Count the open descriptors of this process.

    If counting itself fails for lack of descriptors, all of the limit counts as open. If the system
    cannot list them, none do.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = sys.maxsize if soft == resource.RLIM_INFINITY else soft
    try:
        # One of them is opened by the listing itself.
        return Descriptors(len(os.listdir(OPEN)) - 1, limit)  # noqa: PTH208  # names are enough
    except OSError as error:
        return Descriptors(limit if error.errno in USED_UP else 0, limit)


class SpareDescriptor:
    """A descriptor kept in reserve, to accept one more connection when all others are used up."""

    def __init__(self) -> None:
        self._held: int | None = None
        self.take()

    def take(self) -> None:
        """Reserve a descriptor again, if one is free."""
        if self._held is None:
            with suppress(OSError):
                self._held = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def give_up(self) -> bool:
        """Close the reserved descriptor; return whether there was one."""
        if self._held is None:
            return False
        os.close(self._held)
        self._held = None
        return True
