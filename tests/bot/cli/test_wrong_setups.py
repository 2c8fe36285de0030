"""Each mistake in a set-up gives one clear line with advice, and no traceback.

The commands run in this process: a new process for each row would take longer than all other tests.
"""

from __future__ import annotations

import logging
import signal
import socket
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from bot.configuration.settings import NAMES, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


WRONG_PROXIES = (
    *("foo", "proxy.example", "direct", "true", "3128", ":3128", "foo:", "http://foo:"),
    *("http//foo:3128", "http:/foo:3128", "http:foo:3128", "htpp://foo:3128", "://foo:3128"),
    *("socks5h://foo:1080", "foo:0", "foo:70000", "foo:31 28", "http://fo o:3128"),
    *("anna:secretword@", "http://anna:secretword@", "anna:secretword@:3128", "anna@foo"),
    *("http://anna:1/secretword@foo:3128", "http://anna:1#secretword@foo:3128"),
    *("http://foo:3128/path", "http://foo:3128?x", "http://-foo:3128", "http://a..b:3128"),
    *("http://300.1.1.1:3128", "http://[::1:3128", "::1:3128"),
)


@pytest.fixture
def folder(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> Iterator[Path]:
    """Return an empty folder whose set-up is right except for what a row changes."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", f"http://127.0.0.1:{closed_port}")
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    interrupt = signal.getsignal(signal.SIGINT)
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    signal.signal(signal.SIGINT, interrupt)


def typed(words: str, status: int, **env: str) -> str:
    """Run a command that fails, and return its one line of error."""
    result = CliRunner().invoke(main, words.split(), env=env)
    printed = result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == status, printed
    assert "Traceback" not in printed
    assert TOKEN not in printed
    *before, last = printed.strip().splitlines()
    # Of arguments, click shows first how they are to be given.
    assert before == [] or (status == 2 and before[0].startswith("Usage: ")), printed
    return last


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("TELEGRAM_BOT_TOKEN", "", "@BotFather"),
        ("TELEGRAM_BOT_TOKEN", "hello", "copy it whole from @BotFather"),
        ("TELEGRAM_API_URL", "api.telegram.org", "such as https://api.telegram.org"),
        ("TELEGRAM_API_URL", "https://api.telegram.org:99999", "such as https://"),
        ("TELEGRAM_API_URL", "ftp://api.telegram.org", "such as https://"),
        ("DATABASE_URL", "onnews.db", "sqlite:///"),
        ("DATABASE_URL", "mysql://anna:secretword@host/name", "postgresql://"),
        ("DATABASE_URL", "sqlite://", "sqlite:///"),
        ("DATABASE_URL", "postgresql://anna:secretword@host:99999/name", "postgresql://"),
        ("ADMIN_IDS", "@anna", "numbers with commas"),
        ("ADMIN_IDS", "1234 5678", "numbers with commas"),
        ("ADMIN_IDS", "0", "numbers with commas"),
        ("ADMIN_IDS", "-1001234567890", "is a group or a channel"),
        ("EDITOR_IDS", "12, @anna", "numbers with commas"),
        ("EDITOR_IDS", "-1001234567890", "is a group or a channel"),
        ("WEBHOOK_SECRET", "secretword", "remove the secret"),
        ("DEFAULT_LANGUAGE", "italian", "such as en or it"),
        ("DEFAULT_LANGUAGE", "xx", "must be one of"),
        ("DEFAULT_TIMEZONE", "Milan", "Europe/Rome"),
        ("DEFAULT_DIGEST_TIME", "25:00", "08:00"),
        ("DEFAULT_DIGEST_TIME", "8am", "08:00"),
        ("EDITION_SIZE", "0", "1 to 30"),
        ("EDITION_SIZE", "many", "1 to 30"),
        ("FETCH_EVERY", "soon", "seconds"),
        ("ALLOW_PRIVATE_SOURCES", "yes", "true or false"),
        ("MESSAGES_PER_SECOND", "5000", "1000"),
        ("MESSAGES_PER_SECOND", "31", "PAID_BROADCAST=true"),
        ("PAID_BROADCAST", "on", "true or false"),
        ("METRICS_ADDRESS", "localhost", "9464"),
        ("METRICS_ADDRESS", "99999", "9464"),
        ("METRICS_ADDRESS", "0", "9464"),
        ("METRICS_ADDRESS", "::1", "9464"),
        ("METRICS_ADDRESS", "localhost:9464:1", "9464"),
        ("BACKUP_DIR", "pyproject.toml", "is a file; name a folder"),
        ("BACKUP_DIR", "b" * 300, "cannot be used (File name too long); name a folder"),
        ("BACKUP_DIR", "~nobody-of-that-name/backups", "write the full path"),
        ("METRICS_ADDRESS", "192.0.2.1:9464", "choose another address"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("HTTPS_PROXY", "socks5://anna:secretword@proxy.example:1080", "such as http://"),
        ("HTTP_PROXY", "http://", "such as http://"),
        ("HTTP_PROXY", "'proxy.example:3128'", "such as http://"),
        ("ALL_PROXY", "one.example,two.example", "such as http://"),
        ("TELEGRAM_PROXY", "https://anna:secretword@proxy.example", "such as http://"),
        ("SOURCES_PROXY", "http://proxy.example:port", "such as http://"),
        ("TELEGRAM_API_URL", "http://api.telegram.org", "would show the token"),
        ("TELEGRAM_API_URL", "https://http://api.telegram.org", "such as https://"),
        ("TELEGRAM_API_URL", "https://.telegram.org", "such as https://"),
        ("WEBHOOK_URL", "news.example/telegram", "must be an address"),
        ("WEBHOOK_URL", "ftp://news.example/telegram", "must be an address"),
        ("WEBHOOK_URL", "https:/news.example/telegram", "must be an address"),
        ("WEBHOOK_URL", "https://:8443/telegram", "must be an address"),
        ("WEBHOOK_URL", "https://news.example:70000/telegram", "must be an address"),
        ("WEBHOOK_URL", "https://news example/telegram", "must be an address"),
        ("WEBHOOK_URL", "https://anna:secretword@news.example/", "at which Telegram reaches"),
        *(
            (name, value, "such as http://proxy.example:3128")
            for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "TELEGRAM_PROXY")
            for value in WRONG_PROXIES
        ),
        ("NO_PROXY", "http://localhost", "must be hosts with commas"),
    ],
)
def test_a_wrong_setting_is_one_line_with_advice_and_no_secret(
    name: str, value: str, advice: str
) -> None:
    line = typed("run", 1, **{name: value})
    assert line.startswith((f"Error: {name.upper()}: ", f"Error: {name} "))
    assert advice in line
    assert "secretword" not in line


@pytest.mark.usefixtures("folder")
def test_a_webhook_without_https_ends_the_start_unless_the_bot_api_server_is_ones_own() -> None:
    url = "http://news.example/telegram"
    line = typed("run", 1, WEBHOOK_URL=url, TELEGRAM_API_URL="https://api.telegram.org")
    assert line.startswith("Error: WEBHOOK_URL: must be https://…, as Telegram posts to no other")
    assert (
        load({"WEBHOOK_URL": url, "TELEGRAM_API_URL": "http://localhost:8081"}).webhook_url == url
    )


@pytest.mark.usefixtures("folder")
def test_contradicting_settings_are_one_line_with_advice() -> None:
    line = typed(
        "run",
        1,
        WEBHOOK_URL="https://news.example/telegram",
        WEBHOOK_LISTEN="127.0.0.1:9464",
        METRICS_ADDRESS="0.0.0.0:9464",
    )
    assert line == (
        "Error: WEBHOOK_LISTEN: has the port of METRICS_ADDRESS=0.0.0.0:9464 and another address; "
        "write the same in both to share the port, or choose another port"
    )


def nonsense(folder: Path) -> None:
    (folder / "onnews.db").write_text("This is a shopping list. " * 99)


def newer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "onnews.db")) as there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
        there.commit()


def foreign(folder: Path) -> None:
    (folder / "onnews.db").unlink()
    with closing(sqlite3.connect(folder / "onnews.db")) as there:
        there.execute("CREATE TABLE articles (id INTEGER)")


def a_folder(folder: Path) -> None:
    (folder / "onnews.db").unlink()
    (folder / "onnews.db").mkdir()


def under_a_file(folder: Path) -> None:
    (folder / "file").touch()


@pytest.mark.parametrize(
    ("make", "path", "advice"),
    [
        (nonsense, "onnews.db", "name another file in DATABASE_URL"),
        (newer, "onnews.db", "Update the program"),
        (foreign, "onnews.db", "Name a separate database"),
        (a_folder, "onnews.db", "DATABASE_URL|disk is not full"),
        (under_a_file, "file/onnews.db", "name another place in DATABASE_URL"),
    ],
)
def test_an_unusable_database_is_one_line_with_advice(
    folder: Path, make: Callable[[Path], None], path: str, advice: str
) -> None:
    make(folder)
    line = typed("sources list", 1, DATABASE_URL=f"sqlite:///{folder}/{path}")
    assert line.startswith("Error: ")
    assert any(each in line for each in advice.split("|")), line


@pytest.mark.usefixtures("folder")
def test_an_absent_postgresql_is_one_line_with_advice(closed_port: int) -> None:
    url = f"postgresql://anna:secretword@127.0.0.1:{closed_port}/onnews"
    line = typed("sources list", 1, DATABASE_URL=url)
    assert "PostgreSQL" in line
    assert "secretword" not in line


def utf_16(folder: Path) -> None:
    (folder / ".env").write_bytes("EDITION_SIZE=5\n".encode("utf-16"))


def no_file(folder: Path) -> None:
    (folder / ".env").mkdir()


def wrong_value(folder: Path) -> None:
    (folder / ".env").write_text("EDITION_SIZE=99\n")


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (utf_16, ".env: is not UTF-8 text; save it as UTF-8"),
        (no_file, ".env: is a folder; write the settings into a file of that name"),
        (wrong_value, "EDITION_SIZE: must be a whole number of stories from 1 to 30"),
    ],
)
def test_an_unreadable_env_file_is_one_line_with_advice(
    folder: Path, make: Callable[[Path], None], advice: str
) -> None:
    make(folder)
    assert advice in typed("sources list", 1)


@pytest.mark.parametrize(
    ("words", "status", "advice"),
    [
        ("serve", 2, "No such command 'serve'"),
        ("run --port 1", 2, "No such option"),
        ("run now", 2, "unexpected extra argument"),
        ("demo --port 99999", 2, "0<=x<=65535"),
        ("demo --port TAKEN", 1, "choose another with --port"),
        ("health", 1, "no process has served this database yet"),
        ("fetch Nobody", 1, "`onnews sources list` shows them all"),
        ("explain https://example.com/x", 1, "no article with the link"),
        ("sources add", 2, "Missing argument"),
        ("sources add ftp://example.com/", 1, "not an http or https address"),
        ("sources add https://example.com/ -c Mottor", 1, "did you mean Motor"),
        ("sources add https://example.com/ --weight 1000", 2, "--weight"),
        ("sources add https://example.com/ --language italian", 1, "two letters, such as en"),
        ("sources add http://127.0.0.1/feed", 1, "ALLOW_PRIVATE_SOURCES=true"),
        ("sources test http://127.0.0.1/feed", 1, "ALLOW_PRIVATE_SOURCES=true"),
        ("sources pause Nobody", 1, "`onnews sources list` shows them all"),
        ("sources resume 999", 1, "`onnews sources list` shows them all"),
        ("sources remove 999", 1, "`onnews sources list` shows them all"),
        ("sources export nowhere/list.toml", 1, "nowhere/list.toml"),
        ("backup onnews.db", 1, "ON News itself needs; name another file"),
        ("sources export onnews.db --format toml", 1, "name another file"),
        ("texts --language en --out onnews.db", 1, "name another file"),
        ("backup link.db", 1, "name another file"),
        ("sources export list.txt", 1, "--format toml or --format opml"),
        ("sources import list.toml", 1, "list.toml"),
        ("sources import onnews.db", 1, "onnews.db"),
        ("digest preview", 2, "--for"),
        ("digest preview --for anna", 1, "a number such as 1234"),
        ("digest preview --for 77", 1, "no subscriber with the chat or number 77"),
        ("digest cost --rate 0", 2, "--rate"),
        ("texts --out nowhere/texts.html", 1, "nowhere/texts.html cannot be written"),
        ("deliveries --on yesterday", 1, "write it as 2026-06-01"),
    ],
)
def test_a_wrong_argument_is_one_line_with_advice(
    folder: Path, words: str, status: int, advice: str
) -> None:
    (folder / "link.db").symlink_to("onnews.db")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        line = typed(words.replace("TAKEN", str(taken.getsockname()[1])), status)
    assert advice in line
    assert (folder / "onnews.db").read_bytes().startswith(b"SQLite format 3")
