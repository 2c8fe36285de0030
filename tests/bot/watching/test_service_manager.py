"""What systemd is notified of: serving, standing by, alive, stopping."""

from __future__ import annotations

import asyncio
import re
import socket
import tempfile
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.watching.process_health import Phase
from bot.watching.service_manager import EVERY, ServiceManager
from tests.bot.conftest import LONG_ENOUGH, ROOT, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = ROOT / "deploy" / "systemd" / "onnews.service"


class Listening:
    """The receiving end of systemd's notification socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003  # its name in the library
        self._socket.bind(address)

    async def until(self, line: str) -> None:
        """Wait until this notification has arrived."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(LONG_ENOUGH):
            while line not in self.heard:
                self.heard += (await loop.sock_recv(self._socket, 4_096)).decode().split("\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listening() -> Iterator[Listening]:
    # The path of a socket may have no more than 108 bytes.
    with tempfile.TemporaryDirectory(prefix="onnews-") as folder:
        found = Listening(f"{folder}/notify")
        yield found
        found.close()


async def test_systemd_is_notified_of_serving_and_stopping(
    terminal: Terminal, listening: Listening
) -> None:
    terminal.make()
    process = await terminal.start("run", NOTIFY_SOCKET=listening.address)
    await listening.until("READY=1")
    assert listening.heard[0] == "WATCHDOG=1"
    assert "STATUS=serving" in listening.heard
    assert "EXTEND_TIMEOUT_USEC=30000000" in listening.heard
    listening.heard.clear()
    await listening.until("WATCHDOG=1")
    assert "READY=1" not in listening.heard
    process.terminate()
    await listening.until("STOPPING=1")
    assert await process.wait() == 0


async def test_a_standby_reports_ready_and_alive_to_systemd(
    terminal: Terminal, listening: Listening
) -> None:
    terminal.make()
    with tempfile.TemporaryDirectory(prefix="onnews-") as folder:
        other = Listening(f"{folder}/notify")
        serving = await terminal.start("run", NOTIFY_SOCKET=other.address)
        await other.until("READY=1")
        standby = await terminal.start("run", NOTIFY_SOCKET=listening.address)
        await listening.until("STATUS=standing by: another process serves")
        assert "READY=1" in listening.heard
        listening.heard.clear()
        await listening.until("WATCHDOG=1")
        serving.terminate()
        assert await serving.wait() == 0
        await listening.until("STATUS=serving")
        assert "READY=1" not in listening.heard
        standby.terminate()
        await listening.until("STOPPING=1")
        assert await standby.wait() == 0
        other.close()


async def test_a_start_that_waits_for_its_database_asks_for_more_time(listening: Listening) -> None:
    stop = asyncio.Event()
    async with ServiceManager(listening.address).informed(stop):
        await listening.until("STATUS=waiting for the database")
        assert "READY=1" not in listening.heard


async def test_a_missing_service_manager_does_no_harm(listening: Listening) -> None:
    stop = asyncio.Event()
    listening.close()
    for address in ("", listening.address, "@onnews-nobody-listens-here", "/no/such/socket"):
        manager = ServiceManager(address)
        async with manager.informed(stop):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}


def test_the_units_watchdog_allows_several_missed_reports() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are written
    unit.read(UNIT)
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10 * EVERY
    assert int(service["LimitNOFILE"]) > 1_024
    assert re.fullmatch(r"\d+M", service["MemoryMax"])
    assert int(service["TasksMax"]) >= 64


def test_every_service_of_the_compose_files_has_limits() -> None:
    for name in ("compose.yaml", "compose.postgresql.yaml", "compose.replicas.yaml"):
        text = Path(ROOT, name).read_text()
        for service in re.findall(r"^  (\w+):\n((?:    .*\n)+)", text, re.MULTILINE):
            if "extends:" in service[1]:
                continue
            for limit in ("mem_limit:", "pids_limit:", "nofile:"):
                assert limit in service[1], f"{name}: {service[0]} has no {limit}"


def test_every_phase_has_a_status_line_for_systemd() -> None:
    manager = ServiceManager("unused")
    assert all(manager._lines(phase) for phase in Phase)
