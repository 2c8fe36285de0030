"""Checks of rich messages in blocks, by Telegram's rules and some stricter ones.

    from playground.rich import Refusal, validate

    validate([{"type": "paragraph", "text": "Good morning."}])

Unknown fields are refused, since Telegram would ignore them silently. So is any text without
visible characters. `validate` needs no server and no chat.
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
    """Check a rich message, and return its size as Telegram counts it.

    Args:
        blocks: The value of `rich_message.blocks`, as JSON. Any file name is accepted here; the
            playground checks whether the file exists.

    Raises:
        Refusal: Telegram would refuse it; with Telegram's words and the path of the mistake.
    """
    shapes.check(blocks)
    return limits.measure(blocks)
