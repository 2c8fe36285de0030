"""`onnews doctor`: its findings for a good set-up, and for each fault."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.composition import Archive
from bot.configuration.settings import Settings
from bot.doctor import machine
from bot.doctor.archive import judge_editions
from bot.doctor.bot_api import judge_clock, judge_rights, judge_webhook
from bot.doctor.examine import Configuration, examine
from bot.doctor.findings import Severity
from bot.doctor.model import HEADLINE
from bot.telegram.bot_identity import BotIdentity, known_bot, note_bot
from playground.model_server import Mood
from storage.db.key_value import KeyValue
from storage.ledger.delivery_stats import Day
from storage.model import DeliveryKind, DeliveryState
from tests.bot.conftest import LONG_ENOUGH, Terminal
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = {"name", "state", "detail", "remedy"}
OURS = "https://news.example/secret"
CLOSED = "http://127.0.0.1:CLOSED"
REVOKED = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaXX"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def found(
    terminal: Terminal, *words: str, status: int = 1, **env: str
) -> dict[str, list[dict[str, Any]]]:
    """Return the doctor's findings as JSON, by name."""
    typed = ("doctor", "--json", *words)
    printed = json.loads(
        await terminal.run(*typed, status=status, modules=None, largest=None, **env)
    )
    assert printed["ok"] == (status == 0)
    assert all(set(check) == KEYS for check in printed["checks"])
    # Each finding has a remedy.
    assert all(bool(check["remedy"]) == (check["state"] != "ok") for check in printed["checks"])
    by_name: dict[str, list[dict[str, Any]]] = {}
    for check in printed["checks"]:
        by_name.setdefault(check["name"], []).append(check)
    return by_name


