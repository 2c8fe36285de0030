"""JSON-LD of a page, parsed leniently where it is not valid JSON."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml has no types

_LONGEST = 1_000_000
"""Most characters of one page's JSON-LD that are read."""
_DEPTH = 40
_MOST = 2_000
"""Most objects of one page that are looked at, and most values of one list or object."""
_SEARCHED = 20_000
"""Most lists and objects in which typed objects are looked for."""
_BEGIN = re.compile(r"[\[{]")
_ERRORS = 4
"""Failed attempts to parse a value, after which a script is given up."""
_NAMED_ELSEWHERE = ("author", "creator", "image", "publisher")
_NESTED = 6
"""Levels of nested JSON in which a text is looked for."""
_TYPES = 8
"""Most types of one object."""
_WITHIN = 30
"""Most elements of a list that are looked at."""
_LOOKED_AT = 300
"""Most values that are looked at for one text; the same list may be an author many times."""
_NAMES = 4
"""Most authors of one article."""
_DECODER = json.JSONDecoder(strict=False)  # Line breaks within strings are invalid but common.


def data(tree: HtmlElement) -> list[dict[str, Any]]:
    """Return every typed object of the page's JSON-LD, including nested ones, outer ones first."""
    values: list[object] = []
    left = _LONGEST
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            text = script.text or ""
            left -= len(text)
            if left < 0:
                break
            values += islice(_values(text), _MOST)
    objects = _typed(values)
    _joined(objects)
    return objects


def kinds(thing: dict[str, Any]) -> frozenset[str]:
    """Return the types of an object, without their vocabulary's address."""
    found = thing.get("@type")
    values = found[:_TYPES] if isinstance(found, list) else [found]
    return frozenset(value.rsplit("/", 1)[-1] for value in values if isinstance(value, str))


def words(value: object) -> str:
    """Return the text of a value: the string, its name, or those of its first element; else ""."""
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
    """Return a value's address: the string, url, contentUrl or @id; of a list, the first."""
    return first_text(value, ("url", "contentUrl", "@id"))


def first_text(value: object, fields: Sequence[str]) -> str:
    """Return the first text in a JSON value: of these fields in order, or of a list's elements."""
    left: list[tuple[object, int]] = [(value, 0)]
    for _ in range(_LOOKED_AT):
        if not left:
            break
        one, depth = left.pop()
        if isinstance(one, str) and one:
            return one
        inner: Sequence[object] = one[:_WITHIN] if isinstance(one, list) else ()
        if isinstance(one, dict):
            inner = [one[field] for field in fields if one.get(field)]
        if depth <= _NESTED:
            left += [(each, depth + 1) for each in reversed(inner)]
    return ""


def _values(text: str) -> Iterator[object]:
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


def _typed(values: list[object]) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = []
    left: list[tuple[object, int]] = [(values, 0)]
    for _ in range(_SEARCHED):
        if not left or len(objects) > _MOST:
            break
        value, depth = left.pop()
        inner: Iterable[object] = value if isinstance(value, list) else ()
        if isinstance(value, dict):
            inner = value.values()
            if "@type" in value:
                objects.append(value)
        if depth <= _DEPTH:
            held = [each for each in islice(inner, _MOST) if isinstance(each, dict | list)]
            left += [(each, depth + 1) for each in reversed(held)]
    return objects


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
                one[name] = [_resolved(each, known) for each in value[:_WITHIN]]
            elif isinstance(value, dict):
                one[name] = _resolved(value, known)


def _resolved(value: object, known: dict[str, dict[str, Any]]) -> object:
    if not isinstance(value, dict) or not value.keys() <= {"@id", "@type"}:
        return value
    name = value.get("@id")
    # A fragment (`#…`) leads to no picture or person.
    unknown: object = {} if isinstance(name, str) and name.startswith("#") else value
    return known.get(name, unknown) if isinstance(name, str) else value
