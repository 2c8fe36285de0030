"""A rendered message: what is to be sent, without a word about how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Preview:
    """The link preview of a message, which is how a text gets its picture."""

    url: str
    large: bool = True
    above: bool = True
    """Whether the picture stands above the text."""


@dataclass(frozen=True, slots=True)
class RichMessage:
    """A message laid out in Telegram's blocks (`templates.rich.blocks`)."""

    blocks: tuple[tuple[str, ...], ...]
    """Each block as JSON, in the strings that it is joined from; blocks that many messages share
    are made of the same strings."""
    pictures: tuple[tuple[int, str], ...] = ()
    """Of the blocks that are pictures, the place among the blocks and the picture's address."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """Telegram's `InputRichMessage` as JSON, in pieces."""
        pieces = [_OPENED]
        for number, block in enumerate(self.blocks):
            if number:
                pieces.append(_NEXT)
            pieces += block
        pieces.append(_CLOSED)
        return tuple(pieces)

    def without_pictures(self) -> RichMessage:
        """The same without its pictures."""
        pictured = {place for place, _ in self.pictures}
        blocks = (block for place, block in enumerate(self.blocks) if place not in pictured)
        return replace(self, blocks=tuple(blocks), pictures=())


# Without the last, words such as @name, /word and $NAME in other people's texts become links.
_OPENED, _NEXT, _CLOSED = '{"blocks":[', ",", '],"skip_entity_detection":true}'


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A text in one or more parts, each of them HTML that Telegram takes as it is."""

    parts: tuple[str, ...]
    """In sending order; at most 4,096 UTF-16 units and 100 entities each."""
    preview: Preview | None = None
    """Belongs to the first part. None: no preview at all, for none of the parts."""
    pieces: tuple[tuple[str, ...], ...] = field(default=(), compare=False, repr=False)
    """The parts once more, as the strings that they were joined from, where many messages share
    these; otherwise none."""
    rich: RichMessage | None = None
    """The same laid out as one rich message, for who can be shown one; None where there is none."""