def errors(checks: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {name for name, named in checks.items() if any(c["state"] == "error" for c in named)}


async def test_doctor_approves_a_good_set_up_without_sending_or_fetching(
    terminal: Terminal,
) -> None:
    terminal.make()
    town = terminal.town
    operator = town.person("Anna")
    await operator.start()
    channel = town.channel("Pictures", [operator])
    env = {
        "ADMIN_IDS": str(operator.id),
        "PICTURES_CHAT": str(channel.id),
        "BACKUP_DIR": str(terminal.folder / "backups"),
    }
    town.requests.clear()
    checks = await found(terminal, status=0, **env)
    well = {name for name, named in checks.items() if all(c["state"] == "ok" for c in named)}
    assert well >= {
        *("settings", "permissions", "time zones", "packages", "token", "inline", "groups"),
        *("clock", "webhook", "front pages", "operators", "pictures", "database", "disk"),
        *("sources", "editions", "backups", "workers"),
    }
    assert {seen.method for seen in town.requests} == {
        *("getMe", "getWebhookInfo", "sendRichMessage", "getChat", "getChatMember")
    }
    assert channel.messages == []
    text = await terminal.run("doctor", "--full", status=0, modules=None, largest=None, **env)
    assert "no damage found in all of it" in text
    assert "0 errors, 1 warning" in text


def test_doctor_reports_a_senseless_line_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("FETCH_EVERY: 7\nEDITION_SIZE=5\nADMIN_IDS: 7\n")
    (ignored, wrong, _) = machine.look_at_settings(Settings(), [], {}, file)
    assert {ignored.state, wrong.state} == {Severity.ERROR}
    assert ignored.detail == f"line 1 of {file} is not NAME=value, and is ignored"
    assert wrong.detail == "line 3 cannot be read, and the bot does not start with it"
    assert wrong.remedy == "write ADMIN_IDS=value, or remove the line"


def inline_off(terminal: Terminal) -> dict[str, str]:
    terminal.town.world.inline = False
    return {}


def old_server(terminal: Terminal) -> dict[str, str]:
    terminal.town.faults.old_server()
    return {}


def slow_clock(terminal: Terminal) -> dict[str, str]:
    terminal.town.world.clock = lambda: time.time() + 3600
    return {}


def no_zones(terminal: Terminal) -> dict[str, str]:
    # A package of that name with nothing in it, before the real one.
    empty = terminal.folder / "empty" / "tzdata"
    empty.mkdir(parents=True)
    (empty / "__init__.py").touch()
    path = f"{empty.parent}{os.pathsep}{terminal.env['PYTHONPATH']}"
    return {"PYTHONPATH": path, "PYTHONTZPATH": ""}


def changed(terminal: Terminal, statement: str) -> dict[str, str]:
    with closing(sqlite3.connect(terminal.folder / "onnews.db")) as there:
        there.execute(statement)
        there.commit()
    return {}


def newer_database(terminal: Terminal) -> dict[str, str]:
    return changed(terminal, "UPDATE alembic_version SET version_num = '9999'")


def corrupt_database(terminal: Terminal) -> dict[str, str]:
    file = terminal.folder / "onnews.db"
    with closing(sqlite3.connect(file)) as there:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'articles'"
        (page,) = there.execute(query).fetchone()
    pages = bytearray(file.read_bytes())
    pages[(page - 1) * 4096 : page * 4096] = b"\x55" * 4096
    file.write_bytes(pages)
    return {}


def unwritable_folder(terminal: Terminal) -> dict[str, str]:
    # Root may write to any folder: this one is none.
    (terminal.folder / "file").touch()
    return {"DATABASE_URL": f"sqlite:///{terminal.folder}/file/onnews.db"}


def sources_failing(terminal: Terminal) -> dict[str, str]:
    return changed(terminal, "UPDATE sources SET failures = 9, last_error = 'timeout'")


def readable_env(terminal: Terminal) -> dict[str, str]:
    (terminal.folder / ".env").chmod(0o644)
    return {}


def misspelt_setting(terminal: Terminal) -> dict[str, str]:
    (terminal.folder / ".env").write_text("TELEGRAM_BOT_TOKE=1:a\n")
    return {}


def wrong_value(terminal: Terminal) -> dict[str, str]:
    (terminal.folder / ".env").write_text("EDITION_SIZE=99\nDEFAULT_TIMEZONE=Milan\n")
    return {}


Fault = tuple["Callable[[Terminal], dict[str, str]] | dict[str, str]", str, str, str]
"""A fault: an act or settings that cause it, its check, and words of the finding and remedy."""
ALONE: list[Fault] = [
    ({"TELEGRAM_BOT_TOKEN": ""}, "token", "TELEGRAM_BOT_TOKEN is missing", "@BotFather"),
    ({"TELEGRAM_BOT_TOKEN": REVOKED}, "token", "does not know TELEGRAM_BOT_TOKEN", "/revoke"),
    ({"TELEGRAM_API_URL": CLOSED}, "telegram", "cannot be reached", "TELEGRAM_API_URL"),
    (no_zones, "time zones", "does not know Europe/Rome", "tzdata"),
    (newer_database, "database", "by a newer version", "update the program"),
    (corrupt_database, "database", "damaged", "backup"),
    (unwritable_folder, "disk", "file is not a folder", "change DATABASE_URL"),
    (misspelt_setting, "settings", "TELEGRAM_BOT_TOKE is not", "write TELEGRAM_BOT_TOKEN"),
    (wrong_value, "settings", "EDITION_SIZE", ".env.example"),
]
AT_ONCE: list[Fault] = [
    (inline_off, "inline", "inline mode is off", "/setinline"),
    (old_server, "front pages", "too old", "update your telegram-bot-api"),
    (slow_clock, "clock", "clock is 60 min slow", "timedatectl set-ntp true"),
    (sources_failing, "sources", "none can be read", "`onnews fetch`"),
    (readable_env, "permissions", "others on this machine can read", "chmod 600"),
    ({"ADMIN_ID": "1"}, "settings", "ADMIN_ID is not a setting", "write ADMIN_IDS"),
]


@pytest.mark.parametrize("faults", [*([fault] for fault in ALONE), AT_ONCE])
async def test_doctor_reports_each_fault_with_its_remedy(
    terminal: Terminal, faults: list[Fault], closed_port: int
) -> None:
    terminal.make()
    env: dict[str, str] = {}
    for break_it, *_ in faults:
        env |= break_it(terminal) if callable(break_it) else break_it
    env = {name: value.replace("CLOSED", str(closed_port)) for name, value in env.items()}
    checks = await found(terminal, status=1, **env)
    for _, name, fault, remedy in faults:
        (check,) = (each for each in checks[name] if fault in each["detail"])
        assert check["state"] == "error"
        assert remedy in check["remedy"]
    # The faults are named, and nothing that they do not touch.
    names = {name for _, name, *_ in faults}
    assert errors(checks) <= {*names, "database"} if "disk" in names else errors(checks) == names


async def test_doctor_has_one_headline_translated_and_says_how_long_it_took(
    terminal: Terminal, closed_port: int
) -> None:
    terminal.make()
    model = terminal.town.model
    env: dict[str, Any] = {"MODEL_URL": f"{terminal.town.url}/model", "MODEL_NAME": "tiny"}
    env["MODEL_KEY"] = "sk-quiet"
    assert "model" not in await found(terminal, status=0)
    model.translations["en"] = {HEADLINE: "Prada buys Versace for 1.25 billion euros"}
    (check,) = (await found(terminal, status=0, **env))["model"]
    assert re.fullmatch(
        r"tiny translated one headline in \d+\.\d s, for \d+ tokens", check["detail"]
    )
    assert model.keys == ["Bearer sk-quiet"]
    model.mood = Mood.ELSEWHERE
    (check,) = (await found(terminal, status=0, **env))["model"]
    assert check["state"] == "warning"
    assert "did not translate" in check["detail"]
    model.mood = Mood.TOO_MANY
    (check,) = (await found(terminal, **env))["model"]
    assert check["detail"] == "no translation: http 429"
    assert check["remedy"] == "wait, or ask the provider for a higher limit"
    env["MODEL_URL"] = f"http://127.0.0.1:{closed_port}/v1"
    (check,) = (await found(terminal, **env))["model"]
    assert check["detail"] == "no translation: Connection refused"


async def test_doctor_reports_unread_sources_after_the_first_round(terminal: Terminal) -> None:
    file = terminal.make()
    assert (await found(terminal, status=0))["sources"][0]["state"] == "ok"
    with closing(sqlite3.connect(file)) as there:
        (number,) = there.execute("SELECT count(*) FROM sources").fetchone()
        there.execute("UPDATE sources SET last_ok = added WHERE id = (SELECT max(id) FROM sources)")
        there.commit()
    (check,) = (await found(terminal, status=0))["sources"]
    assert check["state"] == "warning"
    assert check["detail"].startswith(f"{number - 1} of {number} sources never read: ")
    assert "`onnews fetch`" in check["remedy"]
    with closing(sqlite3.connect(file)) as there:
        there.execute("UPDATE sources SET last_ok = NULL, added = '2025' || substr(added, 5)")
        there.commit()
    (check,) = (await found(terminal, status=0))["sources"]
    assert check["detail"].startswith(f"{number} of {number} sources never read: ")


@pytest.mark.parametrize(
    ("host", "exposed"),
    [
        *(("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True)),  # noqa: S104  # nothing listens
        *(("::", True), ("10.0.0.5", True), ("bot.example", True)),
    ],
)
def test_doctor_reports_metrics_that_other_machines_can_read(host: str, *, exposed: bool) -> None:
    checks = list(machine.judge_exposure((host, 9464)))
    assert bool(checks) == exposed
    for check in checks:
        assert check.state is Severity.WARNING
        assert f"anyone who can reach {host}:9464 can read" in check.detail
        assert "METRICS_ADDRESS=9464" in check.remedy
    assert list(machine.judge_exposure(None)) == []


async def test_a_taken_port_is_an_error_unless_our_own_bot_has_it(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        checks = await found(terminal, METRICS_ADDRESS=str(port))
        assert errors(checks) == {"ports"}
        assert f"another program listens at 127.0.0.1:{port}" in checks["ports"][0]["detail"]
        assert "METRICS_ADDRESS" in checks["ports"][0]["remedy"]
    process = await terminal.start("run", METRICS_ADDRESS=str(port))
    try:
        assert process.stdout is not None
        async with asyncio.timeout(LONG_ENOUGH):
            while b" answers" not in await process.stdout.readline():
                pass
        terminal.town.requests.clear()
        checks = await found(terminal, status=0, METRICS_ADDRESS=str(port))
        assert f"ON News answers at 127.0.0.1:{port}" in checks["ports"][0]["detail"]
        assert checks["process"][0]["state"] == "ok"
        assert terminal.town.violations == []
    finally:
        process.kill()
        await process.wait()


async def test_a_good_set_up_has_no_error_on_either_database(
    terminal: Terminal, database_url: str
) -> None:
    terminal.env["DATABASE_URL"] = database_url
    archive = Archive(Settings(database_url=database_url))
    await archive.open()
    await archive.close()
    checks = await examine(Configuration.read(terminal.env, None, terminal.folder))
    assert [check for check in checks if check.state is Severity.ERROR] == []
    assert {"database", "process", "sources", "editions"} <= {check.name for check in checks}


async def test_doctor_reports_another_bots_token_and_who_must_press_start(
    terminal: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    terminal.make()
    database = await migrated(terminal.env["DATABASE_URL"])
    key_value = KeyValue(database)
    now = BotIdentity(terminal.town.world.bot.id, "OnNewsBot")
    assert await known_bot(key_value) is None
    await note_bot(key_value, BotIdentity(7, "OldBot"))
    checks = await examine(Configuration.read(terminal.env, None, terminal.folder))
    (finding,) = (check for check in checks if check.name == "new token")
    assert finding.state is Severity.WARNING
    assert "@OldBot" in finding.detail
    assert "@OnNewsBot" in finding.detail
    for words in ("press Start", "groups and channels", "Pictures", "/setinline"):
        assert words in finding.remedy
    assert caplog.text == ""
    await note_bot(key_value, now)
    assert "these readers used @OldBot so far, and this is @OnNewsBot" in caplog.text
    assert await known_bot(key_value) == now
    caplog.clear()
    # The same bot with another name, or another token, is the same bot.
    await note_bot(key_value, BotIdentity(now.id, "NewNameBot"))
    assert caplog.text == ""
    await database.close()


def test_doctor_reports_failed_and_late_editions() -> None:
    def finding_for(
        sent: int, failed: int, waited: timedelta | None = None
    ) -> tuple[Severity, str]:
        states = {
            (DeliveryKind.EDITION, DeliveryState.SENT): sent,
            (DeliveryKind.EDITION, DeliveryState.FAILED): failed,
        }
        day = Day(states, {}, sent, None, None, None, 0, None, None, ())
        waiting = None if waited is None else NOON - waited
        check = judge_editions(day, 3, waiting, NOON)
        return check.state, check.detail

    assert finding_for(9, 1) == (Severity.OK, "9 sent within 24 hours to 3 readers, 1 failed")
    assert finding_for(9, 1, timedelta(minutes=2))[0] is Severity.OK
    state, printed = finding_for(9, 1, timedelta(minutes=30))
    assert (state, "one has been waiting for 30 min" in printed) == (Severity.WARNING, True)
    assert finding_for(1, 9)[0] is Severity.ERROR


async def test_doctor_reports_a_nearly_full_disk(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.make()
    monkeypatch.setattr(machine, "NEARLY_FULL", 10**18)
    checks = await examine(Configuration.read(terminal.env, None, terminal.folder))
    wrong = [check for check in checks if check.state is Severity.ERROR]
    assert [check.name for check in wrong] == ["disk"]
    assert "is nearly full" in wrong[0].detail
    assert "make room" in wrong[0].remedy


@pytest.mark.skipif(sys.platform == "win32", reason="has no such users")
async def test_doctor_reports_a_folder_of_another_user(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o500)
    if os.geteuid() == 0:
        # Root may do anything: for this look, the process is somebody else.
        for each in (folder, *folder.parents[:-1]):
            if not each.stat().st_mode & 0o001:
                each.chmod(each.stat().st_mode | 0o011)
        os.seteuid(65_534)
        try:
            check = machine.look_at_folder(folder, "DATABASE_URL", 0)
        finally:
            os.seteuid(0)
    else:
        check = machine.look_at_folder(folder, "DATABASE_URL", 0)
    assert (check.state, "cannot be written by this user" in check.detail) == (Severity.ERROR, True)
    assert "chown" in check.remedy


def test_doctor_reports_by_how_much_the_clock_is_off() -> None:
    def finding_for(**off: float) -> tuple[Severity, str]:
        check = judge_clock(NOON, NOON + timedelta(seconds=1), NOON + timedelta(**off))
        return check.state, check.detail

    assert finding_for()[0] is Severity.OK
    assert finding_for(seconds=55)[0] is Severity.OK
    assert finding_for(minutes=5) == (Severity.WARNING, "this machine's clock is 5 min slow")
    assert finding_for(minutes=-5) == (Severity.WARNING, "this machine's clock is 5 min fast")
    state, printed = finding_for(hours=-1)
    assert (state, "60 min fast" in printed) == (Severity.ERROR, True)
    assert judge_clock(NOON, NOON, None).state is Severity.WARNING


def test_doctor_reports_a_webhooks_faults_with_their_remedies() -> None:
    def finding_for(ours: str = OURS, **info: object) -> tuple[Severity, str, str]:
        check = judge_webhook({"url": OURS, **info}, ours, NOON)
        assert "secret" not in check.detail
        return check.state, check.detail, check.remedy

    lately = int((NOON - timedelta(minutes=5)).timestamp())
    for why, remedy in (
        ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "whole chain"),
        ("Connection refused", "the web server runs"),
        ("Wrong response from the webhook: 502 Bad Gateway", "the bot runs behind"),
        ("Wrong response from the webhook: 404 Not Found", "passes that path on"),
        ("Failed to resolve host: Name or service not known", "DNS"),
        ("Something new", "log of the web server"),
    ):
        state, detail, advice = finding_for(last_error_date=lately, last_error_message=why)
        assert state is Severity.ERROR
        assert why in detail
        assert remedy in advice
    old = int((NOON - timedelta(days=2)).timestamp())
    assert (
        finding_for(last_error_date=old, last_error_message="Connection refused")[0] is Severity.OK
    )
    assert finding_for("", url=OURS)[0] is Severity.WARNING
    assert finding_for(url="https://elsewhere.example/secret")[0] is Severity.ERROR
    assert finding_for(url="")[0] is Severity.WARNING
    assert finding_for("", url="", pending_update_count=5)[0] is Severity.OK
    assert finding_for("", url="", pending_update_count=500)[0] is Severity.WARNING


def test_doctor_reports_what_botfather_switched_off() -> None:
    fine = {"username": "OnNewsBot", "supports_inline_queries": True, "can_join_groups": True}
    assert [check.state for check in judge_rights(fine)] == [Severity.OK, Severity.OK]
    assert list(judge_rights({**fine, "can_join_groups": False}))[1].state is Severity.WARNING
    assert (
        list(judge_rights({**fine, "can_read_all_group_messages": True}))[1].state
        is Severity.WARNING
    )
    assert list(judge_rights({**fine, "has_topics_enabled": True}))[2].name == "topics"
