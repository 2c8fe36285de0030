"""`onnews labels export` on both databases, and the training that takes what it writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.db.database import Database
from storage.desk.amendments import Amendments
from storage.desk.labels import add_label
from storage.migrations.open_migrated import open_migrated
from storage.model import StoryKind
from tests.plugins.archive import Archive
from train import headline_rows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.bot.conftest import Terminal

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EDITOR = 987_654_321


@pytest.fixture
async def url(database_url: str) -> str:
    """The address of a database with an article that editors refiled twice."""
    database = Database(database_url)
    await open_migrated(database)
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
