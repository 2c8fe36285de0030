"""Rendered messages: what to send, not how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Preview:
    """The link preview of a message: a large picture above the text."""

    url: str


@dataclass(frozen=True, slots=True)
class RichMessage:
    """A message laid out in Telegram's blocks (`templates.rich.blocks`)."""

    blocks: tuple[tuple[str, ...], ...]
    """Each block as JSON, in strings that messages with the same block share."""
    pictures: tuple[tuple[int, str], ...] = ()
    """For each block that is a picture, its index among the blocks and the picture's address."""

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
        """Return the same message without its pictures."""
        pictured = {place for place, _ in self.pictures}
        blocks = (block for place, block in enumerate(self.blocks) if place not in pictured)
        return replace(self, blocks=tuple(blocks), pictures=())


# Without `skip_entity_detection`, @name, /word and $NAME in foreign texts become links.
_OPENED, _NEXT, _CLOSED = '{"blocks":[', ",", '],"skip_entity_detection":true}'


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A text in one or more parts, each in HTML that Telegram accepts."""

    parts: tuple[str, ...]
    """Parts in sending order, each of at most 4,096 UTF-16 units and 100 entities."""
    preview: Preview | None = None
    """The link preview of the first part; None for no preview in any part."""
    pieces: tuple[tuple[str, ...], ...] = field(default=(), compare=False, repr=False)
    """The strings that each part was joined from, if many messages share them; otherwise empty."""
    rich: RichMessage | None = None
    """The same message as one rich message, for chats that can show it, or None."""
