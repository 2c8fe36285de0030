"""The nightly work: backups that block nobody, and deleting old rows. What the rows of all
replicas say of the whole bot, in a line and as figures.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.doctor.findings import Severity
from bot.doctor.serving import state_by
from bot.watching.fleet import Fleet, ReplicaFigures
from bot.watching.metrics import ProcessFigures, exposition
from bot.watching.nightly import FAILED, NAME, Backups, Nightly, last_night
from storage.backup import decision_list
from storage.backup.write import UNFINISHED, check, until
from storage.db.database import Database
from storage.db.key_value import KeyValue
from storage.readers.privacy import tombstones
from storage.replicas.members import Member
from storage.replicas.roles import Role
from storage.retention import Keep, Retention
from storage.serving.heartbeat import Beat, LastBeat
from storage.serving.seen_replicas import SeenReplicas
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


ROME = ZoneInfo("Europe/Rome")
DAY = timedelta(days=1)
LONG_ENOUGH = 60


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-06-01T01:00+00:00", "2026-06-01T01:00+00:00"),
        ("2026-06-01T00:59+00:00", "2026-05-31T01:00+00:00"),
        ("2026-06-01T22:30+00:00", "2026-06-01T01:00+00:00"),
        ("2026-12-01T02:00+00:00", "2026-12-01T02:00+00:00"),
        ("2026-10-25T12:00+00:00", "2026-10-25T02:00+00:00"),
    ],
)
def test_the_last_night_is_computed_in_the_zone(now: str, night: str) -> None:
    assert last_night(datetime.fromisoformat(now), ROME) == datetime.fromisoformat(night)


def nightly(db: Database, folder: Path | None, *, articles: int = 0) -> Nightly:
    return Nightly(
        db,
        KeyValue(db),
        Retention(db, Keep(0, 0, articles, 0)),
        backups=None if folder is None else Backups(folder, 2),
        zone=ROME,
    )


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_each_night_has_one_backup_and_the_oldest_go(
    db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await (await Archive.on(db)).publish("One")
    folder = tmp_path / "made" / "for it"
    night = nightly(db, folder)
    for hour in range(0, 80, 4):  # three mornings
        await night.look(FIRST + timedelta(hours=hour))
    made = [NAME.format(FIRST + timedelta(hours=hour)) for hour in (44, 68)]
    beside = "beside the files of who was forgotten and of what was withdrawn"
    assert there(folder) == [tombstones.NAME, *made, decision_list.NAME], beside
    assert all(check(path).counts["articles"] == 1 for path in Backups(folder, 2).paths())
    assert caplog.text.count("was written") == 4
    assert not await KeyValue(db).get(FAILED)


async def test_a_failed_backup_is_logged_each_time_and_noted_until_one_succeeds(
    lite: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "backups"
    folder.write_text("in the way")
    night = nightly(lite, folder)
    for hour in range(4):
        await night.look(FIRST + timedelta(hours=hour))
    assert "cannot be written (File exists)" in (await KeyValue(lite).get(FAILED) or "")
    assert caplog.text.count("the nightly backup failed") == 4
    assert "Traceback" not in caplog.text
    folder.unlink()
    await night.look(FIRST + timedelta(hours=5))
    assert [path.name for path in Backups(folder, 2).paths()] == [
        NAME.format(FIRST + timedelta(hours=5))
    ]
    assert Backups(folder, 2).newest() == FIRST + timedelta(hours=5)
    assert not await KeyValue(lite).get(FAILED)


async def test_leftovers_of_a_killed_process_are_removed(lite: Database, tmp_path: Path) -> None:
    left = tmp_path / f"{UNFINISHED}{NAME.format(FIRST)}-0a"
    for name in (left.name, f"{UNFINISHED}mine"):
        (tmp_path / name).touch()
    (tmp_path / "onnews-mine.backup").mkdir()
    now = datetime.now(UTC)  # a file's time is the machine's
    await nightly(lite, tmp_path).look(now)
    assert left.name in there(tmp_path)
    await nightly(lite, tmp_path).look(now + 2 * DAY)
    assert left.name not in there(tmp_path)
    assert f"{UNFINISHED}mine" in there(tmp_path)


async def test_old_rows_are_deleted_nightly_without_backups_too(
    lite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    archive = await Archive.on(lite)
    await archive.publish("One", "Two")
    night = nightly(lite, None, articles=200)
    await night.look(FIRST + 199 * DAY)
    assert "deleted" not in caplog.text
    await night.look(FIRST + 201 * DAY)
    await night.look(FIRST + 201 * DAY)
    assert caplog.text.count("1 articles") == 1


async def test_copies_made_before_a_migration_are_deleted_after_a_week(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    database = Database(sqlite_url)
    await database.open()
    assert database.path is not None
    folder, name = database.path.parent, database.path.name
    ages = {f"{name}.revision-0001": 8, f"{name}.revision-0002": 6, f"{name}.revision-mine": 99}
    for other, days in ages.items():
        (folder / other).touch()
        made = (FIRST - days * DAY).timestamp()
        os.utime(folder / other, (made, made))
    await nightly(database, None).look(FIRST)
    await database.close()
    assert {each for each in ages if (folder / each).exists()} == {*ages} - {
        f"{name}.revision-0001"
    }
    assert f"{name}.revision-0001, a copy that an update made" in caplog.text


async def test_a_stop_cancels_a_backup_and_leaves_no_file(
    lite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await Archive.on(lite)).publish("One")
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    notified = threading.Event()

    def wait(stop: Callable[[], bool], batches: Iterator[Any]) -> Iterator[Any]:
        loop.call_soon_threadsafe(begun.set)
        while not stop():
            notified.wait(0.01)
        return until(stop, batches)

    monkeypatch.setattr("storage.backup.write.until", wait)
    task = asyncio.create_task(nightly(lite, tmp_path / "backups").look(FIRST))
    await asyncio.wait_for(begun.wait(), LONG_ENOUGH)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, LONG_ENOUGH)
    assert there(tmp_path / "backups") == [tombstones.NAME]


ALL = ",".join(Role)


def member(number: int, *, roles: str = ALL, sends: bool = False, version: str = "0.1.0") -> Member:
    return Member(number, f"web{number}:7", "", version, "", roles, 1, 4.0, sends)


def test_a_healthy_fleet_is_a_short_line() -> None:
    fleet = Fleet.of([member(1, sends=True), member(2)], {0: 1, 1: 2})
    assert fleet.line == "2 replicas, web1:7 sends"
    assert fleet.problems == []


def test_the_line_says_which_shards_are_free_and_which_versions_run() -> None:
    fleet = Fleet.of([member(1), member(2, version="0.2.0")], {0: None, 1: 1, 2: 99})
    assert fleet.line == (
        "2 replicas, none sends, 2 of 3 shards of chats are held by none, "
        "their versions differ: 0.1.0, 0.2.0"
    )


def test_each_role_that_no_replica_has_is_named() -> None:
    def problems(*members: Member) -> list[str]:
        return Fleet.of(members, {}).problems

    no_sender = "no replica sends or asks sources: none has the role send"
    nobody_answers = "no replica answers readers: none has the role answer"
    assert problems(member(1, roles="answer")) == [no_sender]
    assert problems(member(1, roles="send", sends=True)) == [nobody_answers]
    assert problems(member(1, roles="send", sends=True), member(2, roles="answer")) == []
    assert problems(member(1, roles="")) == [nobody_answers, no_sender]


def test_health_is_an_error_while_a_role_is_missing_or_none_sends() -> None:
    def health(seen: LastBeat | None, *members: Member, waiting: int = 0) -> tuple[Severity, str]:
        holders = dict.fromkeys(range(2), members[0].id)
        check = state_by(seen, SeenReplicas(members, holders, waiting)).check
        return check.state, check.detail

    fresh = LastBeat(Beat("serving", None, "web1", 7), 1.0)
    stopped = LastBeat(Beat("stopping", None, "web1", 7), 90.0)
    assert health(stopped, member(1, roles="answer")) == (
        Severity.ERROR,
        "no replica sends or asks sources: none has the role send",
    )
    assert health(None, member(1), member(2)) == (
        Severity.ERROR,
        "no replica sends now: 2 replicas, none sends",
    )
    assert health(fresh, member(1, sends=True), waiting=3) == (
        Severity.OK,
        "ok: process 7 on web1 serves, seen 1 s ago; 3 updates wait to be claimed by a replica",
    )


def test_the_metrics_have_the_replica_and_the_whole() -> None:
    members = [member(1, roles="answer", sends=True), member(2, roles="send")]
    fleet = Fleet.of(members, {0: 1, 1: 2, 2: None})
    process = ProcessFigures(25.0, 0, None, replicas=ReplicaFigures(fleet, 1, sends=True))
    text = exposition(None, None, process, shared=5).decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "repl" in sample.name or "shar" in sample.name or "role" in sample.name
    }
    assert found == {
        ("onnews_replicas",): 2.0,
        ("onnews_replica_sends",): 1.0,
        ("onnews_replica_shards",): 1.0,
        ("onnews_shards_unheld",): 1.0,
        ("onnews_role_missing", "answer"): 0.0,
        ("onnews_role_missing", "send"): 0.0,
        ("onnews_shared_updates_waiting",): 5.0,
    }
