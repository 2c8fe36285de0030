"""`onnews import`: four formats, imported once, without deliveries, and resumed after a kill.
`onnews backup` and `restore`, and which database a command uses.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import os
import socket
import stat
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.cli.cli import main
from bot.composition import Archive
from bot.configuration.settings import Settings
from news.sources.defaults import defaults
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


SOURCES = len(defaults()) + 1
"""The number of default sources, and one source of the test."""


class CommandLine:
    """A folder in which commands run inside this process; a new process takes a second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str | None] = {
            "TELEGRAM_BOT_TOKEN": "1234567:a-token-of-nobody",
            "DATABASE_URL": f"sqlite:///{folder}/onnews.db",
        }

    def run(self, *words: str, status: int = 0, database: str | None = None, **env: str) -> str:
        here = {**self.env, **env, **({"DATABASE_URL": database} if database else {})}
        result = CliRunner().invoke(main, words, env=here, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result.output


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.process.logs.configure", lambda *_: None)
    # So that none of the project's own is read.
    (tmp_path / ".env").touch(mode=0o600)
    return CommandLine(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def shown(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_writing_a_backup_does_not_replace_a_pipe_or_socket(command_line: CommandLine) -> None:
    command_line.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    os.mkfifo(command_line.folder / "pipe")
    reader = os.open(command_line.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert f"the backup has {SOURCES} sources" in command_line.run("backup", "pipe")
        content = os.read(reader, 65_536)
    finally:
        os.close(reader)
    assert (command_line.folder / "pipe").is_fifo()
    (command_line.folder / "piped.backup").write_bytes(content)
    new = f"sqlite:///{command_line.folder}/new.db"
    assert f"{SOURCES} sources" in command_line.run("restore", "piped.backup", database=new)
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind("socket")
        line = command_line.run("backup", "socket", status=1)
    assert "socket cannot be written (No such device or address)" in line
    assert line.count("\n") == 1
    assert (command_line.folder / "socket").is_socket()


def test_restore_refuses_other_files_in_one_line(command_line: CommandLine) -> None:
    command_line.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    command_line.run("backup", "whole.backup")
    whole = (command_line.folder / "whole.backup").read_bytes()
    (command_line.folder / "half.backup").write_bytes(whole[: len(whole) // 2])
    (command_line.folder / "text.backup").write_text("hello")
    new = f"sqlite:///{command_line.folder}/new.db"
    for name, why in {
        "half.backup": "it is incomplete",
        "text.backup": "it is not a backup of ON News",
        "none.backup": "there is no file none.backup",
        ".": ". is a folder; name a backup in it",
    }.items():
        line = command_line.run("restore", name, status=1, database=new)
        assert why in line
        assert line.count("\n") == 1
    assert "0 sources: none yet" in command_line.run("sources", "list", database=new)
    assert f"{SOURCES} sources" in command_line.run("restore", "whole.backup", database=new)
    text = command_line.run("backup", "nowhere/file", status=1)
    assert "cannot be written (No such file or directory)" in text
    assert "is a folder; name a file in it" in command_line.run("backup", ".", status=1)


def test_a_backup_replaces_an_earlier_one_and_no_other_file(command_line: CommandLine) -> None:
    command_line.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    nightly = command_line.folder / "nightly.backup"
    command_line.run("backup", nightly.name)
    whole = nightly.read_bytes()
    newer = gzip.decompress(whole).replace(b'"format":1', b'"format":2', 1)
    others = {
        "notes.txt": (b"what I know", "not a backup of ON News"),
        "photos.gz": (gzip.compress(b"photos"), "not a backup of ON News"),
        "newer.backup": (gzip.compress(newer), "a backup of a newer version of ON News"),
    }
    for name, (content, why) in others.items():
        (command_line.folder / name).write_bytes(content)
        line = command_line.run("backup", name, status=1)
        assert line.startswith(f"Error: {name} is {why}")
        assert line.endswith("name another file\n")
        assert line.count("\n") == 1
        assert (command_line.folder / name).read_bytes() == content
    command_line.run("sources", "add", "--unchecked", "Two", "http://two.example/feed")
    # An unfinished backup or an empty file has nothing to lose.
    for before in (whole, whole[: len(whole) // 2], b""):
        nightly.write_bytes(before)
        assert f"{SOURCES + 1} sources" in command_line.run("backup", nightly.name)
    new = f"sqlite:///{command_line.folder}/new.db"
    assert f"{SOURCES + 1} sources" in command_line.run("restore", nightly.name, database=new)


def test_a_reading_command_creates_no_database(command_line: CommandLine, closed_port: int) -> None:
    before = shown(command_line.folder)
    for words in (
        ("sources", "list"),
        ("sources", "export", "-", "--format", "toml"),
        ("explain", "https://one.example"),
        ("digest", "cost"),
        ("deliveries",),
        ("backup", "file"),
    ):
        line = command_line.run(*words, status=1)
        assert f"There is no archive at {command_line.folder}/onnews.db" in line
        assert "--env-file" in line
        assert line.count("\n") == 1
    assert shown(command_line.folder) == before
    # What stores nothing needs none either.
    closed = f"http://127.0.0.1:{closed_port}/feed"
    line = command_line.run("sources", "test", closed, status=1, ALLOW_PRIVATE_SOURCES="true")
    assert "cannot be read" in line
    assert shown(command_line.folder) == before


def test_a_command_uses_the_database_of_the_named_settings_from_any_folder(
    command_line: CommandLine, caplog: pytest.LogCaptureFixture
) -> None:
    home = command_line.folder / "home"
    home.mkdir()
    env_file = home / ".env"
    env_file.touch(0o644)
    env_file.write_text("DATABASE_URL=sqlite:///var/mine.db\nEDITON_SIZE=5\n")
    command_line.env["DATABASE_URL"] = None
    named = ("--env-file", str(env_file))
    command_line.run(*named, "sources", "add", "--unchecked", "One", "http://one.example/feed")
    assert caplog.messages == [
        f"EDITON_SIZE in {env_file} is not a setting of ON News; did you mean EDITION_SIZE?",
        f"others on this machine can read {env_file}; chmod 600 {env_file}",
    ]
    assert "One" in command_line.run(*named, "sources", "list")
    assert shown(command_line.folder) == {".env", "home"}
    files = [home / "var", *(home / "var").iterdir()]
    assert {path.name for path in files} >= {"var", "mine.db"}
    assert all(mode(path) & 0o077 == 0 for path in files)
    line = command_line.run("--env-file", "nowhere", "sources", "list", status=1)
    assert line == "Error: --env-file: there is no file nowhere; name an existing .env\n"


def test_files_that_others_could_read_are_made_private(command_line: CommandLine) -> None:
    command_line.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    database = command_line.folder / "onnews.db"
    assert mode(database) == 0o600
    database.chmod(0o644)
    command_line.run("sources", "list")
    assert mode(database) == 0o600
