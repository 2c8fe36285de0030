"""Two hundred different feeds: five formats, five languages, 4 to 150 articles.

`write` puts them into a folder, with a list of them in `feeds.json`.
"""

from __future__ import annotations

import html
import json
import random
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from bench.rigs.news.wording import LANGUAGES, Wording, cities_of_the_world
from news.filing import taxonomy
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FEEDS = 200
ARTICLES = 6_500
LIST = "feeds.json"
FORMATS = ("rss", "rss", "rss", "bare", "bare", "atom", "atom", "rdf", "json", "latin")
"""The formats of ten feeds: `bare` is RSS without bodies, `latin` is RSS in ISO-8859-1."""
TOLD_AGAIN = 0.06
"""The share of headlines that repeat one of another feed."""
LANGUAGE_SAID = 0.5
"""The share of feeds that declare their language."""
TAGS = ("Fashion", "Watches", "Travel", "Cars", "Moda", "Mode", "Lusso", "Uhren", "News", "Lujo")


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One document."""

    name: str
    """The name of its file."""
    content_type: str
    articles: int


@dataclass(frozen=True, slots=True)
class _Item:
    title: str
    link: str
    guid: str
    standfirst: str
    body: str
    published: datetime
    author: str
    image: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Paper:
    title: str
    site: str
    language: str | None
    items: tuple[_Item, ...]


def write(folder: Path, *, feeds: int = FEEDS, articles: int = ARTICLES) -> list[FeedFile]:
    """Write a number of feeds with a number of articles in all."""
    chance = random.Random(3)  # noqa: S311  # the same feeds in every run
    houses = [one.name for one in taxonomy.load().categories.values() if one.kind is Kind.HOUSE]
    cities = cities_of_the_world()
    written: list[FeedFile] = []
    headlines: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for number, size in enumerate(_sizes(chance, feeds, articles)):
        language = LANGUAGES[number % len(LANGUAGES)]
        wording = Wording(language, chance, houses, cities)
        items = _items(number, size, wording, headlines[language], chance)
        paper = _Paper(
            f"Paper {number} & Co",
            _site(number),
            language if chance.random() < LANGUAGE_SAID else None,
            items,
        )
        format_ = FORMATS[number // len(LANGUAGES) % len(FORMATS)]
        document, content_type, suffix = WRITERS[format_](paper)
        feed = FeedFile(f"{number:03}.{suffix}", content_type, size)
        (folder / feed.name).write_bytes(document)
        written.append(feed)
    (folder / LIST).write_text(json.dumps([asdict(feed) for feed in written]))
    return written


def read_list(folder: Path) -> list[FeedFile]:
    """Return the feeds that `write` put into a folder."""
    return [FeedFile(**each) for each in json.loads((folder / LIST).read_text())]


def _sizes(chance: random.Random, feeds: int, articles: int) -> list[int]:
    """Return the feeds' numbers of articles: many small feeds and a few large ones."""
    weights = [chance.lognormvariate(0, 0.7) for _ in range(feeds)]
    scale = articles / sum(weights)
    sizes = [min(max(round(weight * scale), 4), 150) for weight in weights]
    step = 1 if sum(sizes) < articles else -1
    place = 0
    while sum(sizes) != articles:
        sizes[place % feeds] = min(max(sizes[place % feeds] + step, 4), 150)
        place += 1
    return sizes


def _site(number: int) -> str:
    return f"https://paper{number}.example"


def _items(
    number: int, size: int, wording: Wording, headlines: list[str], chance: random.Random
) -> tuple[_Item, ...]:
    site = _site(number)
    now = datetime.now(UTC).replace(microsecond=0)
    gap = timedelta(minutes=chance.choice((20, 60, 180, 600)))
    items = []
    for place in range(size):
        title = wording.headline()
        if headlines and chance.random() < TOLD_AGAIN:
            title = chance.choice(headlines)
        headlines.append(title)
        paragraphs = wording.body(chance.randint(2, 7))
        items.append(
            _Item(
                title,
                f"{site}/{now.year}/story-{number}-{place}?utm_source=feed&utm_medium=rss",
                f"{number}-{place}" if number % 3 else f"{site}/?p={number}{place:03}",
                wording.standfirst(),
                "".join(_paragraph(each, place) for each in paragraphs),
                now - gap * place - timedelta(minutes=chance.randint(1, 19)),
                f"Author {chance.randint(1, 9)}",
                f"https://img.paper{number}.example/{place}.jpg" if place % 4 else "",
                tuple(chance.sample(TAGS, chance.randint(0, 3))),
            )
        )
    return tuple(items)


