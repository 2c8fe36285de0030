"""A cache for results that depend on the categories alone, computed once for a taxonomy."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")
T = TypeVar("T")


def remembered(make: Callable[[C], T]) -> Callable[[C], T]:
    """Return a function that caches the result for the last categories that it was called with.

    The categories are compared by identity, so they must not change. A taxonomy's never do.
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
