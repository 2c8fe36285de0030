"""The words of a message, also of a rich one, which python-telegram-bot 22.8 gives no text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from telegram.ext.filters import MessageFilter

from handlers.typed.folding import bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Message

_SEEN = ("text", "summary", "credit", "caption", "expression", "alternative_text")
"""Fields of blocks and of their texts that a reader sees."""
_HOLDING = ("blocks", "items", "cells")
_MENTION = re.compile(r"(?<!\w)@(\w+)", re.ASCII)
"""A bot's name in Latin letters; Telegram ends the name at any other character."""
MOST = 4096
"""The most characters read of a rich message: as many as a plain message can have."""


def words_in(message: Message, *, most: int = MOST) -> str:
    """Return the text of a message; empty for a picture, a location and the like.

    Rich messages of premium accounts have blocks in place of a text; `most` limits its characters.
    """
    if message.text is not None:
        return message.text
    rich = message.api_kwargs.get("rich_message")
    return _words(rich.get("blocks"), most) if isinstance(rich, dict) else ""


def command_in(message: Message) -> tuple[str, str]:
    """Return a message's command and the bot named in it, in lower case, without `/` and `@`."""
    words = words_in(message)
    if not words.startswith("/"):
        return "", ""
    name, _, whose = words.split(maxsplit=1)[0][1:].partition("@")
    return name.casefold(), whose.casefold()


def after_command(words: str) -> str:
    """Return the words between a text's first command and any further one, on one line."""
    return bounded(split_commands(words)[0].words)


class TypedCommand(NamedTuple):
    """A command as it was typed, without its `/`.

    `whose` is the bot that it names, without `@`; empty if none. `words` follow it, on one line.
    """

    name: str
    whose: str
    words: str


def split_commands(words: str) -> list[TypedCommand]:
    """Return the command that a text begins with, and each further one in it."""
    first, *parts = words.split()
    found = [[first]]
    for part in parts:
        if is_command(part):
            found.append([part])
        else:
            found[-1].append(part)
    named = ((each[0][1:].partition("@"), each[1:]) for each in found)
    return [TypedCommand(name, whose, " ".join(rest)) for (name, _, whose), rest in named]


def is_command(part: str) -> bool:
    """Return whether a word has the form of a command: `/saved`, but not `/` or `/2026`."""
    name = part[1:].partition("@")[0]
    return part[:1] == "/" and name[:1].isalpha() and name.replace("_", "").isalnum()


def without_name(words: str, username: str) -> str:
    """Return a text without the bot's name, given without `@`, which addresses it in a group."""
    found = _mention(words, username)
    return words if found is None else words[: found.start()] + words[found.end() :]


def sentence_in(message: Message, username: str) -> str:
    """Return the part of a message's text that is read, on one line and without the bot's name."""
    return bounded(" ".join(without_name(words_in(message), username).split()))


def names(words: str, username: str) -> bool:
    """Return whether a text names this bot, and not a bot with a longer name."""
    return _mention(words, username) is not None


def _mention(words: str, username: str) -> re.Match[str] | None:
    mentions = _MENTION.finditer(words)
    return next((each for each in mentions if each[1].lower() == username.lower()), None)


def is_passed_on(message: Message) -> bool:
    """Return whether a message was forwarded, or written by an inline bot."""
    # Bot API servers before 7.0 send `forward_date` without `forward_origin`.
    forwarded = message.forward_origin is not None or "forward_date" in message.api_kwargs
    return forwarded or message.via_bot is not None


class _Where(MessageFilter):
    def __init__(self, holds: Callable[[Message], bool]) -> None:
        super().__init__()
        self._holds = holds

    def filter(self, message: Message) -> bool:
        return self._holds(message)


OWN_WORDS = _Where(lambda message: not is_passed_on(message))
"""Messages that their sender wrote; only these can be commands or requests."""
WRITTEN = _Where(lambda message: bool(words_in(message)))
RICH_COMMAND = _Where(lambda each: each.text is None and bool(command_in(each)[0]))


def _words(blocks: Any, most: int) -> str:  # noqa: ANN401 - Telegram's JSON
    """Return the text of blocks in reading order, one line for each block with text."""
    lines: list[str] = []
    length = 0
    # Use a stack, because senders decide how deep blocks nest. The last element is read next.
    left: list[Any] = [blocks]
    while left and length < most:
        each = left.pop()
        if isinstance(each, list):
            left += reversed(each)
        elif isinstance(each, dict):
            line = "".join(_text(each[name]) for name in _SEEN if name in each).strip()
            if line:
                lines.append(line)
                length += len(line)
            left += [each[name] for name in reversed(_HOLDING) if name in each]
    return "\n".join(lines)[:most]


def _text(text: Any) -> str:  # noqa: ANN401 - Telegram's JSON
    found: list[str] = []
    left: list[Any] = [text]
    while left:
        each = left.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, list):
            left += reversed(each)
        elif isinstance(each, dict):
            left += [each[name] for name in reversed(_SEEN) if name in each]
    return "".join(found)
