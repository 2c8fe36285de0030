"""The fields of an object, and the types of their values.

A shape names the fields of an object; one whose name ends in `?` may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playground.rich.refused import Refusal, unparsed

Check = Callable[[Any, str], None]
"""Takes a value and the path to it, and raises Refusal where it is not of the type."""
Shape = Mapping[str, Check]

MAX_NESTING = 100
"""Nothing deeper is looked into. What Telegram takes is far less, and counted elsewhere."""


def fields(value: Any, path: str, shape: Shape) -> None:  # noqa: ANN401 - any JSON
    """An object against its shape.

    Raises:
        Refusal: it is none, or a field is missing, unknown or of a wrong type.
    """
    if not isinstance(value, dict):
        raise mistyped(path, "Object")
    for name in shape:
        if not name.endswith("?") and name not in value:
            raise unparsed(f'Can\'t find field "{name}"', path)
    for name, inner in value.items():
        check = shape.get(name) or shape.get(f"{name}?")
        if check is None:
            raise unparsed(f'Field "{name}" is unknown', f"{path}.{name}")
        check(inner, f"{path}.{name}")


def mistyped(path: str, kind: str) -> Refusal:
    """A value that is not of the type that its field has."""
    name = path.rpartition(".")[2].partition("[")[0]
    return unparsed(f'Field "{name}" must be of type {kind}', path)


def within(path: str) -> None:
    """Stop before a message is nested so deeply that looking into it takes too much.

    Raises:
        Refusal: it is.
    """
    if path.count(".") > MAX_NESTING:
        raise Refusal("RICH_MESSAGE_DEPTH_INVALID", path)


def string(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """A String that can be written in UTF-8."""
    if not isinstance(value, str):
        raise mistyped(path, "String")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refusal("strings must be encoded in UTF-8", path) from None


def integer(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """A whole Number. In Python, and not in JSON, a flag is one too."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise mistyped(path, "Number")


def number(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """A Number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise mistyped(path, "Number")


def flag(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """A Boolean."""
    if not isinstance(value, bool):
        raise mistyped(path, "Boolean")


def array(inner: Check) -> Check:
    """An Array of one type."""

    def check(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, list | tuple):
            raise mistyped(path, "Array")
        for index, item in enumerate(value):
            inner(item, f"{path}[{index}]")

    return check


def an_object(shape: Shape) -> Check:
    """An Object of one shape."""
    return lambda value, path: fields(value, path, shape)


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
        string(value, path)
        if value not in words:
            raise unparsed(f'"{value}" is unsupported', path)

    return check
