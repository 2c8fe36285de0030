"""Results that depend on the categories alone, computed once for a taxonomy."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")
T = TypeVar("T")


def remembered(make: Callable[[C], T]) -> Callable[[C], T]:
    """Make a function of the categories keep its result for the last ones that it was given.

    They are told apart by identity, so they must not change: those of a taxonomy never do.
    """
    last: tuple[C, T] | None = None

    @wraps(make)
    def get(categories: C) -> T:
        nonlocal last
        known = last
        if known is None or known[0] is not categories:
            known = last = categories, make(categories)
        return known[1]

    return get
