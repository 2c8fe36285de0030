"""A number with its noun, as operators read it."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun, in the singular or the plural: `1 source`, `2 sources`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
