"""`onnews backup` and `restore`, and which database a command uses."""

from __future__ import annotations

import gzip
import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from news.sources.defaults import defaults

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = len(defaults()) + 1
"""The number of default sources, and one source of the test."""


class Terminal:
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
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.process.logs.configure", lambda *_: None)
    # So that none of the project's own is read.
    (tmp_path / ".env").touch(mode=0o600)
    return Terminal(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def shown(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_writing_a_backup_does_not_replace_a_pipe_or_socket(terminal: Terminal) -> None:
    terminal.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    os.mkfifo(terminal.folder / "pipe")
    reader = os.open(terminal.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert f"the backup has {SOURCES} sources" in terminal.run("backup", "pipe")
        content = os.read(reader, 65_536)
    finally:
        os.close(reader)
    assert (terminal.folder / "pipe").is_fifo()
    (terminal.folder / "piped.backup").write_bytes(content)
    new = f"sqlite:///{terminal.folder}/new.db"
    assert f"{SOURCES} sources" in terminal.run("restore", "piped.backup", database=new)
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind("socket")
        line = terminal.run("backup", "socket", status=1)
    assert "socket cannot be written (No such device or address)" in line
    assert line.count("\n") == 1
    assert (terminal.folder / "socket").is_socket()


def test_restore_refuses_other_files_in_one_line(terminal: Terminal) -> None:
    terminal.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    terminal.run("backup", "whole.backup")
    whole = (terminal.folder / "whole.backup").read_bytes()
    (terminal.folder / "half.backup").write_bytes(whole[: len(whole) // 2])
    (terminal.folder / "text.backup").write_text("hello")
    new = f"sqlite:///{terminal.folder}/new.db"
    for name, why in {
        "half.backup": "it is incomplete",
        "text.backup": "it is not a backup of ON News",
        "none.backup": "there is no file none.backup",
        ".": ". is a folder; name a backup in it",
    }.items():
        line = terminal.run("restore", name, status=1, database=new)
        assert why in line
        assert line.count("\n") == 1
    assert "0 sources: none yet" in terminal.run("sources", "list", database=new)
    assert f"{SOURCES} sources" in terminal.run("restore", "whole.backup", database=new)
    text = terminal.run("backup", "nowhere/file", status=1)
    assert "cannot be written (No such file or directory)" in text
    assert "is a folder; name a file in it" in terminal.run("backup", ".", status=1)


def test_a_backup_replaces_an_earlier_one_and_no_other_file(terminal: Terminal) -> None:
    terminal.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    nightly = terminal.folder / "nightly.backup"
    terminal.run("backup", nightly.name)
    whole = nightly.read_bytes()
    newer = gzip.decompress(whole).replace(b'"format":1', b'"format":2', 1)
    others = {
        "notes.txt": (b"what I know", "not a backup of ON News"),
        "photos.gz": (gzip.compress(b"photos"), "not a backup of ON News"),
        "newer.backup": (gzip.compress(newer), "a backup of a newer version of ON News"),
    }
    for name, (content, why) in others.items():
        (terminal.folder / name).write_bytes(content)
        line = terminal.run("backup", name, status=1)
        assert line.startswith(f"Error: {name} is {why}")
        assert line.endswith("name another file\n")
        assert line.count("\n") == 1
        assert (terminal.folder / name).read_bytes() == content
    terminal.run("sources", "add", "--unchecked", "Two", "http://two.example/feed")
    # An unfinished backup or an empty file has nothing to lose.
    for before in (whole, whole[: len(whole) // 2], b""):
        nightly.write_bytes(before)
        assert f"{SOURCES + 1} sources" in terminal.run("backup", nightly.name)
    new = f"sqlite:///{terminal.folder}/new.db"
    assert f"{SOURCES + 1} sources" in terminal.run("restore", nightly.name, database=new)


def test_a_reading_command_creates_no_database(terminal: Terminal, closed_port: int) -> None:
    before = shown(terminal.folder)
    for words in (
        ("sources", "list"),
        ("sources", "export", "-", "--format", "toml"),
        ("explain", "https://one.example"),
        ("digest", "cost"),
        ("deliveries",),
        ("backup", "file"),
    ):
        line = terminal.run(*words, status=1)
        assert f"There is no archive at {terminal.folder}/onnews.db" in line
        assert "--env-file" in line
        assert line.count("\n") == 1
    assert shown(terminal.folder) == before
    # What stores nothing needs none either.
    closed = f"http://127.0.0.1:{closed_port}/feed"
    line = terminal.run("sources", "test", closed, status=1, ALLOW_PRIVATE_SOURCES="true")
    assert "cannot be read" in line
    assert shown(terminal.folder) == before


def test_a_command_uses_the_database_of_the_named_settings_from_any_folder(
    terminal: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    home = terminal.folder / "home"
    home.mkdir()
    env_file = home / ".env"
    env_file.touch(0o644)
    env_file.write_text("DATABASE_URL=sqlite:///var/mine.db\nEDITON_SIZE=5\n")
    terminal.env["DATABASE_URL"] = None
    named = ("--env-file", str(env_file))
    terminal.run(*named, "sources", "add", "--unchecked", "One", "http://one.example/feed")
    assert caplog.messages == [
        f"EDITON_SIZE in {env_file} is not a setting of ON News; did you mean EDITION_SIZE?",
        f"others on this machine can read {env_file}; chmod 600 {env_file}",
    ]
    assert "One" in terminal.run(*named, "sources", "list")
    assert shown(terminal.folder) == {".env", "home"}
    files = [home / "var", *(home / "var").iterdir()]
    assert {path.name for path in files} >= {"var", "mine.db"}
    assert all(mode(path) & 0o077 == 0 for path in files)
    line = terminal.run("--env-file", "nowhere", "sources", "list", status=1)
    assert line == "Error: --env-file: there is no file nowhere; name an existing .env\n"


def test_files_that_others_could_read_are_made_private(terminal: Terminal) -> None:
    terminal.run("sources", "add", "--unchecked", "One", "http://one.example/feed")
    database = terminal.folder / "onnews.db"
    assert mode(database) == 0o600
    database.chmod(0o644)
    terminal.run("sources", "list")
    assert mode(database) == 0o600
