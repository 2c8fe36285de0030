"""Articles that a page holds as data, for its own program to show: Next.js and its like."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from news import posts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

    from news.item import Raw

_LARGEST = 2_000_000
"""Characters of such data."""
_DEPTH = 40
_MOST = 50_000
"""Values that are looked at."""


def read(tree: html.HtmlElement, base: str, least: int) -> list[Raw]:
    """The largest list in a page's data that has the form of dated articles; [] for none."""
    best: list[Raw] = []
    for script in tree.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if not kind.endswith("/json") or len(text) > _LARGEST:
            continue
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for items in _lists(value):
            raws = [posts.raw_of(one, base) for one in items]
            dated = [raw for raw in raws if raw.title and raw.links and any(raw.dates)]
            if len(dated) >= max(least, len(best) + 1):
                best = dated
    return best


def _lists(value: object) -> Iterator[list[dict[str, Any]]]:
    """Every list of objects within a value."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    looked_at = 0
    while waiting and looked_at < _MOST:
        one, depth = waiting.pop()
        looked_at += 1
        if depth > _DEPTH:
            continue
        if isinstance(one, list):
            objects = [each for each in one if isinstance(each, dict)]
            if objects and not objects[0].keys().isdisjoint({"title", "headline"}):
                yield objects[:_MOST]
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting.extend((each, depth + 1) for each in inner if isinstance(each, dict | list))
