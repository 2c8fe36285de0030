"""Articles in the data of a page: JSON-LD, and the state that its scripts render from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from news.feeds import json_posts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

    from news.feeds.item import Raw

_LARGEST = 2_000_000
"""Most characters of a script that is parsed as data."""
_TITLES = frozenset({"title", "headline"})
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
_SET = re.compile(r"(?:window|self|var|let|const)\s*+(?:[.\[]\s*+)?[\w$\"'.\]]{1,80}\s*+=\s*+\{")
_DEPTH = 40
_MOST = 50_000
"""Most JSON values of a page that are looked at."""


def read(tree: html.HtmlElement, base: str, least: int) -> list[Raw]:
    """Return the largest list of at least so many dated articles in a page's data; [] if none."""
    best: list[Raw] = []
    for text, begin in _data_in(tree):
        try:
            value, _ = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            continue
        for items in _lists(value):
            raws = [json_posts.raw_of(one, base) for one in items]
            dated = [raw for raw in raws if raw.title and raw.links and any(raw.dates)]
            if len(dated) >= max(least, len(best) + 1):
                best = dated
    return best


def _data_in(tree: html.HtmlElement) -> list[tuple[str, int]]:
    """Return the scripts that are JSON or assign an object, and the offset of the JSON in each."""
    found: list[tuple[str, int]] = []
    for script in tree.iter("script"):
        text = (script.text or "").strip()
        kind = (script.get("type") or "").lower()
        if len(text) > _LARGEST:
            continue
        held = _SET.match(text)
        if kind.endswith("json"):
            found.append((text, 0))
        elif held:
            found.append((text, held.end() - 1))
    return found


def _lists(value: object) -> Iterator[list[dict[str, Any]]]:
    waiting: list[tuple[object, int]] = [(value, 0)]
    looked_at = 0
    while waiting and looked_at < _MOST:
        one, depth = waiting.pop()
        looked_at += 1
        if depth > _DEPTH:
            continue
        if isinstance(one, list):
            objects = [json_posts.opened(each) for each in one if isinstance(each, dict)]
            if objects and not objects[0].keys().isdisjoint(_TITLES):
                yield objects[:_MOST]
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting.extend((each, depth + 1) for each in inner if isinstance(each, dict | list))
