"""A number with its noun, for operators."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun in singular or plural: `1 source`, `2 sources`.

    Args:
        count: The number.
        one: The singular.
        many: The plural; by default the singular with an s.
    """
    return f"{count} {one if count == 1 else many or one + 's'}"
