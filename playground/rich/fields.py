"""Checks of an object's fields and of the types of their values.

A shape maps the fields of an object to checks; a name that ends in `?` may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playground.rich.refused import Refusal, unparsed

Check = Callable[[Any, str], None]
"""Takes a value and the path to it, and raises Refusal if the value has a wrong type."""
Shape = Mapping[str, Check]

MAX_NESTING = 100
"""The greatest depth that is checked. Telegram accepts far less, which is counted elsewhere."""


def fields(value: Any, path: str, shape: Shape) -> None:  # noqa: ANN401 - any JSON
    """Check an object against its shape.

    Raises:
        Refusal: It is no object, or a field is missing, unknown or of a wrong type.
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
    """Return the refusal of a value that has a wrong type."""
    name = path.rpartition(".")[2].partition("[")[0]
    return unparsed(f'Field "{name}" must be of type {kind}', path)


def within(path: str) -> None:
    """Refuse a message that is nested too deeply to check.

    Raises:
        Refusal: It is nested deeper than `MAX_NESTING`.
    """
    if path.count(".") > MAX_NESTING:
        raise Refusal("RICH_MESSAGE_DEPTH_INVALID", path)


def string(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """Check a String that can be encoded in UTF-8."""
    if not isinstance(value, str):
        raise mistyped(path, "String")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refusal("strings must be encoded in UTF-8", path) from None


def integer(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """Check a whole Number; a bool, an int in Python, is refused."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise mistyped(path, "Number")


def number(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """Check a Number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise mistyped(path, "Number")


def flag(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """Check a Boolean."""
    if not isinstance(value, bool):
        raise mistyped(path, "Boolean")


def array(inner: Check) -> Check:
    """Return the check of an Array of one type."""

    def check(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, list | tuple):
            raise mistyped(path, "Array")
        for index, item in enumerate(value):
            inner(item, f"{path}[{index}]")

    return check


def an_object(shape: Shape) -> Check:
    """Return the check of an Object of one shape."""
    return lambda value, path: fields(value, path, shape)


def one_of(*words: str) -> Check:
    """Return the check of a String that is one of a few words."""

    def check(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
        string(value, path)
        if value not in words:
            raise unparsed(f'"{value}" is unsupported', path)

    return check
