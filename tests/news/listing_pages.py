"""Hand-written newsroom pages with four articles in the cards that a test gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from news.parse import parse
from tests.news.conftest import NOW

if TYPE_CHECKING:
    from news.entry import Parsed

URL = "https://house.example/en/news/"
NUMBERS = (1, 2, 3, 4)
MENU = "".join(f"<li><a href='/en/c/{n}'>Collections of the house {n}</a></li>" for n in range(8))
Listed = list[tuple[str, str, datetime | None]]


def page(body: str, head: str = "", url: str = URL, **selectors: str) -> Parsed:
    document = (
        f"<!doctype html><html lang=en><head><title>News | House</title>{head}</head><body>"
        f"<nav><ul>{MENU}</ul></nav><main>{body}</main><footer><p>© 2026 House</p></footer></body>"
    )
    return parse(document.encode(), url=url, kind="page", selectors=selectors, now=NOW)


def entries_of(parsed: Parsed) -> Listed:
    return [(entry.title, entry.link, entry.published) for entry in parsed.entries]


def news(number: int, *, dated: bool = True) -> tuple[str, str, datetime | None]:
    published = datetime(2026, 11, number, tzinfo=UTC) if dated else None
    return f"House opens a boutique number {number}", f"{URL}piece-{number}", published


def each(card: str) -> str:
    return "".join(card.replace("#", str(number)) for number in NUMBERS)


TITLE = "House opens a boutique number #"
LINKED = f"<a href='/en/news/piece-#'>{TITLE}</a>"
