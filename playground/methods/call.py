"""One call of a method as the playground handles it."""

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
    """Mistakes of the sender that Telegram would ignore silently."""

    def get(self, name: str) -> Any:  # noqa: ANN401 - the schema has checked its type
        """Return a parameter, or None if it is missing."""
        return self.params.get(name)


Method = Callable[[Call], Any]
"""Returns the `result` of the answer, or an awaitable of it; raises ApiError to refuse."""
