"""`onnews backup` and `restore`, and which database a command uses."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from news.sources.defaults import defaults
from storage.articles.articles import Articles
from storage.backup import decision_list
from storage.db.database import Database
from storage.desk.amendments import Amendments
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind
from storage.readers.privacy.tombstones import NAME, Tombstones
from storage.readers.subscribers import Subscribers
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from pathlib import Path

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


def test_an_archive_moves_to_postgresql_and_back(
    command_line: CommandLine, postgresql_url: str
) -> None:
    folder = command_line.folder

    async def publish() -> None:
        database = Database(f"sqlite:///{folder}/onnews.db")
        await open_migrated(database)
        await (await Archive.on(database)).publish(*"abcdefghi")
        await database.close()

    command_line.run("sources", "pause", "WWD")
    asyncio.run(publish())
    listed = command_line.run("sources", "list")
    text = command_line.run("backup", "first.backup")
    assert f"{SOURCES} sources, 9 articles, 0 readers, 0 deliveries" in text
    assert ", verified" in text
    assert mode(folder / "first.backup") == 0o600
    text = command_line.run("restore", "first.backup", database=postgresql_url)
    assert f"{SOURCES} sources, 9 articles" in text
    assert command_line.run("sources", "list", database=postgresql_url) == listed
    text = command_line.run("restore", "first.backup", status=1, database=postgresql_url)
    assert "nothing was restored: the database is not empty: it has sources, articles" in text
    command_line.run("backup", "second.backup", database=postgresql_url)
    back = f"sqlite:///{folder}/new.db"
    command_line.run("restore", "second.backup", database=back)
    assert command_line.run("sources", "list", database=back) == listed


def test_a_backup_goes_through_pipes_as_into_and_out_of_a_container(
    command_line: CommandLine,
) -> None:
    command_line.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    listed = command_line.run("sources", "list")
    made = CliRunner().invoke(main, ["backup", "-"], env=command_line.env, catch_exceptions=False)
    assert made.exit_code == 0
    assert f"{SOURCES} sources" in made.stderr
    back = {**command_line.env, "DATABASE_URL": f"sqlite:///{command_line.folder}/new.db"}
    for content, status, message in (
        (
            made.stdout_bytes[:-9],
            1,
            "nothing was restored: standard input is not a complete backup",
        ),
        (made.stdout_bytes, 0, "restored as of"),
    ):
        done = CliRunner().invoke(main, ["restore", "-"], env=back, input=content)
        assert done.exit_code == status, done.output
        assert message in done.output
    assert command_line.run("sources", "list", database=back["DATABASE_URL"]) == listed


def test_restore_brings_readers_back_only_with_the_file_of_forgotten_chats(
    command_line: CommandLine,
) -> None:
    folder = command_line.folder

    async def newcomers() -> None:
        database = Database(f"sqlite:///{folder}/old/onnews.db")
        await open_migrated(database)
        for chat in (7, 8):
            await Subscribers(database).ensure(
                chat, kind=ChatKind.PRIVATE, language="en", zone="UTC", digest_minute=0, now=FIRST
            )
        await database.close()

    old = f"sqlite:///{folder}/old/onnews.db"
    (folder / "old").mkdir()
    asyncio.run(newcomers())
    env = {**command_line.env, "DATABASE_URL": old}
    piped = CliRunner().invoke(main, ["backup", "-"], env=env, catch_exceptions=False).stdout_bytes
    assert shown(folder / "old") >= {NAME}, "so that a restore here knows of nobody"
    Tombstones(folder / "old").add(7, datetime.now(UTC))

    def restored(name: str, *options: str) -> str:
        (folder / name).mkdir(exist_ok=True)
        new = {**command_line.env, "DATABASE_URL": f"sqlite:///{folder}/{name}/onnews.db"}
        return CliRunner().invoke(main, ["restore", "-", *options], env=new, input=piped).output

    refused = restored("new")
    assert f"nothing was restored: there is no {NAME} in {folder}/new" in refused
    assert "--without-tombstones" in refused
    assert refused.count("\n") == 1
    assert "2 readers" in restored("other", "--without-tombstones")
    (folder / "new" / NAME).write_bytes((folder / "old" / NAME).read_bytes())
    assert "restored as of" in restored("new")
    assert "1 reader," in command_line.run(
        "backup", "b", database=f"sqlite:///{folder}/new/onnews.db"
    )


def test_restore_names_a_list_of_withdrawn_stories_that_is_missing_damaged_or_too_old(
    command_line: CommandLine, postgresql_url: str
) -> None:
    folder = command_line.folder

    async def act(*, begin: bool) -> None:
        database = Database(postgresql_url)
        await open_migrated(database)
        if begin:
            archive = await Archive.on(database)
            await archive.publish("Yacht", "Watch", "Car")
        number = 1 if begin else 2
        await Amendments(database).withdraw(number, "Wrong.", person_id=7, now=FIRST)
        await database.close()

    kept = str(folder / "backups")
    listed = folder / "backups" / decision_list.NAME
    command_line.run("backup", "empty.backup", database=postgresql_url, BACKUP_DIR=kept)
    empty = listed.read_bytes()
    asyncio.run(act(begin=True))
    command_line.run("backup", "the.backup", database=postgresql_url, BACKUP_DIR=kept)
    asyncio.run(act(begin=False))
    command_line.run("backup", "later.backup", database=postgresql_url, BACKUP_DIR=kept)
    whole = listed.read_bytes()

    def restored(name: str, *options: str, status: int = 0) -> str:
        (folder / name).mkdir(exist_ok=True)
        new = f"sqlite:///{folder}/{name}/onnews.db"
        return command_line.run("restore", "the.backup", *options, status=status, database=new)

    lost = "since the backup of 20"
    refused = restored("new", status=1)
    assert f"nothing was restored: there is no {decision_list.NAME} in" in refused
    assert lost in refused
    assert "--without-withdrawals" in refused
    here = folder / decision_list.NAME
    here.write_bytes(whole[:-30])
    damaged = restored("new", status=1)
    assert f"{decision_list.NAME} is damaged, 1 line of it cannot be read" in damaged
    here.write_bytes(empty)
    cut = restored("new", status=1)
    assert f"{decision_list.NAME} was cut or is older than the backup" in cut
    assert [each.count("\n") for each in (refused, damaged, cut)] == [1, 1, 1]
    shown = restored("anyway", "--without-withdrawals")
    assert "was cut or is older than the backup" in shown
    assert "restored as of" in shown
    here.write_bytes(whole)
    assert restored("new").count("\n") == 1

    async def states(name: str) -> list[str | None]:
        database = Database(f"sqlite:///{folder}/{name}/onnews.db")
        await open_migrated(database)
        found = await Articles(database).many([1, 2, 3])
        await database.close()
        return [each.state for each in found]

    assert asyncio.run(states("new")) == ["withdrawn", "withdrawn", None]
    assert asyncio.run(states("anyway")) == ["withdrawn", None, None]
