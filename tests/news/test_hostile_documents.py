"""Hostile documents: each is read or refused with a reason in time, and the next one is read.

All go through a real worker, as in the bot.
"""

from __future__ import annotations

import contextlib
import json
import random
from typing import TYPE_CHECKING

import pytest

from news import documents
from news.entry import Parsed, Reading, UnreadableError
from news.html import markup
from news.parse import MAX_ENTRIES
from tests.news.conftest import NOW, sample
from workers.pool import WorkerError

if TYPE_CHECKING:
    from workers.pool import Workers

SECONDS = 60.0
DICE = random.Random(2017)  # noqa: S311 — the same garbage every time
HEAD = "<rss version='2.0'><channel><title>T</title><link>https://example.com/</link>"
TAIL = "</channel></rss>"
GOOD = "<item><title>A good item</title><link>https://example.com/good</link></item>"
REAL = sample("newsrooms/feed_lexus_newsroom.xml")


def feed(inner: str, start: str = "") -> bytes:
    return (start + HEAD + inner + TAIL).encode("utf-8", "replace")


def item(**fields: str) -> str:
    words = {"title": "Bad", "link": "https://example.com/bad", **fields}
    return (
        "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in words.items()) + "</item>"
    )


def entities(levels: int, width: int) -> str:
    rows = ["<!ENTITY e0 'ha'>"]
    rows += [f"<!ENTITY e{n} '{f'&e{n - 1};' * width}'>" for n in range(1, levels)]
    return f"<?xml version='1.0'?><!DOCTYPE rss [{''.join(rows)}]>"


