from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from click.testing import CliRunner

from bot.cli.cli import main
from bot.cli.terminal import NO_RESTART
from tests.bot.conftest import LONG_ENOUGH, ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.bot.conftest import Terminal
    from tests.plugins.fork_server import Forked


async def test_a_source_is_tested_added_fetched_explained_paused_and_removed(
    terminal: Terminal,
) -> None:
    terminal.make()
    preview = await terminal.run("sources", "test", terminal.feed)
    assert "Rolls-Royce shows a new generation of the Phantom" in preview

    added = await terminal.run("sources", "add", "The Garage", terminal.feed, "-c", "Motor")
    assert "The Garage" in added
    again = await terminal.run("sources", "add", terminal.feed, status=1)
    assert "nothing was added" in again

    fetched = await terminal.run("fetch", "The Garage")
    assert "1 of 1 sources fetched without errors" in fetched

    link = f"{terminal.town.url}/newsstand/story/rolls-royce-new-phantom"
    for typed in (link, link.removeprefix("http://"), f"{link}/?utm_source=letter#top"):
        explained = await terminal.run("explain", typed)
        assert "Motor" in explained
        assert "Rolls-Royce" in explained

    changed = await terminal.run("sources", "set", "The Garage", "--pictures", "no", "--paywall")
    assert "full text private, pictures no, paywall yes, kind trade" in changed
    assert "kind general" in await terminal.run("sources", "set", "The Garage", "--general")
    assert "general" in await terminal.run("sources", "list")
    assert "say what to change" in await terminal.run("sources", "set", "The Garage", status=1)
    other = "https://other.example/feed"
    await terminal.run("sources", "add", "the garage", other, "--unchecked")
    several = await terminal.run("sources", "pause", "The Garage", status=1)
    assert "2 sources are called 'The Garage'; name one by its number: " in several
    await terminal.run("sources", "remove", other)
    assert "is paused" in await terminal.run("sources", "pause", "The Garage")
    assert "paused" in await terminal.run("sources", "list")
    assert "is fetched again" in await terminal.run("sources", "resume", "The Garage")
    assert "stay in the archive" in await terminal.run("sources", "remove", "The Garage")
    assert "The Garage" not in await terminal.run("sources")
    assert "Motor" in await terminal.run("explain", link)


async def test_an_operators_mistake_is_answered_by_one_line_with_advice(terminal: Terminal) -> None:
    missing = await terminal.run("run", status=1, TELEGRAM_BOT_TOKEN="")
    assert missing.startswith("Error: TELEGRAM_BOT_TOKEN")
    assert "@BotFather" in missing
    wrong = await terminal.run("run", status=1, DEFAULT_TIMEZONE="Milan")
    assert wrong.count("\n") == 1
    assert "Europe/Rome" in wrong
    unknown = await terminal.run("run", status=1, DEFAULT_LANGUAGE="xx")
    assert "DEFAULT_LANGUAGE" in unknown
    refused = await terminal.run("run", status=1, TELEGRAM_BOT_TOKEN="123456:" + "x" * 35)
    assert "TELEGRAM_BOT_TOKEN" in refused
    ftp = await terminal.run("sources", "add", "ftp://example.com/", status=1)
    assert "not an http or https address" in ftp
    folder = await terminal.run("fetch", status=1, DATABASE_URL="sqlite:////proc/none/x.db")
    assert "DATABASE_URL" in folder
    category = await terminal.run("sources", "add", terminal.feed, "-c", "Mottor", status=1)
    assert "did you mean Motor" in category
    nowhere = await terminal.run("sources", "add", f"{terminal.town.url}/nothing", status=1)
    assert "nothing was added" in nowhere
    private = await terminal.run(
        "sources", "test", terminal.feed, status=1, ALLOW_PRIVATE_SOURCES="false"
    )
    assert "ALLOW_PRIVATE_SOURCES=true" in private
    stranger = await terminal.run("sources", "pause", "Nobody", status=1)
    assert "sources list" in stranger
    assert "no article" in await terminal.run("explain", "https://example.com/x", status=1)


async def test_a_round_that_failed_ends_with_status_1(terminal: Terminal) -> None:
    await terminal.run("sources", "add", "Well", terminal.feed)
    nowhere = f"{terminal.town.url}/nowhere.xml"
    await terminal.run("sources", "add", "Ill", nowhere, "--unchecked")
    assert "0 of 1 sources fetched without errors" in await terminal.run(
        "fetch", "Ill", "Ill", status=1
    )
    assert "1 of 2 sources fetched without errors" in await terminal.run(
        "fetch", "Ill", "Well", status=1
    )
    assert "1 of 1 sources fetched without errors" in await terminal.run("fetch", "Well")
    shown = await terminal.run("sources", "list")
    assert "not read yet" in shown
    assert "failed once (http 404)" in shown


async def test_the_demo_reports_a_taken_port_in_one_line(
    terminal: Terminal, closed_port: int
) -> None:
    taken = await terminal.run("demo", "--once", "--port", str(closed_port), status=1)
    assert f"Error: port {closed_port} cannot be opened" in taken
    assert "--port 0" in taken
    assert "0<=x<=65535" in await terminal.run("demo", "--port", "99999", status=2)


async def test_a_demo_without_the_playgrounds_parser_says_in_one_line_what_to_install(
    terminal: Terminal,
) -> None:
    missing = terminal.folder / "tdjson.py"
    missing.write_text("raise ModuleNotFoundError('No module named tdjson', name='tdjson')")
    refusal = await terminal.run("demo", "--once", status=1, modules=terminal.folder)
    assert (
        refusal
        == "Error: the demo needs the package tdjson: pip install tdjson, or run ./dev demo\n"
    )


