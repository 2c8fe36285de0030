"""`onnews sources` and the health that it shows. The advice for an address that a trial could not
read. `onnews labels export` on both databases, and the training that takes what it writes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bot.cli.sources.table import ago
from bot.cli.sources.trials import ADD_ANYWAY, trouble
from bot.watching.source_health import SourceMonitor
from news.sources.discover import Trial
from storage.articles.articles import Articles
from storage.db.database import Database
from storage.desk.amendments import Amendments
from storage.desk.labels import add_label
from storage.model import Check, NewSource, Round, Source, StoryKind
from storage.sources.sources import SourceActivity, Sources
from tests.plugins.archive import Archive
from tests.plugins.databases import migrated
from tests.plugins.records import a_new_article
from train import headline_rows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.bot.conftest import Terminal


@cache
def now() -> datetime:
    """Return the present moment, the same for the whole run.

    The commands use the real clock.
    """
    return datetime.now(UTC).replace(microsecond=0)


DAY = timedelta(days=1)


class Newsstand:
    """Sources with recorded checks, in a database."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sources = Sources(db)
        self.articles = Articles(db)

    async def daily(
        self, name: str, category: str, *, ended: int = 0, failed: str = "", days: int = 40
    ) -> Source:
        """Add a source with one story a day until some days ago, which then fails or is silent."""
        slug = name.replace(" ", "")
        source = await self.sources.add(
            NewSource(name, f"https://{slug}.example/feed", f"https://{slug}.example/"),
            now() - 90 * DAY,
        )
        stories = tuple(
            a_new_article(
                f"https://{slug}.example/{day}", f"{name} {day}", now() - day * DAY, category
            )
            for day in range(ended, days)
        )
        moment = now() - ended * DAY
        await self.articles.store_all([Round(source.id, moment, moment, 3600, stories)])
        await self.sources.checked_all(
            [Check(source.id, now() if not failed else moment, now(), 3600)]
        )
        if failed:
            await self.sources.checked_all(
                [Check(source.id, now(), now(), 3600, failures=9, error=failed)]
            )
        return source


async def test_sources_list_shows_the_health_of_each_source(db: Database) -> None:
    stand = Newsstand(db)
    await stand.daily("Fine", "motor")
    await stand.daily("Silent", "china", ended=9)
    await stand.daily("Walled", "style", ended=1, failed="wall page: captcha")
    look = await SourceMonitor(stand.sources, SourceActivity(db)).look(now())
    assert [(one.source.name, one.condition.value) for one in look.healths] == [
        ("Walled", "wall page"),
        ("Silent", "quiet"),
        ("Fine", "fine"),
    ]
    assert [(each.category, each.share) for each in look.thin] == [("style", 1.0), ("china", 1.0)]
    assert not look.cut_off


async def test_sources_in_trouble_are_listed_first_with_advice(terminal: Terminal) -> None:
    database = await migrated(terminal.env["DATABASE_URL"])
    stand = Newsstand(database)
    silent = await stand.daily("The [Silent]", "china", ended=9)
    walled = await stand.daily("Walled", "style", ended=2, failed="wall page: captcha")
    await stand.daily("A fine one", "motor")
    await database.close()
    for words in (("sources",), ("sources", "list")):
        shown = await terminal.run(*words)
        lines = shown.splitlines()
        assert "wall page for 2 days" in lines[1]
        assert f"onnews sources pause {walled.id}" in lines[1]
        assert "The [Silent]" in lines[2]
        assert "quiet for 9 days, usually 24 h at most" in lines[2]
        assert "onnews sources test https://The[Silent].example/" in lines[2]
        assert silent.url in lines[2]
        assert "1 wall page, 1 quiet" in lines[-2]
        assert lines[-1].endswith("Style (100%), China (100%)")


@pytest.mark.parametrize(
    ("minutes", "output"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (2879, "47 h"), (2880, "2 days"), (9999, "6 days")],
)
def test_ago_shows_a_span_in_its_largest_unit(minutes: int, output: str) -> None:
    assert ago(timedelta(minutes=minutes)) == output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("http://127.0.0.1/feed", "--unchecked"), "set ALLOW_PRIVATE_SOURCES=true"),
        (("https://me:secret@a.example/", "--unchecked"), "a name or password is not stored"),
        (("https://a.example/", "--unchecked", "--language", "klingon"), "two letters"),
    ],
)
async def test_sources_add_refuses_an_address_that_cannot_be_asked(
    terminal: Terminal, words: tuple[str, ...], why: str
) -> None:
    terminal.make()
    output = await terminal.run("sources", "add", *words, status=1, ALLOW_PRIVATE_SOURCES="false")
    assert why in output
    assert words[0] not in await terminal.run("sources", "list")


async def test_a_terminal_with_few_characters_gets_replacements(terminal: Terminal) -> None:
    await terminal.run("sources", "add", "Hermès 奢侈品", terminal.feed, "--unchecked")
    assert "Herm?s" in await terminal.run("sources", "list", PYTHONIOENCODING="ascii")
    assert "Hermès 奢侈品" in await terminal.run("sources", "list")


