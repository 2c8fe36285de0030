"""The words of a message, also of a rich one: of that, python-telegram-bot 22.8 knows no text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from telegram.ext.filters import MessageFilter

if TYPE_CHECKING:
    from telegram import Message

_SEEN = ("text", "summary", "credit", "caption", "expression", "alternative_text")
"""Fields of blocks and of their texts that a reader sees."""
_HOLDING = ("blocks", "items", "cells")
_MENTION = re.compile(r"(?<!\w)@(\w+)", re.ASCII)
"""A name of Latin letters: Telegram ends it where any other letter stands."""
MOST = 4096
"""Characters that are read: as many as another message can have."""


def words_in(message: Message) -> str:
    """What somebody wrote; empty for a picture, a place and the like.

    Premium accounts can write rich messages, which come without a text.
    """
    if message.text is not None:
        return message.text
    rich = message.api_kwargs.get("rich_message")
    return _words(rich.get("blocks")) if isinstance(rich, dict) else ""


def command_in(message: Message) -> tuple[str, str]:
    """The command that a message begins with, and the bot it is for, if one is named.

    Both are folded, without `/` and `@`; empty where there is none.
    """
    words = words_in(message)
    if not words.startswith("/"):
        return "", ""
    name, _, whose = words.split(maxsplit=1)[0][1:].partition("@")
    return name.casefold(), whose.casefold()


def after_command(words: str) -> str:
    """What follows the command that a text begins with, on one line, up to another command.

    Of two in one message, such as `/latest /saved`, the first is answered.
    """
    return split_commands(words)[0].words


class TypedCommand(NamedTuple):
    """A command as somebody typed it.

    Attributes:
        name: Without its `/`.
        whose: The bot it is for, without `@`; empty where none is named.
        words: What follows it, on one line.
    """

    name: str
    whose: str
    words: str


def split_commands(words: str) -> list[TypedCommand]:
    """The command that a text begins with, and each further one in it."""
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
    """Whether a word is written as a command is: `/saved`, but not `/` or `/2026`."""
    name = part[1:].partition("@")[0]
    return part[:1] == "/" and name[:1].isalpha() and name.replace("_", "").isalnum()


def without_name(words: str, username: str) -> str:
    """A text without the bot's own name, by which it was addressed in a group.

    Args:
        words: The text.
        username: The name, without its `@`: Latin letters, digits and `_`.
    """
    found = _mention(words, username)
    return words if found is None else words[: found.start()] + words[found.end() :]


def names(words: str, username: str) -> bool:
    """Whether a text names the bot, and not another whose name begins or ends alike."""
    return _mention(words, username) is not None


def _mention(words: str, username: str) -> re.Match[str] | None:
    mentions = _MENTION.finditer(words)
    return next((each for each in mentions if each[1].lower() == username.lower()), None)


def is_passed_on(message: Message) -> bool:
    """Whether the words are not its sender's own: forwarded, or written by an inline bot."""
    return message.forward_origin is not None or message.via_bot is not None


class _OwnWords(MessageFilter):
    """Messages whose words are their sender's own: nothing else is a command or a request."""

    def filter(self, message: Message) -> bool:
        return not is_passed_on(message)


OWN_WORDS = _OwnWords()


class _Written(MessageFilter):
    """Messages with words."""

    def filter(self, message: Message) -> bool:
        return bool(words_in(message))


WRITTEN = _Written()


class _RichCommand(MessageFilter):
    """Rich messages that begin with a command."""

    def filter(self, message: Message) -> bool:
        return message.text is None and bool(command_in(message)[0])


RICH_COMMAND = _RichCommand()


def _words(blocks: Any) -> str:  # noqa: ANN401 - Telegram's JSON
    """The words of blocks in reading order, a line for each that has any."""
    lines: list[str] = []
    length = 0
    # The next one to read is the last; a stack, since depth is not ours to choose.
    left: list[Any] = [blocks]
    while left and length < MOST:
        each = left.pop()
        if isinstance(each, list):
            left += reversed(each)
        elif isinstance(each, dict):
            line = "".join(_text(each[name]) for name in _SEEN if name in each).strip()
            if line:
                lines.append(line)
                length += len(line)
            left += [each[name] for name in reversed(_HOLDING) if name in each]
    return "\n".join(lines)[:MOST]


def _text(text: Any) -> str:  # noqa: ANN401 - Telegram's JSON
    """The words of a RichText."""
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
