"""A rendered message: what is to be sent, without a word about how."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preview:
    """The link preview of a message, which is how a text gets its picture."""

    url: str
    large: bool = True
    above: bool = True
    """Whether the picture stands above the text."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text in one or more parts, each of them HTML that Telegram takes as it is."""

    parts: tuple[str, ...]
    """In sending order; at most 4,096 UTF-16 units and 100 entities each."""
    preview: Preview | None = None
    """Belongs to the first part. None: no preview at all, for none of the parts."""
    pieces: tuple[tuple[str, ...], ...] = field(default=(), compare=False, repr=False)
    """The parts once more, as the strings that they were joined from, where many messages share
    these; otherwise none."""
