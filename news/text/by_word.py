"""What is found out about words: texts have the same few again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_MOST = 30_000
"""Words that are remembered; after so many it begins anew."""


class ByWord(dict[str, T]):
    """What a function says of each word, asked once: looked up in half an `lru_cache`'s time."""

    def __init__(self, function: Callable[[str], T]) -> None:
        self._function = function

    def __missing__(self, word: str) -> T:
        if len(self) >= _MOST:
            self.clear()
        found = self[word] = self._function(word)
        return found
