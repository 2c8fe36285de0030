"""The shards of chats, and which replica should hold which of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHARDS = 64
"""Number of parts into which chats are divided: one for each replica at least, however many."""
_GOLDEN = 0x9E37_79B9_7F4A_7C15
"""Fibonacci hashing: 2^64 divided by the golden ratio, which spreads neighbouring numbers."""
_WORD = (1 << 64) - 1


def shard_of(chat_id: int) -> int:
    """Return the shard of a chat, from 0 to 63, the same in every process and version."""
    return (chat_id * _GOLDEN & _WORD) >> 58


def spread(holders: Mapping[int, int | None], replicas: Iterable[int]) -> dict[int, int]:
    """Return which replica should hold each shard: evenly many each, with the fewest moves.

    Every process computes the same from the same rows, so none has to command the others. The
    result is empty if there is no replica.
    """
    held = Counter(holder for holder in holders.values() if holder is not None)
    # Whoever holds most keeps the odd ones.
    order = sorted(replicas, key=lambda each: (-held[each], each))
    if not order:
        return {}
    share, odd = divmod(len(holders), len(order))
    room = {each: share + (place < odd) for place, each in enumerate(order)}
    should: dict[int, int] = {}
    homeless = []
    for shard in sorted(holders):
        holder = holders[shard]
        if holder is not None and room.get(holder, 0) > 0:
            room[holder] -= 1
            should[shard] = holder
        else:
            homeless.append(shard)
    for each in sorted(room):
        for _ in range(room[each]):
            should[homeless.pop(0)] = each
    return should