JSON: list[object] = [
    None,
    7,
    [],
    {},
    {"url": 7},
    {"id": {}, "title": []},
    {"url": "data:x", "title": "x"},
    {"url": "https://example.com/x", "title": "\ud800"},
    {"url": "https://example.com/good", "title": "A good item", "tags": "x", "attachments": 7},
    {"url": "https://example.com/2", "title": "2", "authors": {"name": "x"}, "date_published": 7},
]
# Each brings harm and one good item, which must survive.
BESIDE_GOOD: dict[str, bytes] = {
    "billion laughs": feed(item(title="&e9;") + GOOD, entities(10, 10)),
    "quadratic blow-up": feed(
        item(title="&e0;" * 20_000) + GOOD,
        f"<!DOCTYPE rss [<!ENTITY e0 '{'x' * 20_000}'>]>",
    ),
    "entity of itself": feed(item(title="&a;") + GOOD, "<!DOCTYPE rss [<!ENTITY a '&a;'>]>"),
    "external entity": feed(
        item(title="&x;") + GOOD, "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    ),
    "external address": feed(
        item(title="&x;") + GOOD, "<!DOCTYPE rss [<!ENTITY x SYSTEM 'http://127.0.0.1:9/'>]>"
    ),
    "parameter entity": feed(
        GOOD, "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>"
    ),
    "external dtd": feed(GOOD, "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>"),
    "xinclude": feed(
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>" + GOOD
    ),
    "stylesheet": feed(GOOD, "<?xml-stylesheet href='file:///etc/passwd'?>"),
    "script title": feed(item(title="&lt;script&gt;alert(1)&lt;/script&gt;Bad") + GOOD),
    "script link": feed(item(link="javascript:alert(1)") + GOOD),
    "data link": feed(item(link="data:text/html,hello") + GOOD),
    "file link": feed(item(link="file:///etc/passwd") + GOOD),
    "long link": feed(item(link="https://example.com/" + "a" * 100_000) + GOOD),
    "long title": feed(item(title="word " * 100_000) + GOOD),
    "long word": feed(item(title="x" * 500_000) + GOOD),
    "long guid": feed(item(guid="g" * 500_000) + GOOD),
    "long author": feed(item(author="a" * 500_000) + GOOD),
    "many tags": feed(item(description="x") + GOOD + "<category>c</category>" * 20_000),
    "tags of an item": feed(
        "<item><title>Bad</title><link>https://example.com/b</link>"
        + "<category>c</category>" * 20_000
        + "</item>"
        + GOOD
    ),
    "long date": feed(item(pubDate="1" * 100_000) + GOOD),
    "date of dots": feed(item(pubDate="1." * 200) + GOOD),
    "date of blanks": feed(item(pubDate="1" + " " * 50_000 + "June") + GOOD),
    "lifetime that is no number": feed("<ttl>\u00b2</ttl>" + GOOD),
    "widths that are no numbers": feed(
        "<item xmlns:media='http://search.yahoo.com/mrss/'><title>Bad</title>"
        "<link>https://example.com/bad</link><media:content url='/1.jpg' medium='image' "
        f"width='\u00b2'/><media:thumbnail url='/2.jpg' width='{'9' * 5_000}'/></item>" + GOOD
    ),
    "picture of no size": feed(
        item(description="&lt;img src='/x.jpg' width='\u00b2'&gt; in words") + GOOD
    ),
    "year 0": feed(item(pubDate="0000-00-00T00:00:00Z") + GOOD),
    "year 9999": feed(item(pubDate="9999-12-31T23:59:59-14:00") + GOOD),
    "nested markup": feed(item(description="<![CDATA[" + "<div>" * 50_000 + "]]>") + GOOD),
    "nested formatting": feed(item(description="<![CDATA[" + "<b><i>" * 30_000 + "]]>") + GOOD),
    "tables": feed(item(description="<![CDATA[" + "<table><tr><td>" * 20_000 + "]]>") + GOOD),
    "open tags": feed(item(description="<![CDATA[" + "<a " * 100_000 + "]]>") + GOOD),
    "angles": feed(item(description="<![CDATA[" + "<" * 300_000 + "]]>") + GOOD),
    "ampersands": feed(item(description="&" * 300_000) + GOOD),
    "escapes of escapes": feed(item(description="&amp;" * 1 + "amp;" * 60_000) + GOOD),
    "comments": feed("<!--" + "-" * 100_000 + "-->" + GOOD),
    "blank run": feed(item(description=" " * 500_000 + "x") + GOOD),
    "lines": feed(item(description="\n " * 250_000) + GOOD),
    "control characters": feed(item(title="".join(map(chr, range(1, 32)))) + GOOD),
    "character references": feed(item(title="&#0;&#1;&#xFFFF;&#xD800;&#x110000;Bad") + GOOD),
    "right to left": feed(item(title="\u202egnp.exe\u2066") + GOOD),
    "zalgo": feed(item(title="a" + "\u0301" * 50_000) + GOOD),
    "many pictures": feed(
        item(description="<![CDATA[" + "<img src='/pixel.gif'>" * 20_000 + "]]>") + GOOD
    ),
    "same link 1,000 times": feed(item() * 1_000 + GOOD),
    "same id 1,000 times": feed(
        "".join(item(guid="1", link=f"https://example.com/{n}") for n in range(100)) + GOOD
    ),
    "bare ampersand": feed(item(title="Dolce & Gabbana") + GOOD),
    "undeclared prefix": feed("<foo:bar>x</foo:bar>" + GOOD),
    "unclosed item": feed(GOOD + "<item><title>Bad"),
    "attribute flood": feed("<item " + " ".join(f"a{n}='x'" for n in range(20_000)) + "/>" + GOOD),
    "namespaces": feed("".join(f"<x{n}:y xmlns:x{n}='urn:{n}'/>" for n in range(5_000)) + GOOD),
    "wrong charset": feed(GOOD, "<?xml version='1.0' encoding='utf-16'?>"),
    "no such charset": feed(GOOD, "<?xml version='1.0' encoding='klingon'?>"),
    "codec that is no charset": feed(GOOD, "<?xml version='1.0' encoding='zlib'?>"),
    "broken bytes": feed(item(title="XX") + GOOD).replace(b"XX", b"\xff\xfe\xc3"),
    "nul bytes": feed(GOOD).replace(b"<channel>", b"\0<channel>\0"),
    "utf-7": feed(item(title="+ADw-script+AD4-") + GOOD, "<?xml version='1.0' encoding='utf-7'?>"),
    "json beside": json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "items": JSON}
    ).encode(),
}

