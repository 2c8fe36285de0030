"""Parsing of texts and entities, by Telegram's own parser.

`tdjson` is Telegram's client library. It answers `parseTextEntities` and `getTextEntities`
synchronously and offline, by the same code as Telegram's Bot API server, so errors have the same
words.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import tdjson

from playground.checks.refusal import violation

MAX_RAW_BYTES = 32_768
MAX_ENTITIES = 100


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text without markup, and its entities (offsets in UTF-16 units)."""

    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    dropped: int = 0
    """Number of entities after the hundredth, which Telegram drops silently."""


def read(text: str, parse_mode: str | None, entities: list[dict[str, Any]] | None) -> Formatted:
    """Return a text as the server stores it: parsed, cleaned, trimmed, with links found.

    Raises:
        ApiError: The text is too long before parsing, or its markup is wrong.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise violation("strings must be encoded in UTF-8") from error
    if size > MAX_RAW_BYTES:
        raise violation("text is too long")
    text = _clean(text)
    if parse_mode:
        text, own = _parse(text, parse_mode)
    else:
        own = [dict(entity) for entity in entities or ()]
    text, own = _trim(text, own)
    dropped = max(0, len(own) - MAX_ENTITIES)
    everything = _merge(own[:MAX_ENTITIES], find(text))
    return Formatted(text, everything[:MAX_ENTITIES], dropped)


def find(text: str) -> list[dict[str, Any]]:
    """Return the commands, links, mentions and hashtags in a plain text, as entities."""
    if not _MAY_HOLD.search(text):
        return []
    answer = _execute({"@type": "getTextEntities", "text": text})
    return [made for entity in answer["entities"] if (made := _entity(entity)) is not None]


@lru_cache(maxsize=4096)
def link(url: str) -> str | None:
    """Return the URL as Telegram keeps it in a link or button, or None if it refuses it."""
    answer = _execute(
        {
            "@type": "parseTextEntities",
            "text": f'<a href="{html.escape(url)}">x</a>',
            "parse_mode": _MODES["html"],
        }
    )
    for entity in answer.get("entities", ()):
        if entity["type"]["@type"] == "textEntityTypeMentionName":
            return url
        found: str | None = entity["type"].get("url")
        return found
    return None


def utf16(text: str) -> int:
    """Return the length of a text in UTF-16 units, in which Telegram counts offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """Return the part of a text that an entity covers."""
    if text.isascii():
        return text[offset : offset + length]
    units = text.encode("utf-16-le")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", errors="replace")


_MODES: dict[str, dict[str, Any]] = {
    "html": {"@type": "textParseModeHTML"},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
}

_KINDS = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "TextUrl": "text_link",
    "MentionName": "text_mention",
    "CustomEmoji": "custom_emoji",
    "DateTime": "date_time",
    "Url": "url",
    "Hashtag": "hashtag",
    "Cashtag": "cashtag",
    "Mention": "mention",
    "BotCommand": "bot_command",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
}

_WHOLE = frozenset({"text_link", "text_mention", "code", "pre", "custom_emoji"})
"""Entities inside which Telegram looks for no links."""

# Most texts have none of these, and calling the library costs more than this search.
_MAY_HOLD = re.compile(r"[@#$/]|\w\.\w|\d{5}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\u2028-\u202e]")


@cache
def _quiet() -> None:
    """Keep the library from writing to standard error; runs once per process."""
    tdjson.td_execute(b'{"@type":"setLogVerbosityLevel","new_verbosity_level":0}')


def _execute(request: dict[str, Any]) -> dict[str, Any]:
    _quiet()
    raw = tdjson.td_execute(json.dumps(request).encode())
    if raw is None:
        raise RuntimeError(f"Telegram's library does not know {request['@type']}")
    answer: dict[str, Any] = json.loads(raw)
    return answer


def _parse(text: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    mode = _MODES.get(parse_mode.lower())
    if mode is None:
        raise violation("unsupported parse_mode")
    answer = _execute({"@type": "parseTextEntities", "text": text, "parse_mode": mode})
    if answer["@type"] == "error":
        message: str = answer["message"]
        raise violation(message[0].lower() + message[1:])
    entities = [made for entity in answer["entities"] if (made := _entity(entity)) is not None]
    return answer["text"], entities


def _entity(raw: dict[str, Any]) -> dict[str, Any] | None:
    kind = _KINDS.get(raw["type"]["@type"].removeprefix("textEntityType"))
    if kind is None:
        return None
    made = {"type": kind, "offset": raw["offset"], "length": raw["length"]}
    for name in ("url", "language", "custom_emoji_id"):
        if raw["type"].get(name):
            made[name] = raw["type"][name]
    if kind == "text_mention":
        made["user_id"] = raw["type"]["user_id"]
    return made


def _clean(text: str) -> str:
    """Return the text without control characters, as the server stores it."""
    if not _CONTROL.search(text):
        return text
    return _CONTROL.sub(lambda found: "" if found[0] == "\r" or found[0] > "\x1f" else " ", text)


def _trim(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Strip white space at the end, and at the start up to the first entity."""
    text = text.rstrip()
    first = entities[0]["offset"] if entities else len(text)
    start = min(len(text) - len(text.lstrip()), first)
    text = text[start:]
    end = utf16(text)
    kept = []
    for entity in entities:
        offset = entity["offset"] - start
        length = min(entity["length"], end - offset)
        if length > 0:
            kept.append(entity | {"offset": offset, "length": length})
    return text, kept


def _merge(own: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not found:
        return own
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in own
        if entity["type"] in _WHOLE
    ]
    free = [
        entity
        for entity in found
        if all(
            entity["offset"] >= end or entity["offset"] + entity["length"] <= start
            for start, end in taken
        )
    ]
    return sorted(own + free, key=lambda entity: (entity["offset"], -entity["length"]))
