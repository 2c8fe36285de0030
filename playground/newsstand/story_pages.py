"""The newspaper's pages: every story on one, and one for each story."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from playground.newsstand.feeds import (
    ABROAD,
    FEEDS,
    PREFIX,
    paragraphs,
    picture_link,
    story_link,
)
from playground.newsstand.picture_files import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.newsstand.stories import Story

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


def _document(title: str, head: str, body: str, language: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title>{head}<style>{_STYLE}</style></head><body><main>"
        f'<header><a href="{PREFIX}/">NEWSSTAND</a></header>{body}</main></body></html>'
    )


def _time(story: Story) -> str:
    day = story.published
    return f'<time datetime="{day.isoformat()}">{day.day} {day:%B %Y, %H:%M} UTC</time>'


def front_page(stories: Sequence[Story], base: str) -> str:
    """Return the page that lists every story and announces the English feeds."""
    head = "".join(
        f'<link rel="alternate" type="{feed.content_type}" title="{escape(feed.title)}" '
        f'href="{base}{feed.path}">'
        for feed in FEEDS
    )
    items = "".join(
        f'<li><a href="{story_link(base, story)}">{escape(story.title)}</a>{_time(story)}</li>'
        for story in stories
    )
    return _document("Newsstand", head, f"<ol>{items}</ol>")


def story_page(story: Story, base: str) -> str:
    """Return a story's page."""
    link, picture = story_link(base, story), picture_link(base, story)
    feed = next(known for known in (*FEEDS, *ABROAD) if known.holds(story))
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
        f"{paragraphs(story)}</article>"
    )
    return _document(story.title, head, body, story.language)
