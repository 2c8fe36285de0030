"""JSON-LD of a page, parsed leniently where it is not valid JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml has no types

_DEPTH = 40
_MOST = 2_000
"""Most objects of one page that are looked at."""
_BEGIN = re.compile(r"[\[{]")
_ERRORS = 4
"""Failed attempts to parse a value, after which a script is given up."""
_NAMED_ELSEWHERE = ("author", "creator", "image", "publisher")
_NESTED = 6
"""Levels of nested JSON in which a text is looked for."""
_WITHIN = 30
_NAMES = 4
"""Most authors of one article."""
_DECODER = json.JSONDecoder(strict=False)  # Line breaks within strings are invalid but common.


def data(tree: HtmlElement) -> list[dict[str, Any]]:
    """Return every typed object of the page's JSON-LD, including nested ones, outer ones first."""
    objects: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for value in _values(script.text or ""):
                _collect(value, objects, 0)
    _joined(objects)
    return objects


def kinds(thing: dict[str, Any]) -> frozenset[str]:
    """Return the types of an object, without their vocabulary's address."""
    found = thing.get("@type")
    values = found if isinstance(found, list) else [found]
    return frozenset(value.rsplit("/", 1)[-1] for value in values if isinstance(value, str))


def words(value: object) -> str:
    """Return the text of a value: the string, its name, or those of its first element.

    The result is empty if there is none.
    """
    return first_text(value, ("name", "@value"))


def truth(value: object) -> bool | None:
    """Return the truth of a JSON boolean or of the words `true` and `false`; None for others."""
    value_name = str(value) if isinstance(value, bool) else words(value).rpartition("/")[2]
    return {"true": True, "false": False}.get(value_name.lower())


def names(value: object) -> list[str]:
    """Return the distinct names in a value, which may be a list of authors."""
    values = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for one in values[:_NAMES] if (text := words(one))))


def address(value: object) -> str:
    """Return the address in a value: the string, its url, contentUrl or @id; else empty.

    Of a list, the first element with an address counts.
    """
    return first_text(value, ("url", "contentUrl", "@id"))


def first_text(value: object, fields: Sequence[str], depth: int = 0) -> str:
    """Return the first text in a value, searched in these fields and in the elements of lists.

    Args:
        value: A JSON value.
        fields: Names of fields to follow in objects, in this order.
        depth: The current level of nesting.
    """
    if isinstance(value, str) or depth > _NESTED:
        return value if isinstance(value, str) else ""
    inner: Sequence[object] = value[:_WITHIN] if isinstance(value, list) else ()
    if isinstance(value, dict):
        inner = [value[field] for field in fields if value.get(field)]
    return next((text for one in inner if (text := first_text(one, fields, depth + 1))), "")


def _values(text: str) -> Iterator[object]:
    """Yield the JSON values in a script, skipping comment marks around and between them."""
    at = errors = 0
    while errors < _ERRORS and (begin := _BEGIN.search(text, at)):
        at = begin.start()
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            errors += 1
            at += 1
        else:
            yield value


def _collect(value: object, objects: list[dict[str, Any]], depth: int) -> None:
    if depth > _DEPTH or len(objects) > _MOST:
        return
    if isinstance(value, list):
        for one in value:
            _collect(one, objects, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            objects.append(value)
        for one in value.values():
            if isinstance(one, dict | list):
                _collect(one, objects, depth + 1)


def _joined(objects: list[dict[str, Any]]) -> None:
    """Replace references by `@id`, such as to an author, with the objects that they name."""
    known: dict[str, dict[str, Any]] = {}
    for one in objects:
        if isinstance(one.get("@id"), str) and len(one) > 2:
            known.setdefault(one["@id"], one)
    for one in objects:
        for name in _NAMED_ELSEWHERE:
            value = one.get(name)
            if isinstance(value, list):
                one[name] = [_resolved(each, known) for each in value]
            elif isinstance(value, dict):
                one[name] = _resolved(value, known)


def _resolved(value: object, known: dict[str, dict[str, Any]]) -> object:
    if not isinstance(value, dict) or not value.keys() <= {"@id", "@type"}:
        return value
    name = value.get("@id")
    # A fragment (`#…`) leads to no picture or person.
    unknown: object = {} if isinstance(name, str) and name.startswith("#") else value
    return known.get(name, unknown) if isinstance(name, str) else value
