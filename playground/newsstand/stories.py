"""The stories on the newsstand: one day of the old web site, rewritten and moved to today."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

FRESHNESS = timedelta(minutes=10)
"""The age of the newest story when the newsstand opens."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story as a newspaper would print it."""

    slug: str
    feed: str
    published: datetime
    categories: tuple[str, ...]
    title: str
    standfirst: str
    body: tuple[str, ...] = ()
    """Paragraphs; `## ` begins a subhead, `> ` a quote, `- ` a list item."""
    picture: str = ""
    """The name of its picture; if empty, the story's slug selects one."""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Draft:
    """A story that is not published yet."""

    feed: str
    categories: tuple[str, ...]
    title: str
    standfirst: str
    body: tuple[str, ...] = ()
    picture: str = ""
    language: str = "en"


def upcoming() -> list[Draft]:
    """Return the stories of `upcoming.toml`, in order of publication."""
    return [
        Draft(
            feed=entry["feed"],
            categories=tuple(entry["categories"]),
            title=entry["title"],
            standfirst=entry["standfirst"],
            body=tuple(entry.get("body", ())),
            picture=entry["picture"],
        )
        for entry in _written("upcoming.toml")
    ]


def printed(now: datetime) -> tuple[Story, ...]:
    """Return the stories of `stories.toml`, newest first, moved to end shortly before `now`."""
    entries = _written("stories.toml")
    newest: datetime = max(entry["at"] for entry in entries)
    moved = now.astimezone(UTC).replace(microsecond=0) - FRESHNESS - newest
    stories = (
        Story(
            slug=entry["slug"],
            feed=entry["feed"],
            published=entry["at"] + moved,
            categories=tuple(entry["categories"]),
            title=entry["title"],
            standfirst=entry["standfirst"],
            body=tuple(entry.get("body", ())),
            picture=entry["picture"],
        )
        for entry in entries
    )
    return tuple(sorted(stories, key=lambda story: story.published, reverse=True))


@cache
def _written(file: str) -> list[dict[str, Any]]:
    """Return the stories of a file, cached; callers must not change them."""
    text = (resources.files("playground.newsstand") / file).read_text("utf-8")
    stories: list[dict[str, Any]] = tomllib.loads(text)["story"]
    return stories


def slug_of(title: str) -> str:
    """Return a title as the last part of an address: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "story"
