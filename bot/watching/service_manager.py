"""What the service manager hears of this process: systemd's protocol of sd_notify(3)."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from bot.process.stopping import within
from bot.watching.process_health import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = logging.getLogger(__name__)

ADDRESS = "NOTIFY_SOCKET"
"""The variable of the environment that names the service manager's socket."""
EVERY = 1.0
"""Seconds between two signs of life. WatchdogSec has to be several times as long."""
STARTING = "EXTEND_TIMEOUT_USEC=30000000"
"""A start that waits for its database or for Telegram is alive for 30 s more."""
READY = frozenset({Phase.STANDBY, Phase.SERVING})
STATUS = {
    Phase.OPENING: "waiting for the database",
    Phase.STANDBY: "standing by: another process serves",
    Phase.STARTING: "waiting for Telegram",
    Phase.SERVING: "serving",
    Phase.STOPPING: "stopping",
}


class HasPhase(Protocol):
    """A process that knows how far it has come."""

    @property
    def phase(self) -> Phase:
        """How far it has come."""


class ServiceManager:
    """Who started this process, and restarts it where its event loop no longer runs.

    Args:
        address: The path of its socket, `@` first for an abstract one; empty where there is none.
    """

    def __init__(self, address: str = "") -> None:
        self.process: HasPhase | None = None
        """Whose phase is reported."""
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._is_ready = False
        self._status = ""

    @asynccontextmanager
    async def informed(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Report to it meanwhile, every second, from the event loop; `stop` ends the service."""
        if not self._address:
            yield
            return
        reporting = asyncio.create_task(self._report(stop), name="service manager")
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.wait({reporting})

    async def _report(self, stop: asyncio.Event) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
            notified.setblocking(False)  # noqa: FBT003  # its name in the library
            while not stop.is_set():
                phase = Phase.OPENING if self.process is None else self.process.phase
                self._tell(notified, self._lines(phase))
                await within(stop, EVERY)
            self._tell(notified, ["STOPPING=1", f"STATUS={STATUS[Phase.STOPPING]}"])
            while True:
                self._tell(notified, ["WATCHDOG=1"])
                await asyncio.sleep(EVERY)

    def _lines(self, phase: Phase) -> list[str]:
        lines = ["WATCHDOG=1"]
        if phase in READY and not self._is_ready:
            self._is_ready = True
            lines.append("READY=1")
        if not self._is_ready:
            lines.append(STARTING)
        if phase is not Phase.STOPPING and STATUS[phase] != self._status:
            self._status = STATUS[phase]
            lines.append(f"STATUS={self._status}")
        return lines

    def _tell(self, notified: socket.socket, lines: list[str]) -> None:
        try:
            notified.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.debug("the service manager cannot be told: %s", error)
