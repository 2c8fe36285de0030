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
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

import aiohttp

from bench.peers.server import answer
from bench.rigs.crowd import Crowd, private_chat
from bench.rigs.replicas.earlier import HERE, Program
from bench.rigs.replicas.wire import Wire
from bot.configuration.settings import Settings
from bot.telegram.webhook import CONNECTIONS, SECRET_HEADER, secret_of
from handlers.taps.callback_data import AskWord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from typing import IO

    from bench.rigs.replicas.earlier import Running
    from bench.rigs.replicas.proxies import Between

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"  # noqa: S105  # no token is checked
WEBHOOK = "https://news.example/telegram"
ASK = AskWord(mute=False).pack()
AGAIN = "Try again in a minute"
"""What the bot writes if the replica that was answering has died."""
ASKED = "Which word or phrase"
UNANSWERED = 60.0
"""Seconds after which a step counts as missed in a measurement."""
REPOST, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until a post that failed is sent to another replica, doubled after each failure."""
POSTED_FOR = 60.0
"""Seconds after which an update that no replica takes is given up; Telegram goes on for a day."""
POST_SECONDS = 1.5
"""Seconds that the balancer gives a replica to take a post."""
NGINX_SECONDS = 30.0
"""Seconds that nginx has to find a replica that takes a post, as Telegram would wait."""
FIRST_PERSON = 2_000_000_000
PEOPLE_AT_MOST = 1_000
KEYWORDS = 40
"""Keywords after which somebody else goes on: nobody may follow more than 50."""
OF_A_TOWN = 1_000_000
"""More numbers than the updates, messages and taps of one town use."""
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


def next_port() -> int:
    """Return a port of this machine on which nobody listens."""
    return next(_ports)


class ReplicaTown(Crowd):
    """Telegram, its people, and the balancer before the replicas' webhooks.

    Args:
        seed: A number for each town on the same database, so that no update comes again.
        patience: Seconds after which a step counts as missed.
    """

    def __init__(self, seed: int = 1, *, patience: float = UNANSWERED) -> None:
        super().__init__(patience=patience)
        self._numbers = itertools.count(OF_A_TOWN * seed)
        self.doors: list[str] = []
        """The webhooks, as `host:port`: those of all replicas, dead ones as well, or nginx's."""
        self.post_seconds = POST_SECONDS
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
        self._connections = asyncio.Semaphore(CONNECTIONS)
        self.posts: Counter[str] = Counter()
        """Posts by how they ended: an HTTP status, or the name of an error."""
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
        if not self.doors:
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
            began, pause = time.monotonic(), REPOST
            while time.monotonic() - began < POSTED_FOR:
                async with self._connections:
                    ended = await self._posted(body)
                self.posts[ended] += 1
                if ended == "200":  # HTTP's "OK"
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            self.posts["given up"] += 1

    async def _posted(self, body: bytes) -> str:
        """Post an update once; return how that ended."""
        if self._session is None:
            return "closed"
        self._turn += 1
        door = self.doors[self._turn % len(self.doors)]
        try:
            async with self._session.post(
                f"http://{door}/telegram",
                data=body,
                timeout=aiohttp.ClientTimeout(total=self.post_seconds),
            ) as taken:
                await taken.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
        return str(taken.status)

    def __str__(self) -> str:
        """Say what was seen here, for a run that failed."""
        return (
            f"posts {dict(self.posts)}; requests {dict(self.counts)}; answered {len(self.waits)}; "
            f"missed {self.missed}; asked again {self.again}; extra {dict(self.extra)}"
        )

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
        await asyncio.wait_for(inbox.get(), self._patience)
        return time.perf_counter() - began

    async def talk(self, person: int, until: asyncio.Event, *, pause: float = 0.0) -> int:
        """Converse with the bot until an event, with a pause in seconds before each step.

        Returns:
            The number of steps that were answered.
        """
        steps = 0
        for turn in itertools.count():
            if turn % KEYWORDS == 0:
                known = FIRST_PERSON + person + turn // KEYWORDS * PEOPLE_AT_MOST
                chat = private_chat(known)
                inbox = self.inboxes[known] = asyncio.Queue()
            word = f"zq{person}x{turn}"
            for step in ("tap", "type", "command"):
                if until.is_set():
                    return steps
                await asyncio.sleep(pause)
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
            async with asyncio.timeout(self._patience):
                while True:
                    text = await inbox.get()
                    if AGAIN in text or fits in text:
                        return text
                    found = _TEXT.search(text)
                    self.extra[found[0] if found else text[:20]] += 1
        except TimeoutError:
            return None


class ReplicaProcess:
    """One replica: its process, its webhook, and its lines to the database and to Telegram."""

    def __init__(
        self,
        town: ReplicaTown,
        url: str,
        server: str,
        folder: Path,
        settings: Mapping[str, str],
        *,
        listen: str,
        program: Program = HERE,
    ) -> None:
        self.program = program
        """The version that `start` runs."""
        self._town = town
        self._url = url
        self._folder = folder
        self.settings = dict(settings)
        """Further settings with which `start` runs it."""
        self.listen = listen
        self.wire = Wire(server, folder)
        self.telegram = Wire(town.port, folder)
        self.log = folder / "log.txt"
        self._file: IO[bytes] | None = None
        self.process: Running | None = None

    async def start(self) -> None:
        """Start the process."""
        self._file = self.log.open("ab")
        self.process = await self.program.start(
            "run",
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_API_URL": f"http://127.0.0.1:{self.telegram.port}",
                "DATABASE_URL": self._url,
                "WEBHOOK_URL": WEBHOOK if self._town.doors else "",
                "WEBHOOK_LISTEN": self.listen,
                "FETCH_EVERY": "3600",
                **self.settings,
            },
            output=self._file,
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

    async def open(self) -> None:
        """Open both lines."""
        await self.wire.start()
        await self.telegram.start()

    async def close(self) -> None:
        """End the process, and close both lines."""
        await self.end()
        await self.wire.close()
        await self.telegram.close()

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
    between: Between | None = None,
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
        between: The PgBouncer through which they reach the database, and the nginx through which
            updates reach them; None for neither.
    """
    async with AsyncExitStack() as open_:
        found = []
        for each in range(number):
            folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="onnews-r-")))
            if between is None:
                listen = f"127.0.0.1:{next_port()}"
                url = f"postgresql://postgres@/{database}?host={folder}"
            else:
                listen = f"{between.nginx.replicas[each]}:{between.nginx.port}"
                server, url = between.pgbouncer.socket, between.pgbouncer.address(folder)
            replica = ReplicaProcess(
                town, url, server, folder, settings or {}, listen=listen, program=program
            )
            await replica.open()
            open_.push_async_callback(replica.close)
            found.append(replica)
        town.doors = [each.listen for each in found] if webhook else []
        if between is not None and webhook:
            town.doors = [f"{between.nginx.address}:{between.nginx.port}"]
            town.post_seconds = NGINX_SECONDS
        for replica in found:
            await replica.start()
        yield found
