"""`onnews sources` and the health that it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bot.cli.sources.table import ago
from bot.watching.source_health import SourceMonitor
from storage.articles.articles import Articles
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import Check, Filing, NewArticle, NewSource, Round, Source
from storage.sources.sources import SourceActivity, Sources

if TYPE_CHECKING:
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
            NewArticle(
                guid=str(day),
                link=f"https://{slug}.example/{day}",
                title=f"{name} {day}",
                standfirst="",
                body=None,
                image=None,
                author=None,
                language="en",
                published=now() - day * DAY,
                filings=(Filing(category, "test"),),
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
    database = Database(terminal.env["DATABASE_URL"])
    await open_migrated(database)
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
