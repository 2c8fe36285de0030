"""Cards that readers sent to friends by inline mode, edited when their story is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class SharedCards(Protocol):
    """Edits the shared cards of a correction's story."""

    edit: Callable[[int], Awaitable[int]]
