"""Notifications to systemd by the protocol of sd_notify(3)."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.process.stopping import within
from bot.watching.process_health import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

log = logging.getLogger(__name__)

ADDRESS = "NOTIFY_SOCKET"
"""The environment variable that names the service manager's socket."""
EVERY = 1.0
"""Seconds between two notifications. WatchdogSec has to be several times as long."""
STARTING = "EXTEND_TIMEOUT_USEC=30000000"
"""Extends the time allowed for the start by 30 s, while it waits for the database or Telegram."""
READY = frozenset({Phase.STANDBY, Phase.SERVING})
STATUS = {
    Phase.OPENING: "waiting for the database",
    Phase.STANDBY: "standing by: another process serves",
    Phase.STARTING: "waiting for Telegram",
    Phase.SERVING: "serving",
    Phase.STOPPING: "stopping",
}


class ServiceManager:
    """The service manager, such as systemd, that restarts the process if its event loop hangs.

    The address is the path of its socket, starting with `@` for an abstract one; empty without a
    service manager.
    """

    def __init__(self, address: str = "") -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._is_ready = False
        self._status = ""

    @asynccontextmanager
    async def informed(
        self, stop: asyncio.Event, phase: Callable[[], Phase] = lambda: Phase.OPENING
    ) -> AsyncIterator[None]:
        """Notify the service manager of the process's phase every second within this context.

        Notifications come from the event loop, so that they stop if it hangs. When `stop` is set,
        they report that the service is stopping.
        """
        if not self._address:
            yield
            return
        reporting = asyncio.create_task(self._report(stop, phase), name="service manager")
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.wait({reporting})

    async def _report(self, stop: asyncio.Event, phase: Callable[[], Phase]) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
            notified.setblocking(False)  # noqa: FBT003  # its name in the library
            while not stop.is_set():
                self._send(notified, self._lines(phase()))
                await within(stop, EVERY)
            self._send(notified, ["STOPPING=1", f"STATUS={STATUS[Phase.STOPPING]}"])
            while True:
                self._send(notified, ["WATCHDOG=1"])
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

    def _send(self, notified: socket.socket, lines: list[str]) -> None:
        try:
            notified.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.debug("cannot notify the service manager: %s", error)
