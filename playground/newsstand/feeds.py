"""The newspaper's feeds: three for each language, in the formats of the real web."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from playground.newsstand.picture_files import CONTENT_TYPE, HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.newsstand.stories import Story

PREFIX = "/newsstand"
LONGEST = 100
"""Stories in a feed, the newest."""
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
_FORMATS = {
    "fashion": ("rss", "application/rss+xml"),
    "motor": ("atom", "application/atom+xml"),
    "business": ("json", "application/feed+json"),
}
TITLES = {
    "en": ("Newsstand Fashion", "Newsstand Motor & Travel", "Newsstand Business"),
    "it": ("Edicola Moda", "Edicola Motori e Viaggi", "Edicola Economia"),
    "es": ("Quiosco Moda", "Quiosco Motor y Viajes", "Quiosco Negocios"),
    "fr": ("Kiosque Mode", "Kiosque Auto & Voyages", "Kiosque Affaires"),
    "zh": ("报亭时尚", "报亭汽车与旅行", "报亭商业"),
}
"""The titles of the feeds of fashion, motor and business, by language."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One of the newspaper's feeds."""

    key: str
    title: str
    path: str
    content_type: str
    language: str = "en"

    def holds(self, story: Story) -> bool:
        """Return whether a story belongs into this feed."""
        return (story.feed, story.language) == (self.key, self.language)


def _feeds_of(language: str, titles: Sequence[str]) -> list[Feed]:
    folder = PREFIX if language == "en" else f"{PREFIX}/{language}"
    return [
        Feed(key, title, f"{folder}/{key}.{ending}", content_type, language)
        for (key, (ending, content_type)), title in zip(_FORMATS.items(), titles, strict=True)
    ]


FEEDS = tuple(_feeds_of("en", TITLES["en"]))
"""The English feeds, which have stories from the start."""
ABROAD = tuple(
    feed
    for language in TITLES
    if language != "en"
    for feed in _feeds_of(language, TITLES[language])
)
"""The feeds in other languages, which have the stories of the daily issues."""


def document(feed: Feed, stories: Sequence[Story], base: str) -> str:
    """Return a feed's document, with its newest stories."""
    write = {"fashion": _rss, "motor": _atom, "business": _json_feed}[feed.key]
    return write(feed, stories[:LONGEST], base)


_MARKS = {"## ": "h3", "> ": "blockquote", "- ": "li"}


def paragraphs(story: Story) -> str:
    """Return the HTML of a story's body."""
    made = "".join(map(_paragraph, story.body))
    return re.sub("(?:<li>.*?</li>)+", lambda items: f"<ul>{items[0]}</ul>", made)


def _paragraph(text: str) -> str:
    mark = next((mark for mark in _MARKS if text.startswith(mark)), "")
    tag = _MARKS.get(mark, "p")
    return f"<{tag}>{escape(text.removeprefix(mark), quote=False)}</{tag}>"


def story_link(base: str, story: Story) -> str:
    """Return the address of a story's page."""
    return f"{base}{PREFIX}/story/{story.slug}"


def picture_link(base: str, story: Story) -> str:
    """Return the address of a story's picture."""
    return f"{base}{PREFIX}/picture/{story.slug}.jpg"


def _rss(feed: Feed, stories: Sequence[Story], base: str) -> str:
    items = "".join(
        f"<item><title>{escape(story.title, quote=False)}</title>"
        f"<link>{story_link(base, story)}</link>"
        f'<guid isPermaLink="true">{story_link(base, story)}</guid>'
        f"<pubDate>{format_datetime(story.published, usegmt=True)}</pubDate>"
        + "".join(f"<category>{escape(name, quote=False)}</category>" for name in story.categories)
        + f"<description>{escape(story.standfirst, quote=False)}</description>"
        + (f"<content:encoded><![CDATA[{paragraphs(story)}]]></content:encoded>" * bool(story.body))
        + f'<media:content url="{picture_link(base, story)}" medium="image" '
        f'type="{CONTENT_TYPE}" width="{WIDTH}" height="{HEIGHT}"/></item>'
        for story in stories
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {_NAMESPACES}><channel>'
        f"<title>{escape(feed.title, quote=False)}</title><link>{base}{PREFIX}/</link>"
        f'<atom:link rel="self" type="{feed.content_type}" href="{base}{feed.path}"/>'
        f"<description>{escape(feed.title, quote=False)}</description>"
        f"<language>{feed.language}</language>"
        f"{items}</channel></rss>"
    )


def _atom(feed: Feed, stories: Sequence[Story], base: str) -> str:
    entries = "".join(
        f'<entry xml:lang="{story.language}"><id>{story_link(base, story)}</id>'
        f"<title>{escape(story.title, quote=False)}</title>"
        f'<link rel="alternate" type="text/html" href="{story_link(base, story)}"/>'
        f'<link rel="enclosure" type="{CONTENT_TYPE}" href="{picture_link(base, story)}"/>'
        f"<published>{story.published.isoformat()}</published>"
        f"<updated>{story.published.isoformat()}</updated>"
        + "".join(f"<category term={quoteattr(name)}/>" for name in story.categories)
        + f"<summary>{escape(story.standfirst, quote=False)}</summary>"
        + (f'<content type="html">{escape(paragraphs(story))}</content>' * bool(story.body))
        + "</entry>"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}{feed.path}</id><title>{escape(feed.title, quote=False)}</title>"
        f'<link rel="self" href="{base}{feed.path}"/><link href="{base}{PREFIX}/"/>'
        f"<author><name>{escape(feed.title, quote=False)}</name></author>"
        f"<updated>{_changed(stories)}</updated>{entries}</feed>"
    )


def _json_feed(feed: Feed, stories: Sequence[Story], base: str) -> str:
    items = []
    for story in stories:
        link = story_link(base, story)
        item: dict[str, Any] = {
            "id": link,
            "url": link,
            "title": story.title,
            "summary": story.standfirst,
            "image": picture_link(base, story),
            "date_published": story.published.isoformat(),
            "tags": list(story.categories),
            "language": story.language,
        }
        body = {"content_html": paragraphs(story)} if story.body else {}
        items.append(item | (body or {"content_text": story.standfirst}))
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{base}{PREFIX}/",
        "feed_url": base + feed.path,
        "language": feed.language,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False)


def _changed(stories: Sequence[Story]) -> str:
    return stories[0].published.isoformat() if stories else "1970-01-01T00:00:00+00:00"
