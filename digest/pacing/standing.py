"""How well whoever writes is known: who goes first where not all can be answered at once."""

from __future__ import annotations

from enum import IntEnum


class Standing(IntEnum):
    """How well the sender of an update is known; the smaller value goes first."""

    OPERATOR = 0
    KNOWN = 1
    """A reader of more than a day, or somebody whom an operator let in by name."""
    NEW = 2
    """A reader since today, or somebody unknown in a group that is known."""
    STRANGER = 3
    """Nobody of whom anything is kept, or who is not let in."""

    @property
    def has_share(self) -> bool:
        """Whether answers are held to a share of the pace while better known people wait."""
        return self > Standing.KNOWN
