"""Settings of the garbage collector and of glibc's allocator."""

from __future__ import annotations

import ctypes
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workers.pool import NEW_THINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPTIONS = {
    -8: 1,  # M_ARENA_MAX: arenas that all threads share
    -3: 64 << 10,  # M_MMAP_THRESHOLD: bytes from which a block is a mapping of its own
    -1: 128 << 10,  # M_TRIM_THRESHOLD: free bytes at the end that are kept
}
"""The options of `mallopt` by their numbers in glibc's `malloc.h`."""
_OLDER = (0, 300)
"""Thresholds of the two older generations of the garbage collector.

0 collects the middle generation directly after the youngest, so that it never holds more than twice
the newest objects. 300 makes full collections rare: every batch of a fan-out counts as one step.
"""


@contextmanager
def without_collections() -> Iterator[None]:
    """Pause garbage collection while modules are imported, and exempt what they created from it.

    Modules create a few hundred thousand objects that stay. Collections during the imports of a
    start would take 0.2 s and find nothing to free.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def give_memory_back() -> None:
    """Make glibc return freed memory to the system. Call it before threads start.

    By default each thread has an arena of its own, which keeps what was freed, and the size from
    which a block is returned at once grows with the largest one that was freed, up to 32 MiB. What
    is kept is then full of holes: a busy bot grows by 2 MiB a minute instead of 0.5. On systems
    without glibc nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in _OPTIONS.items():
            mallopt(option, value)


def keep_what_is_there() -> None:
    """Exempt all existing objects from garbage collection, and collect less often.

    Called at the end of the start. A full collection that includes these objects would delay
    answers by 150 ms.
    """
    gc.collect()
    gc.freeze()
    # A round creates tens of thousands of objects that stay. With Python's own thresholds a
    # hundred thousand of them would be collected at once, which takes 50 ms.
    gc.set_threshold(NEW_THINGS, *_OLDER)
