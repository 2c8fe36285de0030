"""A number with its noun, for operators."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun, such as `2 sources`; `many` is by default `one` with an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"
