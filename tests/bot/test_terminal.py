"""What the commands of `onnews` share."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.terminal import archive

if TYPE_CHECKING:
    from pathlib import Path

FULL = OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
OURS = IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's folder, with an archive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    # The log of this process is that of the tests.
    monkeypatch.setattr("bot.logs.configure", lambda *_: None)


async def work_that_ends_in(error: Exception) -> None:
    async with archive():
        raise error


@pytest.mark.parametrize("error", [FULL, ExceptionGroup("rounds", [FULL, FULL])])
async def test_a_disk_that_is_full_ends_any_work_with_one_line(error: Exception) -> None:
    with pytest.raises(click.ClickException, match=r"onnews\.db cannot be used .*disk is full"):
        await work_that_ends_in(error)


@pytest.mark.parametrize("error", [OURS, ExceptionGroup("rounds", [OURS]), KeyError("ours")])
async def test_a_defect_of_ours_is_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)):
        await work_that_ends_in(error)