async def test_a_demo_from_a_package_says_in_one_line_where_it_runs(terminal: Terminal) -> None:
    (terminal.folder / "playground.py").write_text(
        "raise ModuleNotFoundError('No module named playground', name='playground')"
    )
    refusal = await terminal.run("demo", "--once", status=1, modules=terminal.folder)
    assert refusal == (
        "Error: the demo runs from a checkout of ON News, not from a package: ./dev demo\n"
    )


@asynccontextmanager
async def running(terminal: Terminal) -> AsyncIterator[Forked]:
    process = await terminal.start("run")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_process_answers_and_ends_on_sigterm(terminal: Terminal) -> None:
    reader = terminal.town.person("Anna")
    await reader.start()
    async with running(terminal) as process:
        await reader.next(timeout=LONG_ENOUGH)
        process.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
    assert process.returncode == 0, output.decode()
    assert b"Traceback" not in output, output.decode()
    assert terminal.town.token.encode() not in output
    assert terminal.town.violations == []


async def interrupted(process: Forked) -> str:
    """Press Ctrl-C until a process has ended, and return its output from then on."""
    assert process.stdout is not None
    saying = asyncio.create_task(process.stdout.read())
    async with asyncio.timeout(LONG_ENOUGH):
        while process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait({saying}, timeout=0.05)
            if saying.done():
                await process.wait()
    return (await saying).decode()


async def test_repeated_ctrl_c_still_ends_the_process_in_order(terminal: Terminal) -> None:
    reader = terminal.town.person("Anna")
    await reader.start()
    async with running(terminal) as process:
        await reader.next(timeout=LONG_ENOUGH)
        output = await interrupted(process)
    assert process.returncode == 0, output
    assert "Traceback" not in output, output
    assert "Error" not in output, output


async def test_an_interrupted_command_prints_one_line(terminal: Terminal) -> None:
    asked = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        with suppress(ConnectionError):
            while await reader.read(4096):
                pass
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await terminal.start("sources", "test", f"http://127.0.0.1:{port}/")
        await asyncio.wait_for(asked.wait(), LONG_ENOUGH)
        output = await interrupted(process)
    assert output.split() == ["Aborted!"]
    assert process.returncode == 130


async def test_a_restart_after_a_kill_continues_where_the_process_was(terminal: Terminal) -> None:
    reader = terminal.town.person("Anna")
    await reader.start()
    async with running(terminal) as process:
        await reader.next(timeout=LONG_ENOUGH)
        await reader.tap("Motor")
        process.kill()
        await process.wait()
    await reader.send("/category motor")
    async with running(terminal):
        answer = await reader.until("Motor", timeout=LONG_ENOUGH)
    assert any("Unfollow" in label for label in answer.labels)


async def test_a_second_process_waits_as_a_standby_and_takes_over(terminal: Terminal) -> None:
    reader = terminal.town.person("Anna")
    async with running(terminal) as first:
        await reader.start()
        await reader.next(timeout=LONG_ENOUGH)
        async with running(terminal) as second:
            assert second.stdout is not None
            logged = b""
            while b"standby" not in logged:
                logged = await asyncio.wait_for(second.stdout.readline(), LONG_ENOUGH)
            polls = len([seen for seen in terminal.town.requests if seen.method == "getMe"])
            assert polls == 1
            first.kill()
            await first.wait()
            await reader.send("/help")
            await reader.until("/latest", timeout=LONG_ENOUGH)
    assert terminal.town.violations == []


async def test_a_deleted_database_ends_the_process_with_a_status_of_its_own(
    terminal: Terminal,
) -> None:
    reader = terminal.town.person("Anna")
    await reader.start()
    database = terminal.folder / "onnews.db"
    async with running(terminal) as process:
        await reader.next(timeout=LONG_ENOUGH)
        database.unlink()
        await reader.send("/latest")
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
    assert process.returncode == NO_RESTART, output.decode()
    last = output.decode().splitlines()[-1]
    assert last.startswith(f"Error: The database file {database} was deleted while ON News ran. ")
    assert last.endswith("`onnews restore FILE`.")
    assert b"Traceback" not in output, output.decode()
    assert not database.exists()


STUCK = """
import asyncio, sys, threading
from bot.cli import cli

never = threading.Event()

async def look_up(stop):
    asyncio.get_running_loop().run_in_executor(None, never.wait)
    await asyncio.sleep(0)

asyncio.run(cli.until_signalled(look_up))
print("all is closed", end="")
cli.end_for_sure(3, seconds=0.1)
"""


async def test_an_uninterruptible_thread_does_not_keep_the_process_alive() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STUCK, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, output) == (3, b"all is closed")


async def test_help_loads_no_heavy_library() -> None:
    heavy = {
        "aiohttp",
        "alembic",
        "babel",
        "jinja2",
        "lxml",
        "playground",
        "sqlalchemy",
        "telegram",
    }
    program = f"import sys, bot.cli.cli\nprint(sorted({heavy} & sys.modules.keys()))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output == b"[]\n"


def test_every_command_has_an_untruncated_summary() -> None:
    for group in ([], ["sources"], ["digest"]):
        listed = CliRunner().invoke(main, [*group, "--help"]).output.partition("Commands:")[2]
        lines = listed.strip().splitlines()
        assert len(lines) >= 2
        assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []
