"""PgBouncer and nginx as compose.replicas.yaml runs them, as plain processes.

Both read the files in deploy/ that operators use. Only addresses, ports and folders differ.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import struct
import tempfile
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bench.harness.processes import ROOT, BrokenRunError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

PGBOUNCER_INI = ROOT / "deploy" / "pgbouncer-replicas.ini"
NGINX_CONF = ROOT / "deploy" / "nginx-replicas.conf"

USER, PASSWORD = "postgres", "between"
DATABASE = "onnews"
"""The database's name in `PGBOUNCER_INI`."""
LOOK = 0.02
_ADDRESSES = 8
"""Loopback addresses for each process that measures or tests."""
_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
"""Modules of nginx that have a folder for temporary files."""


def missing() -> str:
    """Return why PgBouncer and nginx cannot run on this machine; empty if they can."""
    absent = [name for name in ("pgbouncer", "nginx") if program(name) is None]
    if absent:
        return f"needs {' and '.join(absent)}, from Debian's packages of these names"
    with closing(socket.socket()) as tried:
        try:
            tried.bind((own_address(0), 0))
        except OSError:
            return "needs all of 127.0.0.0/8 as addresses of this machine, as Linux has them"
    return ""


def own_address(number: int) -> str:
    """Return a loopback address that no other process of a test run or a bench uses.

    Args:
        number: 0 to 7, to tell the addresses of this process apart.
    """
    place = 1 + os.getpid() % (2**24 // _ADDRESSES - 1)
    return str(IPv4Address("127.0.0.0") + place * _ADDRESSES + number)


def program(name: str) -> str | None:
    """Return the path of a program, or None; an administrator's programs are found too."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class _Running:
    """A program that can be killed and started again.

    Args:
        folder: The folder in which it runs and writes its log.
        command: The program's name and its arguments.
        connect: Connects to the program, to find out whether it listens.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        connect: Callable[[], Coroutine[None, None, tuple[object, asyncio.StreamWriter]]],
    ) -> None:
        self._folder = folder
        self._command = (program(command[0]) or command[0], *command[1:])
        self._connect = connect
        self._process: Process | None = None

    async def start(self) -> None:
        """Start the program, and wait until it listens.

        Raises:
            BrokenRunError: The program ended instead; the text is its log.
        """
        path = self._folder / "log.txt"
        with path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, stdout=log, stderr=log, start_new_session=True
            )
        while self._process.returncode is None:
            with suppress(OSError):
                _, writer = await self._connect()
                writer.close()
                return
            await asyncio.sleep(LOOK)
        raise BrokenRunError(path.read_text())

    async def kill(self) -> None:
        """Kill the program and the processes that it started."""
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


class PgBouncer(_Running):
    """PgBouncer in front of one database of a server.

    Args:
        folder: An empty folder.
        server: The folder of the server's socket.
        database: The name of the database on the server.
    """

    def __init__(self, folder: Path, server: Path, database: str) -> None:
        self.socket = str(folder / ".s.PGSQL.6432")
        settings = folder / "pgbouncer.ini"
        users = folder / "userlist.txt"
        users.write_text(f'"{USER}" "{PASSWORD}"\n')
        # A second section of the same name would give all other settings their defaults back.
        settings.write_text(
            replaced(
                PGBOUNCER_INI,
                {
                    f"{DATABASE} = host=database dbname=onnews\n": (
                        f"{DATABASE} = host={server} dbname={database}\n"
                    ),
                    "listen_addr = 0.0.0.0\n": "listen_addr =\n",
                    "unix_socket_dir =\n": f"unix_socket_dir = {folder}\n",
                    "auth_file = /etc/pgbouncer/userlist.txt\n": f"auth_file = {users}\n",
                },
            )
        )
        command = ["pgbouncer", str(settings)]
        if os.geteuid() == 0:
            # PgBouncer refuses to run as root. The server's own user may use its socket.
            owner = "nobody" if server.owner() == "root" else server.owner()
            for path in (folder, users, settings):
                shutil.chown(path, owner)
            command[1:1] = ["-u", owner]
        super().__init__(folder, command, lambda: asyncio.open_unix_connection(self.socket))

    def address(self, folder: Path) -> str:
        """Return DATABASE_URL for a process that reaches PgBouncer by a socket in a folder."""
        return f"postgresql://{USER}:{PASSWORD}@/{DATABASE}?host={folder}&pgbouncer=true"


