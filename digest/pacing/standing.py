"""How well the sender of an update is known, which decides the order of answers."""

from __future__ import annotations

from enum import IntEnum


class Standing(IntEnum):
    """How well the sender of an update is known; smaller values are answered first."""

    OPERATOR = 0
    KNOWN = 1
    """A reader since yesterday or longer, or a person whom an operator admitted by name."""
    NEW = 2
    """A reader since today, or an unknown person in a known group."""
    STRANGER = 3
    """A person of whom nothing is stored, or who is not admitted."""

    @property
    def has_share(self) -> bool:
        """Whether answers get only a share of the rate while better known people wait."""
        return self > Standing.KNOWN
