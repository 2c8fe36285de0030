"""Whole messages in plain words that mean a command or express a courtesy."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from handlers.typed.folding import bounded, folded
from handlers.typed.phrases import CHINESE, all_words, keyed

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 60
"""The most characters of such a message."""
_QUOTES = frozenset('"“”„‟«»「」『』\uff02')


class Courtesy(StrEnum):
    """Messages that ask for no news but deserve a short reply."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    AGREED = "agreed"
    SIGN = "sign"
    """Only emoji or punctuation."""
    SEEN = "seen"
    """A picture, a sticker or a voice message, which has no words."""


COMMANDS = (
    *("start", "latest", "category", "digest", "search", "saved", "settings", "hour", "days"),
    *("language", "pause", "resume", "stop", "help", "follow", "mute"),
    *("more", "why", "today", "yesterday", "week"),
)
"""What a message in plain words can mean: a command, or a page of the settings."""


@lru_cache(maxsize=1_024)
def plain(text: str) -> str:
    """Return the letters and digits of a message in lower case, without accents.

    Empty if it has none, such as emoji alone; a lone question mark gives `?`, which asks for help.
    """
    written = folded(unicodedata.normalize("NFKC", bounded(text[: 2 * LONGEST])).casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in written)
    if not kept.strip() and "?" in written:
        return "?"
    return " ".join(kept.split())


def command_of(text: str) -> str | None:
    """Return the command that a whole message means, or None."""
    return _commands().get(plain(text)) if len(text) <= LONGEST else None


def unquoted(text: str) -> str:
    """Return a text without quotation marks around the whole of it."""
    inside = text[1:-1].strip()
    whole = text[:1] in _QUOTES and text[-1:] in _QUOTES and not _QUOTES.intersection(inside)
    return inside if whole and inside else text


def is_quoted(text: str) -> bool:
    """Return whether a text has words in quotation marks, as in `follow “night train”`."""
    bare = text.rstrip(" .!")
    return bare[-1:] in _QUOTES and len(_QUOTES.intersection(bare[:-1])) > 0


def courtesy_of(text: str) -> Courtesy | None:
    """Return the courtesy that a whole message is, or None."""
    if len(text) > LONGEST:
        return None
    words = plain(text)
    return _courtesies().get(words) if words else Courtesy.SIGN


def opens_with_thanks(text: str) -> bool:
    """Return whether a message begins with thanks and goes on."""
    opening = plain(text)
    return any(opening.startswith(thanks) for thanks in _thanks())


@cache
def _commands() -> Mapping[str, str]:
    return {plain(message): command for message, command in keyed("commands").items()}


@cache
def _courtesies() -> Mapping[str, Courtesy]:
    return {plain(message): Courtesy(kind) for message, kind in keyed("courtesies").items()}


@cache
def _thanks() -> tuple[str, ...]:
    return tuple(
        plain(message) + ("" if language == CHINESE else " ")
        for language, words in all_words().items()
        for message in words["courtesies"][Courtesy.THANKS.value]
    )
