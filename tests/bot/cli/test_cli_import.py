"""`onnews import`: four formats, imported once, without deliveries, and resumed after a kill."""

from __future__ import annotations

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import func, select

from bot.composition import Archive
from bot.configuration.settings import Settings
from storage.articles.article_filters import SearchFilter
from storage.tables.ledger_schema import deliveries
from storage.tables.schema import articles

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.conftest import Terminal

FIRST = datetime(2009, 3, 2, 9, tzinfo=UTC)
COUNT = 130
TITLES = ("Bentley opens a salon in Verona", "Gucci shows a garden of silk", "A yacht for two")
BODY = (
    "The doors opened on a grey morning, and the first guests came before nine.",
    "It is the third house of this kind in the country, and will not be the last.",
)


def published(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def title(number: int) -> str:
    return f"{TITLES[number % 3]}, part {number}"


def wordpress(path: Path) -> None:
    """Return an export of WordPress 6: raw texts, and much besides the published posts."""

    def item(number: int, status: str = "publish", kind: str = "post", more: str = "") -> str:
        text = "<em>" + "</em>\n\n<em>".join(BODY) + "</em> <!-- <wp:status>draft</wp:status> -->"
        return f"""<item><title><![CDATA[{title(number)}]]></title>
<link>https://on-news.example/?p={number}</link>
<pubDate>{format_datetime(published(number))}</pubDate><dc:creator><![CDATA[anna]]></dc:creator>
<guid isPermaLink="false">https://on-news.example/?p={number}</guid><description></description>
<content:encoded><![CDATA[{text}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:status><![CDATA[{status}]]></wp:status>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>
<category domain="category" nicename="v"><![CDATA[Viaggi & gusto]]></category>{more}</item>"""

    thumbnail = (
        "<wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key>"
        "<wp:meta_value><![CDATA[9001]]></wp:meta_value></wp:postmeta>"
    )
    picture = "<wp:attachment_url><![CDATA[https://on-news.example/a.jpg]]></wp:attachment_url>"
    items = [item(number, more=thumbnail if number == 1 else "") for number in range(COUNT)]
    items += [item(5000 + number, "draft") for number in range(3)]
    items += [item(6000, kind="page"), item(9001, "inherit", "attachment", picture)]
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8" ?><!-- WordPress eXtended RSS -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>ON News</title><link>https://on-news.example</link><language>en-US</language>
<wp:category><wp:cat_name><![CDATA[Viaggi]]></wp:cat_name></wp:category>
{"".join(items)}</channel></rss>""",
        encoding="utf-8",
    )


def atom(path: Path) -> None:
    entries = "".join(
        f"<entry><title>{title(number)}</title><id>urn:{number}</id>"
        f'<link href="/{number}.html"/><updated>{published(number).isoformat()}</updated>'
        f'<content type="html">{escape("".join(f"<p>{one}</p>" for one in BODY))}</content></entry>'
        for number in range(COUNT)
    )
    path.write_text(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title>{entries}</feed>',
        encoding="utf-8",
    )


def json_feed(path: Path) -> None:
    items = [
        {
            "id": str(number),
            "url": f"https://on-news.example/{number}",
            "title": title(number),
            "content_html": "".join(f"<p>{one}</p>" for one in BODY),
            "date_published": published(number).isoformat(),
        }
        for number in range(COUNT)
    ]
    path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}))


def table(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Data", "Titolo", "Link", "Testo", "Categorie"])
        for number in range(COUNT):
            link = f"https://on-news.example/{number}"
            when = f"{published(number):%Y-%m-%d}"
            text = "\n\n".join(BODY)
            writer.writerow([when, title(number), link, text, "Viaggi & gusto, Moda"])
        writer.writerow(["2010-01-01", "", "https://on-news.example/none", "", ""])


FORMS = {"wordpress.xml": wordpress, "atom.xml": atom, "feed.json": json_feed, "table.csv": table}


async def of(terminal: Terminal) -> Archive:
    opened = Archive(Settings(database_url=terminal.env["DATABASE_URL"]))
    await opened.open()
    return opened


@pytest.mark.parametrize("name", FORMS)
async def test_an_old_archive_is_imported_once_and_searchable(
    terminal: Terminal, name: str
) -> None:
    terminal.make()
    file = terminal.folder / name
    FORMS[name](file)
    mapping = terminal.folder / "categories.toml"
    mapping.write_text('"viaggi & gusto" = "tourism"\n"Moda" = ""\n')
    words = ("import", name, "--site", "https://on-news.example", "--categories", mapping.name)
    shown = await terminal.run(*words)
    assert f"{COUNT} new articles; 0 were known already" in shown
    if name == "wordpress.xml":
        assert "3 draft" in shown
        assert "1 page" in shown
        assert "1 picture" in shown
    if name == "table.csv":
        assert "1 no title" in shown
    assert f"0 new articles; {COUNT} were known already" in await terminal.run(*words)

    opened = await of(terminal)
    try:
        async with opened.database.reading() as connection:
            rows = (
                await connection.execute(
                    select(articles).where(articles.c.link.contains("on-news.example"))
                )
            ).all()
            assert await connection.scalar(select(func.count()).select_from(deliveries)) == 0
        assert len(rows) == COUNT
        assert all(row.imported and row.backlog for row in rows)
        assert {row.published.date() for row in rows} == {
            published(number).date() for number in range(COUNT)
        }
        assert sum("bentley" in row.categories for row in rows) >= COUNT // 3
        if name in {"wordpress.xml", "table.csv"}:
            assert all("tourism" in row.categories for row in rows)
            assert not any(row.categories.split()[0] != "tourism" for row in rows)
        if name == "wordpress.xml":
            assert [row.image for row in rows if row.title == title(1)] == [
                "https://on-news.example/a.jpg"
            ]
        one = next(row for row in rows if row.title == title(7))
        body = await opened.articles.body(one.id)
        assert body is not None
        assert body.text == "\n\n".join(BODY)
        # To a source's first round the archive is as new as before.
        assert await opened.articles.begun() is None
        # The table has days, no times.
        since = SearchFilter(since=published(100).replace(hour=0, minute=0))
        later = await opened.articles.search("part", limit=COUNT, only=since)
        assert len(later) == COUNT - 100
        found = await opened.articles.search("garden silk part 7", limit=5)
        assert title(7) in [article.title for article in found]
    finally:
        await opened.close()


async def test_an_interrupted_import_is_continued(terminal: Terminal) -> None:
    terminal.make()
    atom(terminal.folder / "atom.xml")
    words = ("import", "atom.xml", "--site", "https://on-news.example")
    process = await terminal.start(*words)
    opened = await of(terminal)
    try:
        count = select(func.count()).select_from(articles)
        while True:
            async with opened.database.reading() as connection:
                stored = await connection.scalar(count)
            if stored or process.returncode is not None:
                break
            await asyncio.sleep(0.01)
        process.kill()
        await process.wait()
        shown = await terminal.run(*words)
        async with opened.database.reading() as connection:
            assert await connection.scalar(count) == COUNT
        assert "new articles" in shown
        assert stored
    finally:
        await opened.close()


async def test_an_article_that_no_reader_reads_is_named_and_the_others_are_imported(
    terminal: Terminal,
) -> None:
    terminal.make()
    deep = f"<description>{'<a>' * 400}x{'</a>' * 400}</description>"
    items = [
        f"<item><title>{title(number)}</title><link>https://on-news.example/{number}</link>"
        f"<pubDate>{format_datetime(published(number))}</pubDate>"
        f"{deep if number == 2 else ''}</item>"
        for number in range(5)
    ]
    (terminal.folder / "file").write_text(f"<rss><channel>{''.join(items)}</channel></rss>")
    shown = await terminal.run("import", "file")
    assert "4 new articles; 0 were known already" in shown
    assert "1 nested too deep" in shown


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "is empty"),
        ("<html><body>Blog</body></html>", "is a web page"),
        ("nothing to see", "is in no format that can be imported"),
        ('{"items": [', "is not complete JSON"),
        ('{"posts": []}', "has no list of items"),
        ("<rss><channel><title>x</title></channel></rss>", "holds no item"),
        ("<opml><body></body></opml>", "`onnews sources import` reads it"),
        ("headline;date\na;b\n", "is called link or url or permalink"),
        ("\0\x07\x1b[2J,\r\u202e" * 99, "is in no format that can be imported"),
    ],
)
async def test_import_refuses_an_unknown_file_and_says_what_to_do(
    terminal: Terminal, content: str, expected: str
) -> None:
    terminal.make()
    (terminal.folder / "file").write_text(content)
    assert expected in await terminal.run("import", "file", status=1)
    assert "import:" not in await terminal.run("sources", "list")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--language italian", "two letters, such as en"),
        ("--site on-news.example", "such as https://on-news.example"),
        ("--into nobody", "there is no source 'nobody'"),
    ],
)
async def test_import_refuses_an_option_that_affects_no_article(
    terminal: Terminal, words: str, expected: str
) -> None:
    json_feed(terminal.folder / "feed.json")
    assert expected in await terminal.run("import", "feed.json", *words.split(), status=1)


async def test_an_imported_file_is_a_source_that_is_never_polled(terminal: Terminal) -> None:
    terminal.make()
    await terminal.run("sources", "add", "--unchecked", "One", "https://one.example/feed")
    header = "headline,link,date\n"
    (terminal.folder / "old.csv").write_text(f"{header}A story of Gucci,/1,2012-01-01\n")
    # A second source of nothing new would only stand in the list.
    for name in ("Old", "Twice"):
        await terminal.run("import", "old.csv", "--name", name, "--site", "https://old.example")
    (row,) = (
        line for line in (await terminal.run("sources", "list")).splitlines() if "import:" in line
    )
    assert "import:Old" in row
    assert "resume" not in row
    for words in (("sources", "resume"), ("sources", "pause"), ("sources", "test"), ("fetch",)):
        line = await terminal.run(*words, "Old", status=1)
        assert line == "Error: Old was imported from a file and cannot be fetched\n"
    exported = await terminal.run("sources", "export", "-", "--format", "toml")
    assert "one.example" in exported
    assert "import:" not in exported


async def test_import_refuses_a_faulty_table_of_categories(terminal: Terminal) -> None:
    terminal.make()
    json_feed(terminal.folder / "feed.json")
    for text, expected in (
        ('"Moda" = "styl"\n', "which is not a category; did you mean style?"),
        ('"Moda" = 3\n', "needs one category in quotes"),
        ("Moda: style\n", "write lines such as"),
        ('"Novità" = "style"\n', "is not UTF-8 text; save it as UTF-8"),
    ):
        (terminal.folder / "t.toml").write_text(text, encoding="latin-1")
        words = ("import", "feed.json", "--categories", "t.toml")
        assert expected in await terminal.run(*words, status=1)
    assert "import:" not in await terminal.run("sources", "list")
