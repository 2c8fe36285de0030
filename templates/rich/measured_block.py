"""A block of a page as JSON with its size, which pages share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from templates.rich import blocks

if TYPE_CHECKING:
    from collections.abc import Hashable

    from templates.edition.lru_cache import LruCache
    from templates.rich.blocks import Block, Size

BETWEEN = " · "
"""The dot between two parts of a line."""


@dataclass(frozen=True, slots=True)
class MeasuredBlock:
    """A block as JSON strings with its size, ready to be joined with others."""

    strings: tuple[str, ...]
    size: Size
    picture: str = ""
    """The picture's address; "" for a block that is no picture."""


def measured(block: Block | None, picture: str = "") -> MeasuredBlock | None:
    """Return a block as JSON with its size, or None if nothing in it is visible."""
    if block is None:
        return None
    return MeasuredBlock((blocks.written(block),), blocks.size_of(block), picture)


BlockCache: TypeAlias = "LruCache[Hashable, MeasuredBlock | None]"
"""The cache of laid-out blocks, by all values that decide how a block looks."""
