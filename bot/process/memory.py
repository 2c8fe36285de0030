"""How the process uses memory: what its collector looks through, where its threads allocate."""

from __future__ import annotations

import ctypes
import gc

from workers.pool import NEW_THINGS

_M_ARENA_MAX = -8
"""The parameter of `mallopt`, as glibc's `malloc.h` has it."""
_ARENAS = 2
_OLDER = (0, 300)
"""After how many looks older things are looked through as well: those that outlived one look in the
very next, so that none is at more than twice what is new; all there is after three hundred of
these, among which is one for each batch of a fan-out."""


def share_arenas() -> None:
    """Let threads allocate from common arenas. Called before they start.

    glibc gives each of a dozen threads one of its own, of which what it freed stays with it: a
    round of many sources then takes 8 MiB more. Elsewhere nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def keep_what_is_there() -> None:
    """Let the collector pass over what the start has made, and come less often.

    Were it looked through again each time that the collector goes through everything, answers would
    have to wait 150 ms for that.
    """
    gc.collect()
    gc.freeze()
    # A round brings tens of thousands of things that stay. By Python's own measure a hundred
    # thousand of them would be looked through at once, for 50 ms.
    gc.set_threshold(NEW_THINGS, *_OLDER)
