"""The file of the updates that are being answered. Waiting updates are kept across restarts, each
once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.readers import begun_updates
from storage.readers.begun_updates import BegunUpdates
from storage.readers.waiting_updates import WaitingUpdate, WaitingUpdates

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database

NOON = datetime(2026, 12, 2, 12, tzinfo=UTC)


def update(number: int) -> WaitingUpdate:
    return WaitingUpdate(number, f'{{"update_id": {number}}}', NOON)


def of_a_process(path: Path) -> BegunUpdates:
    begun = BegunUpdates(path)
    begun.take_up()
    return begun


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "begun"


def test_the_next_process_finds_what_was_begun_and_not_over(path: Path) -> None:
    first = of_a_process(path)
    for number in (1, 2, 3):
        first.begin(update(number))
    first.end(2, "two")
    assert BegunUpdates(path).take_up() == [update(1), update(3)]
    # It may be killed before it has asked anybody.
    assert BegunUpdates(path).take_up() == [update(1), update(3)]


def test_only_identities_are_left_in_the_file_while_nothing_is_answered(path: Path) -> None:
    begun = of_a_process(path)
    begun.begin(update(1))
    begun.begin(update(2))
    begun.end(1, "one")
    begun.end(2, "two")
    assert path.read_bytes() == b"\n0 one\n0 two"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_does_not_spoil_the_others(path: Path) -> None:
    begun = of_a_process(path)
    begun.begin(update(1))
    path.write_bytes(path.read_bytes() + b'\n2 1.0 {"update_id"')
    begun.begin(update(3))
    assert BegunUpdates(path).take_up() == [update(1), update(3)]


def test_a_long_file_is_written_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begun_updates, "LONGEST", 200)
    monkeypatch.setattr(begun_updates, "REMEMBERED", 3)
    begun = of_a_process(path)
    begun.begin(update(0))
    for number in range(1, 50):
        begun.begin(update(number))
        begun.end(number, str(number))
    assert path.stat().st_size <= 200 + len(str(update(0)))
    assert BegunUpdates(path).take_up() == [update(0)]


@pytest.mark.parametrize("is_idle", [True, False])
def test_the_next_processes_know_which_were_over(path: Path, *, is_idle: bool) -> None:
    first = of_a_process(path)
    first.begin(update(1))
    first.begin(update(2))
    first.end(2, "two")
    if is_idle:
        first.end(1, "one")
    second = of_a_process(path)
    second.begin(update(3))
    second.end(3, "three")
    third = of_a_process(path)
    assert [*third.over] == ["two", *["one"] * is_idle, "three"]


def test_a_process_that_was_frozen_does_not_touch_the_file_of_the_next_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begun_updates, "LONGEST", 1)
    frozen = of_a_process(path)
    frozen.begin(update(1))
    second = of_a_process(path)
    second.begin(update(2))
    frozen.begin(update(3))
    frozen.end(1, "one")
    assert BegunUpdates(path).take_up() == [update(1), update(2)]


def test_without_a_place_for_the_file_answers_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "var").touch()
    begun = of_a_process(tmp_path / "var" / "begun")
    begun.begin(update(1))
    begun.end(1, "one")
    assert "their readers are not asked" in caplog.text


NOON_ = datetime(2026, 12, 2, 12, tzinfo=UTC)


async def test_journaled_updates_are_read_in_order(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(2**40, '{"update_id": 1}', NOON_)
    second = WaitingUpdate(7, "{}", NOON_ + timedelta(seconds=1))
    await waiting.change([second, first])
    assert await waiting.all() == [first, second]


async def test_an_update_journaled_twice_is_stored_once(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(1, "{}", NOON_)
    await waiting.change([first])
    await waiting.change([WaitingUpdate(1, "{}", NOON_ + timedelta(hours=1))])
    assert await waiting.all() == [first]


async def test_removed_updates_leave_the_journal(db: Database) -> None:
    waiting = WaitingUpdates(db)
    await waiting.change([])
    await waiting.change([WaitingUpdate(number, "{}", NOON_) for number in range(3)])
    await waiting.change(strike_off=[0, 2, 99])
    await waiting.change()
    assert [each.update_id for each in await waiting.all()] == [1]
