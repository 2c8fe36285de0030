"""Messages assembled from ready pieces, as fast as joining strings.

Many readers get the same stories on the same morning. A piece is rendered and measured once, so an
edition costs little more than looking up its pieces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from templates.markup.fit import ENTITIES, RAW_BYTES, UNITS, fit
from templates.markup.telegram_html import escape, parse
from templates.markup.text import units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = "\n\n"
LINE = "\n"
PLACE = "\ue000"
"""A private-use character that marks where a shared piece takes another one."""


class Piece(NamedTuple):
    """A part of a message that is never split, with its share of Telegram's limits.

    A tuple, since a dataclass takes three times as long to make.
    """

    html: str
    units: int
    entities: int
    raw_bytes: int
    strings: tuple[str, ...] = ()
    """The strings that it was joined from; empty if it was rendered as a whole."""

    def bound(self, gap: str, below: Piece) -> Piece:
        """Return this piece and another one below it, as one piece."""
        return Piece(
            f"{self.html}{gap}{below.html}",
            self.units + len(gap) + below.units,
            self.entities + below.entities,
            self.raw_bytes + len(gap.encode()) + below.raw_bytes,
            (*(self.strings or (self.html,)), gap, *(below.strings or (below.html,))),
        )

    def filled(self, inner: Piece) -> Piece:
        """Return this piece with `PLACE` replaced by another piece."""
        before, _, after = self.html.partition(PLACE)
        return Piece(
            f"{before}{inner.html}{after}",
            self.units - 1 + inner.units,
            self.entities + inner.entities,
            self.raw_bytes - len(PLACE.encode()) + inner.raw_bytes,
            (before, *(inner.strings or (inner.html,)), after),
        )


def piece(html: str) -> Piece:
    """Return HTML as a piece, measured after rewriting it as Telegram takes it."""
    marked = parse(html.strip())
    written = marked.html()
    return Piece(written, units(marked.text), len(marked.spans), len(written.encode()))


def joined(gap: str, pieces: Sequence[Piece]) -> Piece:
    """Join several pieces into one, with the same gap between them."""
    between = len(pieces) - 1
    length, entities, raw_bytes = between * units(gap), 0, between * len(gap.encode())
    strings: list[str] = []
    for each in pieces:
        if strings:
            strings.append(gap)
        strings.append(each.html)
        length += each.units
        entities += each.entities
        raw_bytes += each.raw_bytes
    return Piece("".join(strings), length, entities, raw_bytes, tuple(strings))


def words(text: str) -> Piece:
    """Return plain text as a piece."""
    written = escape(text)
    return Piece(written, units(text), 0, len(written.encode()))


def packed(blocks: Iterable[tuple[str, Piece]], least: int = 0) -> tuple[tuple[str, ...], ...]:
    """Pack pieces into as few parts as Telegram's limits allow, as tuples of strings.

    Each piece comes with the gap before it, which is omitted at the start of a part. A piece too
    large for any part is split on its own. The same piece gives the same strings in every message.
    A message that was sent in `least` parts is edited into as many, if there are enough pieces.
    """
    if least > 1:
        blocks = [*blocks]
        few = packed(blocks)
        missing = min(least - len(few), len(blocks) - 1)
        if missing <= 0:
            return few
        # The last pieces become parts of their own.
        return (*packed(blocks[:-missing]), *(packed([each])[0] for each in blocks[-missing:]))
    parts: list[tuple[str, ...]] = []
    current: list[str] = []
    length = entities = raw = 0
    for gap, (html, own_length, own_entities, own_raw, strings) in blocks:
        if not html:
            continue
        if current:
            between = len(gap)
            length += between + own_length
            entities += own_entities
            raw += between + own_raw
            if length <= UNITS and entities <= ENTITIES and raw <= RAW_BYTES:
                current.append(gap)
                current += strings or (html,)
                continue
            parts.append(tuple(current))
            current = []
        if own_length > UNITS or own_entities > ENTITIES or own_raw > RAW_BYTES:
            parts.extend((part,) for part in fit(html))
            continue
        current += strings or (html,)
        length, entities, raw = own_length, own_entities, own_raw
    if current:
        parts.append(tuple(current))
    return tuple(parts)
