"""Checks of requests against Telegram's schema of methods and types (`bot-api.json`).

A method's fields are compiled once into functions that check a value and convert it to its type,
because a form carries everything as text. Unlike Telegram, which ignores unknown fields, this
module refuses them: they are always typing mistakes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playground.checks.refusal import violation


@dataclass(frozen=True, slots=True)
class Upload:
    """A file uploaded in a multipart request."""

    filename: str
    content_type: str
    data: bytes


Check = Callable[[Any, str], Any]
"""Takes a value and the path to it; returns the value in its type, or raises SchemaError."""


class SchemaError(Exception):
    """A value does not fit the schema.

    Attributes:
        path: The value's position, such as `reply_markup.inline_keyboard[0][1].text`.
        reason: What is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f'field "{path}" {reason}')
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a method or type."""

    check: Check
    required: bool
    nested: bool
    """Whether a form carries it as JSON."""


class Schema:
    """The compiled schema.

    Args:
        raw: The content of `bot-api.json`.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.version: str = raw["bot_api"]
        self._methods: Mapping[str, Any] = raw["methods"]
        self._types: Mapping[str, Any] = raw["types"]
        self._names = {name.lower(): name for name in self._methods}
        self._compiled: dict[str, dict[str, Field]] = {}
        self._checks: dict[str, Check] = {}
        self._rich_object: Check | None = None

    def method(self, name: str) -> str | None:
        """Return a method's exact spelling, or None if Telegram has no such method."""
        return self._names.get(name.lower())

    def read(self, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a request's values converted to their types.

        Args:
            method: A name returned by `method`.
            values: Text as a form carries it, JSON values, or `Upload`.

        Raises:
            ApiError: A field is unknown, missing or of a wrong type.
        """
        fields = self._compiled.get(method)
        if fields is None:
            fields = self._compiled[method] = self._fields(self._methods[method])
        try:
            read = _read(method, fields, values)
        except SchemaError as error:
            raise violation(str(error)) from error
        for name, field in fields.items():
            if field.required and name not in read:
                raise violation(_MISSING.get(name, f'field "{name}" is required by {method}'))
        return read

    def check(self, kind: str, value: Any, path: str = "") -> Any:  # noqa: ANN401 - any JSON
        """Check a value against one type of the schema; tests check the playground's answers.

        Raises:
            SchemaError: The value does not fit.
        """
        return self._check(kind)(value, path or kind)

    def _fields(self, raw: Mapping[str, Any]) -> dict[str, Field]:
        return {
            name: Field(
                self._top([str(kind) for kind in spec["types"]]),
                spec["required"],
                nested=all(kind not in _SCALARS for kind in spec["types"]),
            )
            for name, spec in raw.items()
        }

    def _top(self, kinds: list[str]) -> Check:
        """Return the check of a method's own field, where numbers and flags may be text."""
        if kinds == ["Integer"]:
            return _integer_or_text
        if kinds == ["Boolean"]:
            return _boolean_or_text
        if kinds == ["Float"]:
            return _float_or_text
        if kinds == ["Integer", "String"]:
            return _chat
        return self._union(kinds)

    def _union(self, kinds: list[str]) -> Check:
        checks = [self._check(kind) for kind in kinds]
        if len(checks) == 1:
            return checks[0]
        shapes = [self._types.get(kind, {}).get("fields", {}) for kind in kinds]

        def union(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
            found: list[tuple[int, SchemaError]] = []
            for check, shape in zip(checks, shapes, strict=True):
                try:
                    return check(value, path)
                except SchemaError as error:
                    known = len(shape.keys() & value.keys()) if isinstance(value, dict) else 0
                    found.append((known, error))
            # The candidate with the most matching fields is probably the intended one.
            raise max(found, key=lambda pair: pair[0])[1]

        return union

    def _check(self, kind: str) -> Check:
        known = self._checks.get(kind)
        if known is not None:
            return known
        if kind.startswith("Array of "):
            made = _array(self._check(kind.removeprefix("Array of ")))
        elif kind in _SCALARS:
            made = _SCALARS[kind]
        elif kind == "InputRichMessage":
            made = _anything
        elif kind == "RichText":
            made = self._rich_text
        elif "subtypes" in self._types[kind]:
            made = self._variant(kind)
        else:
            made = self._object(kind)
        self._checks[kind] = made
        return made

    def _object(self, kind: str) -> Check:
        fields: dict[str, Field] = {}

        def check(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
            if not isinstance(value, dict):
                raise SchemaError(path, f"is not of type {kind}")
            for name, inner in value.items():
                field = fields.get(name)
                if field is None:
                    raise SchemaError(f"{path}.{name}", f"is unknown to {kind}")
                field.check(inner, f"{path}.{name}")
            for name, field in fields.items():
                if field.required and name not in value:
                    raise SchemaError(f"{path}.{name}", f"is required by {kind}")
            return value

        # Types refer to each other in cycles, so register the check before compiling its fields.
        self._checks[kind] = check
        for name, spec in self._types[kind]["fields"].items():
            fields[name] = Field(
                self._union([str(inner) for inner in spec["types"]]),
                spec["required"],
                nested=False,
            )
        return check

    def _rich_text(self, value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
        """Check a RichText, the only type that may be a string, an array or an object."""
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return [self._rich_text(part, f"{path}[{index}]") for index, part in enumerate(value)]
        if self._rich_object is None:
            self._rich_object = self._variant("RichText")
        return self._rich_object(value, path)

    def _variant(self, kind: str) -> Check:
        by_word: dict[str, list[str]] = {}
        for name in self._types[kind]["subtypes"]:
            by_word.setdefault(_word(name, kind), []).append(name)
        checks: dict[str, Check] = {}
        any_of: Check | None = None

        def check(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
            nonlocal any_of
            word = value.get("type") if isinstance(value, dict) else None
            if isinstance(word, str) and word in by_word:
                if word not in checks:
                    checks[word] = self._union(by_word[word])
                return checks[word](value, path)
            if any_of is None:
                any_of = self._union([name for names in by_word.values() for name in names])
            checked = any_of(value, path)
            if isinstance(word, str) and kind in _NAMED_BY_TYPE:
                raise SchemaError(f"{path}.type", f"is not the type of a {kind}")
            return checked

        self._checks.setdefault(kind, check)
        return check


@cache
def load() -> Schema:
    """Return the schema shipped with the playground."""
    text = files("playground.checks").joinpath("bot-api.json").read_text(encoding="utf-8")
    return Schema(json.loads(text))


_NAMED_BY_TYPE = frozenset(
    {
        "InlineQueryResult",
        "BotCommandScope",
        "InputMedia",
        "MenuButton",
        "RichBlock",
        "RichText",
    }
)
_RENAMED = {
    "SectionHeading": "heading",
    "Preformatted": "pre",
    "BlockQuotation": "blockquote",
    "ExpandableBlockQuotation": "expandable_blockquote",
    "PullQuotation": "pullquote",
}
"""Block types with a `type` that differs from their name."""

_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "from_chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
}


def _read(method: str, fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            # An upload may have any name that a field refers to.
            if not isinstance(value, Upload) or f"attach://{name}" not in str(values):
                raise SchemaError(name, f"is unknown to {method}")
            read[name] = value
        elif field.nested and isinstance(value, str):
            read[name] = field.check(_decode(value, name), name)
        else:
            read[name] = field.check(value, name)
    return read


def _word(name: str, base: str) -> str:
    """Return a subtype's value of `type`: InlineQueryResultCachedPhoto is photo."""
    rest = name.removeprefix(base).removeprefix("Cached")
    rest = _RENAMED.get(rest, rest)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", rest).lower()


def _decode(text: str, path: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except ValueError as error:
        raise SchemaError(path, "is not JSON") from error


def _array(check: Check) -> Check:
    def array(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
        if not isinstance(value, list):
            raise SchemaError(path, "is not an array")
        return [check(inner, f"{path}[{index}]") for index, inner in enumerate(value)]

    return array


def _anything(value: Any, _path: str) -> Any:  # noqa: ANN401 - any JSON
    """Accept any rich message; `playground.rich` checks it in the server's words."""
    return value


def _string(value: Any, path: str) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(value, str):
        raise SchemaError(path, "is not a string")
    return value


def _integer(value: Any, path: str) -> int:  # noqa: ANN401 - any JSON
    if not isinstance(value, int) or isinstance(value, bool):
        raise SchemaError(path, "is not an integer")
    return value


def _boolean(value: Any, path: str) -> bool:  # noqa: ANN401 - any JSON
    if not isinstance(value, bool):
        raise SchemaError(path, "is not a boolean")
    return value


def _float(value: Any, path: str) -> float:  # noqa: ANN401 - any JSON
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise SchemaError(path, "is not a number")
    return float(value)


def _file(value: Any, path: str) -> Any:  # noqa: ANN401 - a file or a file's name
    if not isinstance(value, Upload | str):
        raise SchemaError(path, "is not a file")
    return value


def _integer_or_text(value: Any, path: str) -> int:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    return _integer(value, path)


def _float_or_text(value: Any, path: str) -> float:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return _float(value, path)


_FLAGS = {"true": True, "false": False, "1": True, "0": False}


def _boolean_or_text(value: Any, path: str) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and value.lower() in _FLAGS:
        return _FLAGS[value.lower()]
    return _boolean(value, path)


def _chat(value: Any, path: str) -> int | str:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,19}", value):
        return value
    return _integer_or_text(value, path)


_SCALARS: dict[str, Check] = {
    "String": _string,
    "Integer": _integer,
    "Boolean": _boolean,
    "Float": _float,
    "InputFile": _file,
}
