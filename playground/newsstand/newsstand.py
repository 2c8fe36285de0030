"""A small newspaper on this machine: three feeds, with a page and a picture per story.

Each feed has another format, as on the real web, and answers conditional requests. The stories come
from `stories.toml`; `Newsstand.publish` adds one while everything runs.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from aiohttp import web

from playground.newsstand.picture_files import CONTENT_TYPE, HEIGHT, WIDTH, picture_of
from playground.newsstand.stories import Story, printed, slug_of, upcoming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

PREFIX = "/newsstand"
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
_STYLE = """
:root{color-scheme:light dark;--paper:#f8f4ec;--ink:#231f1a;--soft:#756b5e;--gold:#8a662c}
@media(prefers-color-scheme:dark){:root{--paper:#171512;--ink:#eee6d9;--soft:#a3988a;--gold:#e0c596}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:1.15rem/1.65 Georgia,"Times New Roman",serif}
main{max-width:42rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}a{color:inherit}
header{display:flex;justify-content:space-between;align-items:baseline;padding-bottom:.75rem;
border-bottom:1px solid currentColor;letter-spacing:.18em;font-size:.85rem}
header a{text-decoration:none}
.category{margin:2.5rem 0 .5rem;color:var(--gold);font-style:italic}
h1{margin:0 0 1rem;font-size:clamp(1.9rem,6vw,2.9rem);line-height:1.15;font-weight:500;
text-wrap:balance}.standfirst{font-size:1.3rem;line-height:1.5;color:var(--soft);margin:0 0 1rem}
time{color:var(--soft);font-size:.9rem}img{display:block;width:100%;height:auto;margin:1.75rem 0}
ol{list-style:none;margin:0;padding:0}li{padding:1.1rem 0;border-bottom:1px solid #8886}
article ul{margin:0;padding-left:1.2rem}article li{border:0;padding:.15rem 0}h3{margin:2rem 0 .5rem}
blockquote{margin:1.5rem 0;padding-left:1.1rem;border-left:3px solid var(--gold);font-style:italic}
ol li a{text-decoration:none;font-size:1.3rem;line-height:1.3;display:block}
"""


@dataclass(frozen=True, slots=True)
class Feed:
    """One of the newspaper's feeds."""

    key: str
    title: str
    path: str
    content_type: str


FEEDS = (
    Feed("fashion", "Newsstand Fashion", f"{PREFIX}/fashion.rss", "application/rss+xml"),
    Feed("motor", "Newsstand Motor & Travel", f"{PREFIX}/motor.atom", "application/atom+xml"),
    Feed("business", "Newsstand Business", f"{PREFIX}/business.json", "application/feed+json"),
)


class Newsstand:
    """The newspaper, to be mounted on an aiohttp server under `/newsstand`.

    Args:
        clock: Returns the current time, aware. The newest story is from just before the start.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._stories = list(printed(clock()))
        self._drafts = upcoming()

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story, the newest first."""
        return tuple(self._stories)

    def publish(
        self,
        title: str,
        standfirst: str = "",
        *,
        feed: str = "fashion",
        categories: Sequence[str] = (),
        body: Sequence[str] = (),
        slug: str | None = None,
        picture: str = "",
        ago: timedelta = timedelta(0),
    ) -> Story:
        """Publish one more story.

        Args:
            title: The headline.
            standfirst: One or two sentences.
            feed: `fashion`, `motor` or `business`.
            categories: The story's categories in the feed.
            body: Paragraphs.
            slug: The last part of its address; made from the title if None.
            picture: The name of its picture; if empty, the slug selects one.
            ago: How long before now it was published.

        Raises:
            ValueError: The feed does not exist, or the slug is taken.
        """
        if feed not in {known.key for known in FEEDS}:
            raise ValueError(f"The newsstand has no feed {feed!r}.")
        taken = {story.slug for story in self._stories}
        if slug is None:
            stem = slug = slug_of(title)
            number = 2
            while slug in taken:
                slug, number = f"{stem}-{number}", number + 1
        elif slug in taken:
            raise ValueError(f"A story {slug!r} is out already.")
        published = self._clock().replace(microsecond=0) - ago
        filed = tuple(categories)
        story = Story(slug, feed, published, filed, title, standfirst, tuple(body), picture)
        self._stories.append(story)
        self._stories.sort(key=lambda known: known.published, reverse=True)
        return story

    def publish_next(self, ago: timedelta = timedelta(0)) -> Story | None:
        """Publish the next prepared story, or return None if all are published."""
        if not self._drafts:
            return None
        draft = self._drafts.pop(0)
        return self.publish(
            draft.title,
            draft.standfirst,
            feed=draft.feed,
            categories=draft.categories,
            body=draft.body,
            picture=draft.picture,
            ago=ago,
        )

    def sources(self, base_url: str) -> list[dict[str, Any]]:
        """Return the feeds as sources: name, url, site, categories and language of each."""
        base = base_url.rstrip("/")
        return [
            {
                "name": feed.title,
                "url": base + feed.path,
                "site": f"{base}{PREFIX}/",
                "categories": [],
                "language": "en",
            }
            for feed in FEEDS
        ]

    def link(self, story: Story, base_url: str) -> str:
        """Return the address of a story's page."""
        return f"{base_url.rstrip('/')}{PREFIX}/story/{story.slug}"

    def add_routes(self, app: web.Application) -> None:
        """Serve everything of the newsstand from the application."""
        app.add_routes(self.routes())

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of everything that the newsstand serves."""
        return [
            *(web.get(feed.path, self._feed) for feed in FEEDS),
            web.get(f"{PREFIX}/", self._front),
            web.get(PREFIX, self._front),
            web.get(PREFIX + "/story/{slug}", self._page),
            web.get(PREFIX + "/picture/{slug}.jpg", self._picture),
        ]

    async def _feed(self, request: web.Request) -> web.Response:
        feed = next(known for known in FEEDS if known.path == request.path)
        stories = [story for story in self._stories if story.feed == feed.key]
        write = {"fashion": _rss, "motor": _atom, "business": _json_feed}[feed.key]
        document = write(feed, stories, _base(request)).encode()
        changed = stories[0].published
        headers = {
            "ETag": f'"{hashlib.sha256(document).hexdigest()[:20]}"',
            "Last-Modified": format_datetime(changed, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if _is_known(request, headers["ETag"], changed):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = f"{feed.content_type}; charset=utf-8"
        return web.Response(body=document, headers=headers)

    async def _front(self, request: web.Request) -> web.Response:
        return _html(_front_page(self._stories, _base(request)))

    async def _page(self, request: web.Request) -> web.Response:
        return _html(_story_page(self._find(request), _base(request)))

    async def _picture(self, request: web.Request) -> web.Response:
        return web.Response(body=picture_of(self._find(request)), content_type=CONTENT_TYPE)

    def _find(self, request: web.Request) -> Story:
        for story in self._stories:
            if story.slug == request.match_info["slug"]:
                return story
        raise web.HTTPNotFound


def _base(request: web.Request) -> str:
    return str(request.url.origin())


def _is_known(request: web.Request, etag: str, changed: datetime) -> bool:
    """Return whether the client has this document already, judged by its validators."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or etag in {
            part.strip().removeprefix("W/") for part in known.split(",")
        }
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= changed
    except (TypeError, ValueError):
        return False


def _html(document: str) -> web.Response:
    return web.Response(text=document, content_type="text/html")


_MARKS = {"## ": "h3", "> ": "blockquote", "- ": "li"}


def _paragraphs(story: Story) -> str:
    made = "".join(map(_paragraph, story.body))
    return re.sub("(?:<li>.*?</li>)+", lambda items: f"<ul>{items[0]}</ul>", made)


def _paragraph(text: str) -> str:
    mark = next((mark for mark in _MARKS if text.startswith(mark)), "")
    tag = _MARKS.get(mark, "p")
    return f"<{tag}>{escape(text.removeprefix(mark), quote=False)}</{tag}>"


def _story_link(base: str, story: Story) -> str:
    return f"{base}{PREFIX}/story/{story.slug}"


def _picture_link(base: str, story: Story) -> str:
    return f"{base}{PREFIX}/picture/{story.slug}.jpg"


def _rss(feed: Feed, stories: Sequence[Story], base: str) -> str:
    items = "".join(
        f"<item><title>{escape(story.title, quote=False)}</title>"
        f"<link>{_story_link(base, story)}</link>"
        f'<guid isPermaLink="true">{_story_link(base, story)}</guid>'
        f"<pubDate>{format_datetime(story.published, usegmt=True)}</pubDate>"
        + "".join(f"<category>{escape(name, quote=False)}</category>" for name in story.categories)
        + f"<description>{escape(story.standfirst, quote=False)}</description>"
        + (
            f"<content:encoded><![CDATA[{_paragraphs(story)}]]></content:encoded>"
            * bool(story.body)
        )
        + f'<media:content url="{_picture_link(base, story)}" medium="image" '
        f'type="{CONTENT_TYPE}" width="{WIDTH}" height="{HEIGHT}"/></item>'
        for story in stories
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {_NAMESPACES}><channel>'
        f"<title>{escape(feed.title, quote=False)}</title><link>{base}{PREFIX}/</link>"
        f'<atom:link rel="self" type="{feed.content_type}" href="{base}{feed.path}"/>'
        "<description>Style, events and films</description><language>en</language>"
        f"<lastBuildDate>{format_datetime(stories[0].published, usegmt=True)}</lastBuildDate>"
        f"{items}</channel></rss>"
    )


def _atom(feed: Feed, stories: Sequence[Story], base: str) -> str:
    entries = "".join(
        f'<entry xml:lang="en"><id>{_story_link(base, story)}</id>'
        f"<title>{escape(story.title, quote=False)}</title>"
        f'<link rel="alternate" type="text/html" href="{_story_link(base, story)}"/>'
        f'<link rel="enclosure" type="{CONTENT_TYPE}" href="{_picture_link(base, story)}"/>'
        f"<published>{story.published.isoformat()}</published>"
        f"<updated>{story.published.isoformat()}</updated>"
        + "".join(f"<category term={quoteattr(name)}/>" for name in story.categories)
        + f"<summary>{escape(story.standfirst, quote=False)}</summary>"
        + (f'<content type="html">{escape(_paragraphs(story))}</content>' * bool(story.body))
        + "</entry>"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}{feed.path}</id><title>{escape(feed.title, quote=False)}</title>"
        f'<link rel="self" href="{base}{feed.path}"/><link href="{base}{PREFIX}/"/>'
        f"<author><name>{escape(feed.title, quote=False)}</name></author>"
        f"<updated>{stories[0].published.isoformat()}</updated>{entries}</feed>"
    )


def _json_feed(feed: Feed, stories: Sequence[Story], base: str) -> str:
    items = []
    for story in stories:
        link = _story_link(base, story)
        item: dict[str, Any] = {
            "id": link,
            "url": link,
            "title": story.title,
            "summary": story.standfirst,
            "image": _picture_link(base, story),
            "date_published": story.published.isoformat(),
            "tags": list(story.categories),
            "language": "en",
        }
        body = {"content_html": _paragraphs(story)} if story.body else {}
        items.append(item | (body or {"content_text": story.standfirst}))
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{base}{PREFIX}/",
        "feed_url": base + feed.path,
        "language": "en",
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False)


def _document(title: str, head: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title>{head}<style>{_STYLE}</style></head><body><main>"
        f'<header><a href="{PREFIX}/">NEWSSTAND</a></header>{body}</main></body></html>'
    )


def _time(story: Story) -> str:
    day = story.published
    return f'<time datetime="{day.isoformat()}">{day.day} {day:%B %Y, %H:%M} UTC</time>'


def _front_page(stories: Sequence[Story], base: str) -> str:
    head = "".join(
        f'<link rel="alternate" type="{feed.content_type}" title="{escape(feed.title)}" '
        f'href="{base}{feed.path}">'
        for feed in FEEDS
    )
    items = "".join(
        f'<li><a href="{_story_link(base, story)}">{escape(story.title)}</a>{_time(story)}</li>'
        for story in stories
    )
    return _document("Newsstand", head, f"<ol>{items}</ol>")


def _story_page(story: Story, base: str) -> str:
    link, picture = _story_link(base, story), _picture_link(base, story)
    feed = next(known for known in FEEDS if known.key == story.feed)
    properties = {
        "og:type": "article",
        "og:title": story.title,
        "og:description": story.standfirst,
        "og:url": link,
        "og:image": picture,
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:site_name": feed.title,
        "article:published_time": story.published.isoformat(),
    }
    metadata = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.standfirst,
        "datePublished": story.published.isoformat(),
        "image": [picture],
        "mainEntityOfPage": link,
        "articleSection": list(story.categories),
        "publisher": {"@type": "Organization", "name": feed.title},
    }
    data = json.dumps(metadata, ensure_ascii=False).replace("<", "\\u003c")
    head = (
        f'<link rel="canonical" href="{link}"><meta name="description" '
        f'content="{escape(story.standfirst)}">'
        + "".join(
            f'<meta property="{name}" content="{escape(value)}">'
            for name, value in properties.items()
        )
        + f'<script type="application/ld+json">{data}</script>'
    )
    body = (
        f'<article><p class="category">{escape(", ".join(story.categories))}</p>'
        f"<h1>{escape(story.title)}</h1>"
        f'<p class="standfirst">{escape(story.standfirst)}</p>{_time(story)}'
        f'<img src="{picture}" width="{WIDTH}" height="{HEIGHT}" alt="">'
        f"{_paragraphs(story)}</article>"
    )
    return _document(story.title, head, body)
