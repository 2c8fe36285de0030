"""What was made once, kept for whoever asks for the same."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key; beyond `size` of them, those that were longest not asked for go."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of this key, made if it is not kept."""
        kept = self._values.get(key)
        if kept is not None:
            self._values.move_to_end(key)
            return kept
        made = self._values[key] = make()
        if len(self._values) > self._size:
            self._values.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget every value."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
