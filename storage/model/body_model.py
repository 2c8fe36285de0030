"""An article's body: paragraphs of plain text, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BULLET_SIGN = "\u2022 "
"""What an item of a list begins with in a plain text."""
_BETWEEN = "\n\n"


class BlockKind(StrEnum):
    """What a paragraph is, in one letter."""

    PARAGRAPH = "p"
    HEADING = "h"
    QUOTE = "q"
    BULLET = "u"
    """An item of a list without numbers."""
    NUMBER = "o"
    """An item of a list with numbers."""


@dataclass(frozen=True, slots=True)
class BodyBlock:
    """One paragraph."""

    kind: BlockKind
    text: str
    """Without the sign of an item."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it is stored: the text is searched and filed, its kinds are for reading alone."""

    text: str
    """Paragraphs of plain text with a blank line between them."""
    kinds: str = ""
    """A letter of `BlockKind` for each paragraph; none at all where they all are paragraphs."""

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, BlockKind]]) -> Body:
        """The body of paragraphs, none of which is empty or has a blank line in it."""
        listed = list(pieces)
        # Lists, which are joined without being made of a generator first.
        text = _BETWEEN.join([text for text, _ in listed])
        return cls(text, plain("".join([kind for _, kind in listed])))

    def shortened(self, text: str) -> Body:
        """The body with a text that was cut at its end."""
        if len(text) == len(self.text):
            return self
        return Body(text, plain(self.kinds[: text.count(_BETWEEN) + 1]))

    @property
    def pieces(self) -> list[tuple[str, BlockKind]]:
        """What `of` makes a body of; where the kinds are not as many, they count for nothing."""
        texts = self.text.split(_BETWEEN)
        kinds = self.kinds if len(self.kinds) == len(texts) else BlockKind.PARAGRAPH * len(texts)
        return [(text, BlockKind(kind)) for kind, text in zip(kinds, texts, strict=True) if text]

    @property
    def blocks(self) -> tuple[BodyBlock, ...]:
        """Its paragraphs."""
        return tuple(_block(kind, text) for text, kind in self.pieces)


def plain(kinds: str) -> str:
    """Kinds as they are kept: none where they say nothing."""
    return kinds if kinds.strip(BlockKind.PARAGRAPH) else ""


def _block(kind: BlockKind, text: str) -> BodyBlock:
    is_item = kind in {BlockKind.BULLET, BlockKind.NUMBER}
    return BodyBlock(kind, text.removeprefix(BULLET_SIGN) if is_item else text)
