"""Replicas of the bot as real processes: people in conversations, a load balancer, cuttable lines.

People write to the webhook of any replica through a balancer, as Telegram would post behind nginx.
Each waits for the answer to a step before the next step, so an answer that is missing or comes
twice is noticed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import socket
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

import aiohttp

from bench.peers.server import answer
from bench.rigs.crowd import Crowd, private_chat
from bench.rigs.replicas.earlier import HERE, Program
from bot.configuration.settings import Settings
from bot.telegram.webhook import SECRET_HEADER, secret_of
from handlers.taps.words_data import AskFollow

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterator, Mapping
    from typing import IO

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"  # noqa: S105  # no token is checked
WEBHOOK = "https://news.example/telegram"
ASK = AskFollow().pack()
AGAIN = "Try again in a minute"
"""What the bot writes if the replica that was answering has died."""
ASKED = "Which word or phrase"
UNANSWERED = 60.0
"""Seconds after which a step counts as missed."""
REPOST = 0.1
"""Seconds until a post that failed is sent to another replica; Telegram waits longer."""
POST_SECONDS = 1.5
"""Seconds that the balancer gives a replica to take a post."""
FIRST_PERSON = 2_000_000_000
FIRST_PORT = 20_000
"""Below the ports that the system gives to outgoing connections, which might take one first."""
_TEXT = re.compile(r"zq\d+x\d+")
_WEBHOOK_INFO = answer({"url": WEBHOOK, "has_custom_certificate": False, "pending_update_count": 0})


def _free_ports() -> Iterator[int]:
    """Yield ports on which nobody listens; other processes begin elsewhere."""
    for port in itertools.count(FIRST_PORT + os.getpid() % 100 * 100):
        with socket.socket() as tried:
            is_free = tried.connect_ex(("127.0.0.1", port)) != 0
        if is_free:
            yield port


_ports = _free_ports()


class ReplicaTown(Crowd):
    """Telegram, its people, and the balancer before the replicas' webhooks."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self._numbers = itertools.count(1_000 * seed)
        self.ports: list[int] = []
        """The ports of the replicas' webhooks, those of dead ones as well."""
        self._turn = 0
        self.editions: Counter[int] = Counter()
        """Chat → messages that it got without having asked."""
        self.inboxes: dict[int, asyncio.Queue[str]] = {}
        self._tapped: dict[str, int] = {}
        """Tap → the person who tapped."""
        self.extra: Counter[str] = Counter()
        """Answers that came after the step was over, by the beginning of their text."""
        self.missed: list[str] = []
        self.again = 0
        """Steps that the bot asked to repeat."""
        self.lost_question = 0
        """Typed words that no longer answered the question before them."""
        self.waits: list[float] = []
        """Seconds from each step to its answer."""
        self._session: aiohttp.ClientSession | None = None
        self._posting: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.posts = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        headers = {SECRET_HEADER: secret_of(Settings(telegram_bot_token=TOKEN))}
        self._session = aiohttp.ClientSession(
            headers={**headers, "Content-Type": "application/json"},
            connector=aiohttp.TCPConnector(limit=0),
        )
        await super().__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        if self._session is not None:
            await self._session.close()
        await super().__aexit__(*error)

    def pass_on(self, update: dict[str, Any]) -> None:
        """Post an update to a replica, unless they poll."""
        if not self.ports:
            super().pass_on(update)
            return
        task = asyncio.create_task(self._post(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, update: dict[str, Any]) -> None:
        """Post an update until some replica has taken it, one by one in each chat."""
        body = json.dumps(update).encode()
        chat = (update.get("message") or update["callback_query"]["message"])["chat"]["id"]
        async with self._posting[chat]:
            while self._session is not None:
                self._turn += 1
                port = self.ports[self._turn % len(self.ports)]
                self.posts += 1
                with suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with self._session.post(
                        f"http://127.0.0.1:{port}/telegram",
                        data=body,
                        timeout=aiohttp.ClientTimeout(total=POST_SECONDS),
                    ) as taken:
                        await taken.read()
                    if taken.status == 200:  # HTTP's "OK"
                        return
                await asyncio.sleep(REPOST)

    def asked(self, method: str) -> bytes | None:
        """Return the answer to a request that is no message; None for the usual one."""
        return _WEBHOOK_INFO if method == "getWebhookInfo" else None

    def carried_out(self, method: str, body: bytes) -> None:
        """Note a message of the bot: the answer to a step, or an edition."""
        fields = dict(parse_qsl(body.decode()))
        if method == "answerCallbackQuery" and fields.get("text"):
            self.inboxes[self._tapped[fields["callback_query_id"]]].put_nowait(fields["text"])
        if method not in {"sendMessage", "sendRichMessage"}:
            return
        chat, text = int(fields["chat_id"]), fields.get("text", "")
        inbox = self.inboxes.get(chat)
        if inbox is None:
            self.editions[chat] += 1
        else:
            inbox.put_nowait(text)

    async def ask_once(self, person: int) -> float:
        """Ask for a category that does not exist; return the seconds to the answer.

        Raises:
            TimeoutError: No answer came.
        """
        chat = private_chat(FIRST_PERSON + person)
        inbox = self.inboxes[chat["id"]] = asyncio.Queue()
        began = time.perf_counter()
        self.say(chat["id"], chat, f"/category zq{person}x0")
        await asyncio.wait_for(inbox.get(), UNANSWERED)
        return time.perf_counter() - began

    async def talk(self, person: int, until: asyncio.Event) -> int:
        """Converse with the bot until an event; return the number of steps that were answered."""
        chat = private_chat(FIRST_PERSON + person)
        inbox = self.inboxes[FIRST_PERSON + person] = asyncio.Queue()
        steps = 0
        for turn in itertools.count():
            word = f"zq{person}x{turn}"
            for step in ("tap", "type", "command"):
                if until.is_set():
                    return steps
                steps += await self._step(chat, inbox, step, word)
        return steps

    async def _step(
        self, chat: dict[str, Any], inbox: asyncio.Queue[str], step: str, word: str
    ) -> int:
        person = chat["id"]
        for _ in range(5):
            began = time.perf_counter()
            if step == "tap":
                query = str(next(self._numbers))
                self._tapped[query] = person
                self._happens(
                    callback_query={
                        "id": query,
                        "from": {"id": person, "first_name": "R", "is_bot": False},
                        "chat_instance": "1",
                        "message": {**self._message(chat), "text": "Yours"},
                        "data": ASK,
                    }
                )
            else:
                self.say(person, chat, word if step == "type" else f"/category {word}")
            text = await self._reply(inbox, ASKED if step == "tap" else word)
            if text is None:
                self.missed.append(f"{step} {word}")
                return 0
            self.waits.append(time.perf_counter() - began)
            if AGAIN not in text:
                if step == "type" and "your keywords" not in text:
                    self.lost_question += 1
                return 1
            self.again += 1
        return 1

    async def _reply(self, inbox: asyncio.Queue[str], fits: str) -> str | None:
        """Return the answer to a step; count others as extra. None if none came in time."""
        try:
            async with asyncio.timeout(UNANSWERED):
                while True:
                    text = await inbox.get()
                    if AGAIN in text or fits in text:
                        return text
                    found = _TEXT.search(text)
                    self.extra[found[0] if found else text[:20]] += 1
        except TimeoutError:
            return None


class Wire:
    """The line between one replica and the database, which may fall silent.

    Args:
        server: The path of the server's socket.
        folder: A folder for the socket of this line.
    """

    def __init__(self, server: str, folder: Path) -> None:
        self._to = server
        self.folder = folder
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        path = str(self.folder / ".s.PGSQL.5432")
        self._server = await asyncio.start_unix_server(self._connected, path)

    async def close(self) -> None:
        """Close every connection."""
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def cut(self) -> None:
        """Pass nothing on any more, without closing a connection."""
        self._open.clear()

    def mend(self) -> None:
        """Pass on what was held back."""
        self._open.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            there, back = await asyncio.open_unix_connection(self._to)
        except OSError:
            writer.close()
            return
        for one, other in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pump(one, other))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()