HARM_ALONE: dict[str, bytes] = {
    "nothing": b"",
    "nul": b"\0" * 100_000,
    "garbage": DICE.randbytes(200_000),
    "garbage that begins well": b"<?xml version='1.0'?><rss>" + DICE.randbytes(200_000),
    "half a feed": REAL[: len(REAL) // 2],
    "a feed with holes": b"".join(REAL[at : at + 900] for at in range(0, len(REAL), 1_000)),
    "a feed backwards": REAL[::-1],
    "nested elements": feed("<a>" * 200_000),
    "nested items": feed("<item>" * 50_000),
    "50,000 items": feed(
        "".join(item(link=f"https://example.com/{n}", title=f"N {n}") for n in range(50_000))
    ),
    "10 MB of text": feed(item(description="word " * 2_000_000)),
    "10 MB without a tag": b"<rss " + b"x" * 10_000_000,
    "open angles": b"<rss>" + b"<" * 1_000_000,
    "open comments": b"<rss>" + b"<!--" * 250_000,
    "open cdata": b"<rss>" + b"<![CDATA[" * 100_000,
    "open doctype": b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 50_000,
    "doctypes": b"<!DOCTYPE rss>" * 50_000 + b"<rss/>",
    "blanks": b" " * 5_000_000,
    "json nesting": b"[" * 1_000_000,
    "json nesting of objects": b'{"items":' * 100_000,
    "json number": b'{"items":[{"id":' + b"9" * 1_000_000 + b"}]}",
    "json items of nothing": b'{"items":[' + b"0," * 500_000 + b"0]}",
    "wall": b"<html><head><title>Just a moment...</title></head>" + b"<div>" * 100_000,
    "html": b"<!doctype html><html>" + b"<p>" * 500_000,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "sitemap flood": b"<urlset>" + b"<url><loc>https://example.com/x</loc></url>" * 50_000,
    "sitemap nesting": b"<urlset>" + b"<url>" * 50_000,
    "sitemap of itself": b"<sitemapindex>"
    + b"<sitemap><loc>https://example.com/feed</loc></sitemap>" * 9,
    "sitemap entities": (entities(10, 10) + "<urlset><url><loc>&e9;</loc></url></urlset>").encode(),
    "pickle": b"\x80\x04\x95\x1c\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
    "path": b"/etc/passwd",
    "address": b"http://127.0.0.1:9/feed",
}


BLANKS = " " * 200_000
ATTRIBUTES = " ".join(f'a{number}="x"' for number in range(60_000))
# Each took time by the square of its length, and its worker was killed for it.
BY_THE_SQUARE: dict[str, tuple[str, bytes]] = {
    "link": ("feed", feed(item(link=f"https://example.com/x{BLANKS}y"))),
    "guid": ("feed", feed(item(link="", guid=f"https://example.com/x{BLANKS}y"))),
    "enclosure": ("feed", feed(f"<item><title>Bad</title><enclosure url='x{BLANKS}y'/></item>")),
    "open tag": ("feed", feed(item(description="&lt;/" + "a" * 200_000))),
    "open pictures": ("feed", feed(item(description="&lt;img " * 100_000))),
    "attributes of an item": ("feed", feed(f"<item {ATTRIBUTES}><title>Bad</title></item>")),
    "letters before one of Latin-1": ("feed", feed("").replace(b"T", b"a" * 200_000 + b"\xe9", 1)),
    "json": (
        "feed",
        json.dumps({"items": [{"url": f"https://example.com/{BLANKS}y", "title": "x"}]}).encode(),
    ),
    "wrapping": ("page", f"<script type='application/ld+json'><!--{BLANKS}{{</script>".encode()),
    "type": ("page", f'<script type="application/ld+json">{{"@type"{BLANKS}:{BLANKS}'.encode()),
    "variable": ("page", f"<p>x</p><script>var{BLANKS}x = {{</script>".encode()),
    "address": ("page", f"<p>x</p><a href='{BLANKS}x'>A page of ours</a>".encode()),
    "date": ("page", f"<span class='date'>2026-11-20{' ,' * 100_000}</span>".encode()),
    "titles": ("page", b"<title" * 100_000 + b"<p>x</p>"),
    "attributes of a page": ("page", f"<p>x</p><div {ATTRIBUTES}>x</div>".encode()),
}


@pytest.mark.parametrize("name", BY_THE_SQUARE)
async def test_once_quadratic_documents_are_parsed_in_time(workers: Workers, name: str) -> None:
    kind, document = BY_THE_SQUARE[name]
    reading = Reading("https://example.com/feed", kind=kind)
    with contextlib.suppress(UnreadableError):
        await workers.run(documents.read, document, reading, NOW, timeout=600.0, processor=5)


@pytest.mark.parametrize(
    "again", ["<p>a</p>", "<br>", "<hr>", "<li><p>a", "<b><p></b><i><p></i>", "<a href=x>"]
)
async def test_a_page_of_countless_elements_is_read_up_to_a_limit(
    workers: Workers, again: str
) -> None:
    words = "".join(f"<p>The {n}th sentence of a text that is long enough.</p>" for n in range(9))
    page = f"<html><body><article><h1>Gucci opens</h1>{words}</article>{again * 100_000}"

    tree = markup.tree_of(page)
    reading = Reading("https://example.com/1")
    # Time by the square of the paragraphs would exceed this limit.
    read = await workers.run(
        documents.read_page, page.encode(), reading, NOW, timeout=600.0, processor=5
    )

    assert sum(1 for _ in tree.iter()) == markup.MOST_ELEMENTS
    assert read.title == "Gucci opens"
    assert "The 8th sentence" in (read.body or "")


def test_at_least_sixty_hostile_documents_are_tried() -> None:
    assert len(BESIDE_GOOD) + len(HARM_ALONE) >= 60


async def _read(
    workers: Workers, document: bytes, kind: str = "feed"
) -> Parsed | UnreadableError | WorkerError:
    reading = Reading("https://example.com/feed", kind=kind)
    try:
        return await workers.run(documents.read, document, reading, NOW, timeout=SECONDS)
    except (UnreadableError, WorkerError) as error:
        return error


def _is_harmless(parsed: Parsed) -> None:
    assert len(parsed.entries) <= MAX_ENTRIES
    for entry in parsed.entries:
        words = "\n".join((entry.title, entry.standfirst, entry.body or "", entry.author or ""))
        assert "root:x:" not in words
        assert "haha" not in words
        assert entry.title
        assert len(entry.title) <= 300
        assert len(entry.link) <= 2000
        assert len(entry.guid) <= 2000
        assert entry.link.startswith(("http://", "https://"))
        words.encode()


@pytest.mark.parametrize("name", BESIDE_GOOD)
async def test_a_good_item_survives_beside_hostile_ones(workers: Workers, name: str) -> None:
    parsed = await _read(workers, BESIDE_GOOD[name])
    assert isinstance(parsed, Parsed), parsed
    _is_harmless(parsed)
    assert "https://example.com/good" in {entry.link for entry in parsed.entries}


@pytest.mark.parametrize("name", HARM_ALONE)
async def test_hostile_feeds_are_read_or_refused_in_time(workers: Workers, name: str) -> None:
    result = await _read(workers, HARM_ALONE[name])
    if isinstance(result, Parsed):
        _is_harmless(result)


@pytest.mark.parametrize("name", ["garbage", "html", "open angles", "wall", "50,000 items"])
async def test_hostile_pages_are_read_or_refused_in_time(workers: Workers, name: str) -> None:
    result = await _read(workers, HARM_ALONE[name], "page")
    if isinstance(result, Parsed):
        _is_harmless(result)


async def test_an_honest_feed_is_read_after_hostile_ones(workers: Workers) -> None:
    parsed = await _read(workers, REAL)
    assert isinstance(parsed, Parsed)
    assert len(parsed.entries) == 12
