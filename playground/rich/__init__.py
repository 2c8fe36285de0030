"""Rich messages in blocks, held to Telegram's rules and to some that are stricter.

    from playground.rich import Refusal, validate

    validate([{"type": "paragraph", "text": "Good morning."}])

A field that Telegram does not know is refused, since Telegram would pass over it without a word;
so is a text without anything to see, wherever it is. `validate` needs no server, and no chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.rich import limits, shapes
from playground.rich.limits import Counts
from playground.rich.refused import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Counts", "Refusal", "validate"]


def validate(blocks: Sequence[Any]) -> Counts:
    """How large a rich message is, as Telegram counts, if Telegram would take it.

    Args:
        blocks: what stands in `rich_message.blocks`, as JSON. Whether a picture's file is known
            is for the playground to say: here any name of one is right.

    Raises:
        Refusal: it would not; with Telegram's words, and the place of what is wrong.
    """
    shapes.check(blocks)
    return limits.measure(blocks)
