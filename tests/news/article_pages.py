"""A hand-written article page, around whose text a test adds elements."""

from __future__ import annotations

from typing import Any

from news.article.page import read_article
from tests.news.conftest import NOW

HOME = "https://house.example"
URL = f"{HOME}/en/news/atelier-geneva"
TITLE = "House opens a watchmaking atelier in Geneva"
TEXT = (
    "The house has opened an atelier on the shore of the lake, the first that it has run itself.",
    "The building of three storeys brings together forty watchmakers, enamellers and engravers.",
    "“We wanted the hands and the machines under one roof,” said the chief executive on the day.",
    "About two thousand pieces a year will be made there, a pace that she called slow on purpose.",
)
WHOLE = "\n\n".join(TEXT)


def read(body: str, head: str = "", url: str = URL, title: str = TITLE) -> Any:  # noqa: ANN401 — asked for one field each
    for number, text in enumerate(TEXT):
        body = body.replace(f"#{number}", text)
    body = body.replace("#T", TITLE)
    document = (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>"
        f"<body>{body}</body></html>"
    )
    return read_article(document.encode(), url=url, now=NOW)


PS = "<p>#0</p><p>#1</p><p>#2</p><p>#3</p>"