class Nginx(_Running):
    """The balancer before the webhooks of several replicas.

    Args:
        folder: An empty folder.
        port: A free port: its own, and that of the replicas.
        replicas: The addresses of the replicas.
        resolver: The name server that gives these addresses, as `host:port`.
    """

    def __init__(self, folder: Path, port: int, replicas: Sequence[str], resolver: str) -> None:
        self.port = port
        self.replicas = replicas
        self.address = own_address(0)
        (folder / "nginx.conf").write_text(configured(self.address, port, resolver))
        folder.chmod(0o755)  # nginx's workers have another user
        command = ("nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr")
        options = ("-g", "daemon off; pid nginx.pid; worker_processes 1;")
        super().__init__(
            folder, (*command, *options), lambda: asyncio.open_connection(self.address, port)
        )


def configured(address: str, port: int, resolver: str) -> str:
    """Return the text of `NGINX_CONF` with other addresses and ports.

    Args:
        address: The address to listen on.
        port: The port, also that of the replicas.
        resolver: The name server.
    """
    folders = "".join(f"{name}_temp_path {name}; " for name in _FOLDERS)
    return replaced(
        NGINX_CONF,
        {
            "listen 8080;": f"listen {address}:{port};",
            "resolver 127.0.0.11 ": f"resolver {resolver} ",
            "$replicas:8080;": f"$replicas:{port};",
            "http {": f"http {{ {folders}",
        },
    )


def replaced(path: Path, changes: Mapping[str, str]) -> str:
    """Return the text of a file with some parts replaced.

    Args:
        path: The file.
        changes: Each part → what is written instead.

    Raises:
        ValueError: The file has no such part, or has it more than once.
    """
    text = path.read_text()
    for old, new in changes.items():
        if text.count(old) != 1:
            raise ValueError(f"{path} should have {old!r} once")
        text = text.replace(old, new)
    return text


class _Names(asyncio.DatagramProtocol):
    """A name server with the same IPv4 addresses for every name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        # Python 3.11's own class is none of a DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answer a question, in the format of RFC 1035, section 4."""
        end = data.index(b"\0", 12) + 5
        asked = int.from_bytes(data[end - 4 : end - 2], "big")
        found = self._addresses if asked == 1 else ()  # type 1 is an IPv4 address
        head = data[:2] + struct.pack("!5H", 0x8180, 1, len(found), 0, 0)
        rows = (struct.pack("!3HIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(it) for it in found)
        self._transport.sendto(b"".join([head, data[12:end], *rows]), sender)


@dataclass(frozen=True, slots=True)
class Between:
    """PgBouncer and nginx, running."""

    pgbouncer: PgBouncer
    nginx: Nginx


@asynccontextmanager
async def proxies(server: Path, database: str, port: int, number: int) -> AsyncIterator[Between]:
    """Run PgBouncer and nginx for some replicas, and end both on exit.

    Args:
        server: The folder of the PostgreSQL server's socket.
        database: The name of the database.
        port: A free port for nginx and for each replica.
        number: How many replicas: 1 to 7.
    """
    addresses = [own_address(each) for each in range(1, number + 1)]
    names, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Names(addresses), (own_address(0), 0)
    )
    host, name_port = names.get_extra_info("sockname")
    with (
        tempfile.TemporaryDirectory(prefix="onnews-pgbouncer-") as one,
        tempfile.TemporaryDirectory(prefix="onnews-nginx-") as other,
    ):
        pgbouncer = PgBouncer(Path(one), server, database)
        nginx = Nginx(Path(other), port, addresses, f"{host}:{name_port}")
        try:
            await pgbouncer.start()
            await nginx.start()
            yield Between(pgbouncer, nginx)
        finally:
            await nginx.kill()
            await pgbouncer.kill()
            names.close()