class ReplicaProcess:
    """One replica: its process, its port and its line to the database."""

    def __init__(
        self,
        town: ReplicaTown,
        database: str,
        server: str,
        folder: Path,
        settings: Mapping[str, str],
        *,
        program: Program = HERE,
    ) -> None:
        self.program = program
        """The version that `start` runs."""
        self._town = town
        self._database = database
        self._folder = folder
        self._settings = settings
        self.port = next(_ports)
        self.wire = Wire(server, folder)
        self.log = folder / "log.txt"
        self._file: IO[bytes] | None = None
        self.process: Process | None = None

    async def start(self) -> None:
        """Start the process."""
        self._file = self.log.open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(self.program.python, "-m", "bot", "run"),
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                **self.program.env(),
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_API_URL": self._town.url,
                "DATABASE_URL": f"postgresql://postgres@/{self._database}?host={self._folder}",
                "WEBHOOK_URL": WEBHOOK if self._town.ports else "",
                "WEBHOOK_LISTEN": f"127.0.0.1:{self.port}",
                "FETCH_EVERY": "3600",
                **self._settings,
            },
            stdout=self._file,
            stderr=self._file,
        )

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End the process, also a stopped one; return its status."""
        if self.process is None:
            return 0
        self.send(number)
        self.send(signal.SIGCONT)
        status = await self.process.wait()
        if self._file is not None:
            self._file.close()
        return status

    @property
    def seconds(self) -> float:
        """Processor seconds that the process has used."""
        if self.process is None:
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def replicas(
    town: ReplicaTown,
    database: str,
    server: str,
    number: int,
    *,
    webhook: bool = True,
    settings: Mapping[str, str] | None = None,
    program: Program = HERE,
) -> AsyncIterator[list[ReplicaProcess]]:
    """Run some replicas, which end at the end.

    Args:
        town: Telegram.
        database: The name of the database, with an archive.
        server: The path of the PostgreSQL server's socket.
        number: How many replicas.
        webhook: Whether updates are posted to them; otherwise one polls.
        settings: Further settings of theirs.
        program: The version that they run.
    """
    async with AsyncExitStack() as open_:
        found = []
        for _ in range(number):
            folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="onnews-r-")))
            replica = ReplicaProcess(
                town, database, server, folder, settings or {}, program=program
            )
            await replica.wire.start()
            open_.push_async_callback(replica.wire.close)
            open_.push_async_callback(replica.end)
            found.append(replica)
        town.ports = [each.port for each in found] if webhook else []
        for replica in found:
            await replica.start()
        yield found
