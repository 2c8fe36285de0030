"""One call of a method, on its way through the playground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.world.world import World


@dataclass(slots=True)
class Call:
    """A method's checked parameters, and the world that it acts on."""

    world: World
    params: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    """What Telegram would pass over without a word, though it is a defect of the sender."""

    def get(self, name: str) -> Any:  # noqa: ANN401 - the schema has checked its type
        """A parameter, or None where it was not given."""
        return self.params.get(name)


Method = Callable[[Call], Any]
"""Gives the `result` of the answer, or an awaitable of it; raises ApiError to refuse."""