def _paragraph(text: str, place: int) -> str:
    """Return a paragraph of HTML with the clutter that editors' tools leave in it."""
    words = html.escape(text, quote=False).split(" ")
    words[place % 5] = (
        f'<a href="https://shop.example/{place}" target="_blank">{words[place % 5]}</a>'
    )
    words[-3] = f"<strong>{words[-3]}</strong>"
    extra = (
        '<figure><img src="https://img.example/x.jpg" alt=""></figure>' if place % 3 == 0 else ""
    )
    return f'<p class="wp-block-paragraph">{" ".join(words)}</p>{extra}\n'


def _rss(paper: _Paper, *, bodies: bool = True, charset: str = "utf-8") -> tuple[bytes, str, str]:
    items = "".join(
        f"<item><title>{escape(item.title)}</title><link>{escape(item.link)}</link>"
        f'<guid isPermaLink="false">{escape(item.guid)}</guid>'
        f"<pubDate>{format_datetime(item.published)}</pubDate>"
        f"<dc:creator><![CDATA[{item.author}]]></dc:creator>"
        + "".join(f"<category><![CDATA[{tag}]]></category>" for tag in item.tags)
        + f"<description>{escape(f'<p>{item.standfirst}</p>')}</description>"
        + (f"<content:encoded><![CDATA[{item.body}]]></content:encoded>" if bodies else "")
        + (
            f'<media:content url={quoteattr(item.image)} medium="image" width="1200"/>'
            if item.image
            else ""
        )
        + "</item>"
        for item in paper.items
    )
    language = f"<language>{paper.language}</language>" if paper.language else ""
    document = (
        f'<?xml version="1.0" encoding="{charset}"?>'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>{escape(paper.title)}</title><link>{paper.site}</link>"
        f"<description>News</description>{language}{items}</channel></rss>"
    )
    return document.encode(charset, "xmlcharrefreplace"), "application/rss+xml", "xml"


def _atom(paper: _Paper) -> tuple[bytes, str, str]:
    language = f' xml:lang="{paper.language}"' if paper.language else ""
    entries = "".join(
        f"<entry><title>{escape(item.title)}</title>"
        f'<link rel="alternate" href={quoteattr(item.link)}/><id>tag:{escape(item.guid)}</id>'
        f"<published>{item.published.isoformat()}</published>"
        f"<updated>{item.published.isoformat()}</updated>"
        f"<author><name>{item.author}</name></author>"
        + "".join(f"<category term={quoteattr(tag)}/>" for tag in item.tags)
        + f"<summary>{escape(item.standfirst)}</summary>"
        f'<content type="html">{escape(item.body)}</content></entry>'
        for item in paper.items
    )
    document = (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"{language}>'
        f"<title>{escape(paper.title)}</title><id>{paper.site}</id>"
        f'<link href="{paper.site}"/><updated>{paper.items[0].published.isoformat()}</updated>'
        f"{entries}</feed>"
    )
    return document.encode(), "application/atom+xml; charset=utf-8", "xml"


def _rdf(paper: _Paper) -> tuple[bytes, str, str]:
    items = "".join(
        f"<item rdf:about={quoteattr(item.link)}><title>{escape(item.title)}</title>"
        f"<link>{escape(item.link)}</link><dc:date>{item.published.isoformat()}</dc:date>"
        f"<dc:creator>{item.author}</dc:creator>"
        f"<description>{escape(item.standfirst)}</description>"
        f"<content:encoded><![CDATA[{item.body}]]></content:encoded></item>"
        for item in paper.items
    )
    places = "".join(f"<rdf:li rdf:resource={quoteattr(item.link)}/>" for item in paper.items)
    document = (
        '<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f'<channel rdf:about="{paper.site}"><title>{escape(paper.title)}</title>'
        f"<link>{paper.site}</link><description>News</description>"
        f"<items><rdf:Seq>{places}</rdf:Seq></items></channel>{items}</rdf:RDF>"
    )
    return document.encode(), "application/xml", "xml"


def _json(paper: _Paper) -> tuple[bytes, str, str]:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.title,
        "home_page_url": paper.site,
        **({"language": paper.language} if paper.language else {}),
        "items": [
            {
                "id": item.guid,
                "url": item.link,
                "title": item.title,
                "summary": item.standfirst,
                "content_html": item.body,
                "date_published": item.published.isoformat(),
                "authors": [{"name": item.author}],
                "tags": list(item.tags),
                **({"image": item.image} if item.image else {}),
            }
            for item in paper.items
        ],
    }
    return json.dumps(document, ensure_ascii=False).encode(), "application/feed+json", "json"


WRITERS: dict[str, Callable[[_Paper], tuple[bytes, str, str]]] = {
    "rss": _rss,
    "bare": lambda paper: _rss(paper, bodies=False),
    "latin": lambda paper: _rss(paper, charset="iso-8859-1"),
    "atom": _atom,
    "rdf": _rdf,
    "json": _json,
}
