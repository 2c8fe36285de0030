"""The helpers that the commands of `onnews` share."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import click
import pytest
from rich.console import Console
from sqlalchemy.exc import IntegrityError

from bot.cli.output.tables import columns, fits
from bot.cli.terminal import archive, carry_out
from bot.counted import counted
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

FULL = DatabaseUnavailableError(DatabaseFailure("the disk is full", "Make room on it."))
OURS = IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's folder with a database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    # The log of this process is that of the tests.
    monkeypatch.setattr("bot.process.logs.configure", lambda *_: None)


async def work_that_ends_in(error: Exception) -> None:
    async with archive():
        raise error


@pytest.mark.parametrize("error", [FULL, ExceptionGroup("rounds", [FULL, FULL])])
async def test_a_full_disk_ends_any_command_with_one_line(error: Exception) -> None:
    with pytest.raises(click.ClickException, match=r"^the disk is full\. Make room"):
        await work_that_ends_in(error)


@pytest.mark.parametrize("error", [OURS, ExceptionGroup("rounds", [OURS]), KeyError("ours")])
async def test_a_bug_in_a_command_keeps_its_traceback(error: Exception) -> None:
    with pytest.raises(type(error)):
        await work_that_ends_in(error)


def test_hanging_name_look_ups_do_not_block_other_threads() -> None:
    never = threading.Event()

    async def work() -> str:
        loop = asyncio.get_running_loop()
        looked_up = [loop.run_in_executor(None, never.wait) for _ in range(100)]
        found = await asyncio.to_thread(lambda: "found")
        assert not any(future.done() for future in looked_up)
        never.set()
        return found

    assert carry_out(work()) == "found"


def test_fits_says_whether_a_table_is_narrow_enough() -> None:
    table = columns("source", "address")
    table.add_row("A", "x" * 70)
    assert fits(Console(width=80), table)
    assert not fits(Console(width=79), table)
    narrow = Console(width=40)
    with narrow.capture() as printed:
        narrow.print(table)
    assert printed.get().count("x") == 70
    assert [counted(0, "story", "stories"), counted(1, "source")] == ["0 stories", "1 source"]
