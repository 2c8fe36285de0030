"""How much work something is, counted in calls of functions, which no busy machine changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class TooMuchWorkError(Exception):
    """Something called more functions than it was allowed."""


def calls(act: Callable[[], object], *, most: int) -> int:
    """Return how many functions were called, those written in C included.

    Raises:
        TooMuchWorkError: It calls more than `most`, and was ended there.
    """
    made = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal made
        made += event.endswith("call")
        if made > most:
            sys.setprofile(None)
            raise TooMuchWorkError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return made