async def test_a_name_is_one_clean_line(terminal: Terminal) -> None:
    await terminal.run("sources", "add", "The\n\x1b[31mPaper", "https://a.example/", "--unchecked")
    assert "The [31mPaper" in await terminal.run("sources", "list")


async def test_text_that_is_neither_source_nor_address_is_not_looked_up(terminal: Terminal) -> None:
    output = await terminal.run("sources", "test", "Vouge", status=1)
    assert "there is no source 'Vouge'" in output
    assert "onnews sources list" in output


FEED = "https://one.example/blog/feed"
LOOK = "`onnews sources test https://one.example/` looks for a feed of its site"
NAME = "give the address of a feed, or of a page that lists articles"


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        ("not a feed: binary data", f"{NAME}; {LOOK}"),
        ("a page that announces no feed and lists no articles", f"{NAME}; {LOOK}"),
        ("", f"{NAME}; {LOOK}"),
        ("http 404: Not Found", f"check in a browser that the address is complete; {LOOK}"),
        ("http 403: Forbidden", f"it refuses programs; {LOOK}"),
        ("wall page: captcha", f"it refuses programs; {LOOK}"),
        ("http 503: Service Unavailable", f"try again later; {ADD_ANYWAY}"),
        ("timeout: no complete answer within 30 s", f"try again later; {ADD_ANYWAY}"),
        ("no such host: one.example", "check its spelling, and that this machine is online"),
        ("private address: 10.0.0.1", "for a source of your own, set ALLOW_PRIVATE_SOURCES=true"),
    ],
)
def test_each_failure_of_a_trial_says_what_to_do(problem: str, advice: str) -> None:
    line = trouble(Trial(FEED, problem=problem), ADD_ANYWAY)
    assert line == f"{FEED} cannot be read ({problem or 'it is empty'}); {advice}"


def test_advice_does_not_send_the_operator_to_the_same_front_page() -> None:
    line = trouble(Trial("https://one.example/", problem="http 403: Forbidden"))
    assert line == "https://one.example/ cannot be read (http 403: Forbidden); it refuses programs"


NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EDITOR = 987_654_321


@pytest.fixture
async def url(database_url: str) -> str:
    """The address of a database with an article that editors refiled twice."""
    database = await migrated(database_url)
    archive = await Archive.on(database)
    stored = await archive.store(
        archive.article(
            'A "night train" to 上海', standfirst="With cabins.", categories=("motor", "china")
        )
    )
    (article,) = await archive.articles.many(stored.new)

    def refile(connection: Connection) -> None:
        add_label(connection, article, EDITOR, NOW, categories=["style"])
        later = NOW + timedelta(hours=1)
        add_label(connection, article, None, later, categories=["tourism", "china"])

    await database.write(refile)
    await database.close()
    return database_url


async def test_labels_are_exported_without_the_editors_and_training_takes_them(
    terminal: Terminal, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "labels.jsonl"
    written = await terminal.run("labels", "export", str(file), DATABASE_URL=url)
    assert "2 labels written to" in written
    text = file.read_text("utf-8")
    assert str(EDITOR) not in text
    rows = [json.loads(line) for line in text.splitlines()]
    assert rows[0] == {
        "title": 'A "night train" to 上海',
        "standfirst": "With cabins.",
        "link": rows[0]["link"],
        "source": "Daily",
        "language": None,
        "from": ["motor", "china"],
        "to": ["style"],
        "at": "2026-11-24T09:30:00+00:00",
    }
    assert rows[1]["to"] == ["tourism", "china"]
    assert await terminal.run("labels", "export", DATABASE_URL=url) == text

    monkeypatch.setattr(headline_rows, "REAL", tmp_path / "real.jsonl")
    monkeypatch.setattr(headline_rows, "VOCABULARY", tmp_path / "vocabulary.txt")
    assert headline_rows.add(file) == 2
    (kept,) = headline_rows.real()
    assert "tourism" in (kept.sections or ())
    assert kept.trade is True
    assert kept.origin == "refiled by an editor (Daily)"
    assert "night" not in (tmp_path / "real.jsonl").read_text("utf-8")


async def test_a_kind_and_a_weight_are_exported_in_place_of_categories(
    terminal: Terminal, url: str
) -> None:
    database = Database(url)
    await database.open()
    amendments = Amendments(database)
    for chosen in ({"weight": 3.0}, {"kind": StoryKind.LAUNCH}):
        await amendments.weigh(1, person_id=EDITOR, now=NOW, **chosen)
    await database.close()
    written = await terminal.run("labels", "export", DATABASE_URL=url)
    rows = [json.loads(line) for line in written.splitlines()]
    assert [(each.get("kind"), each.get("weight"), "to" in each) for each in rows] == [
        (None, None, True),
        (None, None, True),
        (None, 3.0, False),
        ("launch", 3.0, False),
    ]


def test_a_label_without_a_section_says_nothing_about_the_trade() -> None:
    row = headline_rows.labelled({"title": "A title", "to": ["gucci"], "from": ["motor"]})
    assert (row["sections"], row["trade"]) == ([], None)
    assert headline_rows.labelled({"title": "A title", "to": []})["trade"] is None
    own = {"title": "A title", "sections": ["style"]}
    assert headline_rows.labelled(own) is own
