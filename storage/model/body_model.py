"""An article's body: paragraphs of plain text, and the kind of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BULLET_SIGN = "\u2022 "
"""The prefix of a list item in plain text."""
_BETWEEN = "\n\n"


class BlockKind(StrEnum):
    """The kinds of paragraph, a letter each."""

    PARAGRAPH = "p"
    HEADING = "h"
    QUOTE = "q"
    BULLET = "u"
    """An item of an unnumbered list."""
    NUMBER = "o"
    """An item of a numbered list."""


@dataclass(frozen=True, slots=True)
class BodyBlock:
    """One paragraph."""

    kind: BlockKind
    text: str
    """The text, without a list item's sign."""


@dataclass(frozen=True, slots=True)
class Body:
    """A stored body. The text is searched and filed; the kinds are used for display only."""

    text: str
    """Paragraphs of plain text with a blank line between them."""
    kinds: str = ""
    """A letter of `BlockKind` for each paragraph; empty if all are plain paragraphs."""

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, BlockKind]]) -> Body:
        """Return the body made of paragraphs, none of them empty or with a blank line in it."""
        listed = list(pieces)
        # Lists, because join is faster on a list than on a generator.
        text = _BETWEEN.join([text for text, _ in listed])
        return cls(text, plain("".join([kind for _, kind in listed])))

    def shortened(self, text: str) -> Body:
        """Return the body with a text that was cut at its end."""
        if len(text) == len(self.text):
            return self
        return Body(text, plain(self.kinds[: text.count(_BETWEEN) + 1]))

    @property
    def pieces(self) -> list[tuple[str, BlockKind]]:
        """The paragraphs with their kinds, as `of` takes them.

        If the number of kinds is wrong, all are plain paragraphs.
        """
        texts = self.text.split(_BETWEEN)
        kinds = self.kinds if len(self.kinds) == len(texts) else BlockKind.PARAGRAPH * len(texts)
        return [(text, BlockKind(kind)) for kind, text in zip(kinds, texts, strict=True) if text]

    @property
    def blocks(self) -> tuple[BodyBlock, ...]:
        """The paragraphs."""
        return tuple(_block(kind, text) for text, kind in self.pieces)


def plain(kinds: str) -> str:
    """Return the kinds as stored: empty if all are plain paragraphs."""
    return kinds if kinds.strip(BlockKind.PARAGRAPH) else ""


def _block(kind: BlockKind, text: str) -> BodyBlock:
    is_item = kind in {BlockKind.BULLET, BlockKind.NUMBER}
    return BodyBlock(kind, text.removeprefix(BULLET_SIGN) if is_item else text)
