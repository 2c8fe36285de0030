"""A Bot API with readers who ask for /latest and tap buttons, and measure the answers.

It runs in the measuring process. The time of a request starts when the reader sends it, so it
includes the time until the bot fetches it. The answer to a tap is the request that ends the
button's waiting.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Self

from bench.peers.server import CONFLICT, Bot, answer
from handlers.taps.callback_data import Scope, Turn

if TYPE_CHECKING:
    from asyncio import Future, Server
    from collections.abc import Callable

TOKEN = "1:bench"  # noqa: S105  # no token is checked
FIRST_READER = 1_000_000_000
"""The first chat of the readers who send requests; they get no editions."""
READERS = 1_000
AT_ONCE = 100
"""Maximum number of updates that Telegram returns at a time."""
LONG_POLL = 10.0
PATIENCE = 60.0
"""Seconds after which an answer counts as lost."""

_CHAT = re.compile(rb"(?:^|&)chat_id=(\d+)")
_QUERY = re.compile(rb"(?:^|&)callback_query_id=([^&]+)")
_OFFSET = re.compile(rb"(?:^|&)offset=(\d+)")
NEXT_PAGE = Turn(Scope.ALL, "", 7, 7).pack()


class Crowd:
    """The readers, and Telegram between them and the bot."""

    def __init__(
        self, buttons: tuple[str, ...] = (NEXT_PAGE,), *, patience: float = PATIENCE
    ) -> None:
        self._patience = patience
        self._buttons = itertools.cycle(buttons)
        self.url, self.port = "", 0
        self.counts: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self._updates: deque[dict[str, Any]] = deque()
        """Those that no request for updates has confirmed."""
        self._poll: Callable[[bytes], None] | None = None
        self._awaited: dict[bytes, Future[float]] = {}

    async def __aenter__(self) -> Self:
        self._server: Server = await asyncio.get_running_loop().create_server(
            lambda: _Line(self), "127.0.0.1", 0
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def ask(
        self, per_second: float, until: asyncio.Event, *, taps: bool = False
    ) -> list[float]:
        """Ask for /latest at a steady rate until `until` is set.

        Returns:
            Milliseconds to each answer.

        Raises:
            TimeoutError: An answer never came.
        """
        answers, tapped = await self.ask_apart(per_second, until, taps=taps)
        return answers + tapped

    async def ask_apart(
        self, per_second: float, until: asyncio.Event, *, taps: bool = False
    ) -> tuple[list[float], list[float]]:
        """Send requests as `ask` does; return the milliseconds of commands, and those of taps."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        asking: tuple[list[asyncio.Task[float]], ...] = ([], [])
        for number in itertools.count():
            # Send each request at its time, however long earlier ones wait: readers do not queue.
            pause = begun + number / per_second - loop.time()
            try:
                await asyncio.wait_for(until.wait(), max(pause, 0.0))
            except TimeoutError:
                tap = taps and number % 2 == 1
                asking[tap].append(asyncio.create_task(self._one(number % READERS, tap=tap)))
            else:
                break
        commands, tapped = [await asyncio.gather(*each) for each in asking]
        return [1000 * each for each in commands], [1000 * each for each in tapped]

    async def ask_for(
        self, per_second: float, seconds: float, *, taps: bool = False
    ) -> list[float]:
        """Send requests as `ask` does, for some seconds."""
        until = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, until.set)
        return await self.ask(per_second, until, taps=taps)

    async def _one(self, number: int, *, tap: bool) -> float:
        """Send one request as a reader; return the seconds to the answer."""
        reader = FIRST_READER + number
        chat = private_chat(reader)
        if tap:
            return await self.tap(reader, chat, next(self._buttons))
        return await self.command(reader, chat, "/latest")

    async def command(self, person: int, chat: dict[str, Any], text: str) -> float:
        """Write a command in the person's chat with the bot; return the seconds to the answer."""
        answered = self._awaiting(b"%d" % person)
        start = time.perf_counter()
        self.say(person, chat, text)
        return await asyncio.wait_for(answered, self._patience) - start

    async def tap(self, person: int, chat: dict[str, Any], data: str, message: int = 0) -> float:
        """Tap a button; return the seconds until it stops spinning.

        Args:
            person: The id of the person.
            chat: The chat of the message.
            data: The button's callback data.
            message: The message's id; 0 for a new one.
        """
        query = str(next(self._numbers))
        answered = self._awaiting(query.encode())
        body = {**self._message(chat), "text": "The latest"}
        start = time.perf_counter()
        self._happens(
            callback_query={
                "id": query,
                "from": _person(person),
                "chat_instance": "1",
                "message": body | ({"message_id": message} if message else {}),
                "data": data,
            }
        )
        return await asyncio.wait_for(answered, self._patience) - start

    def say(self, person: int, chat: dict[str, Any], text: str) -> None:
        """Write a text or a command in a chat."""
        message = {**self._message(chat), "from": _person(person), "text": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._happens(message=message)

    def edit(self, person: int, chat: dict[str, Any], text: str) -> None:
        """Edit a message that was sent before."""
        message = {**self._message(chat), "from": _person(person), "text": text}
        self._happens(edited_message=message)

    def type_inline(self, person: int, query: str) -> None:
        """Type the bot's name and a query in a chat."""
        number = str(next(self._numbers))
        self._happens(
            inline_query={"id": number, "from": _person(person), "query": query, "offset": ""}
        )

    def _message(self, chat: dict[str, Any]) -> dict[str, Any]:
        return {"message_id": next(self._numbers), "date": int(time.time()), "chat": chat}

    def _happens(self, **what: object) -> None:
        self.pass_on({"update_id": next(self._numbers), **what})

    def pass_on(self, update: dict[str, Any]) -> None:
        """Queue an update for the bot."""
        self._updates.append(update)
        self._hand_out()

    def _awaiting(self, answer_to: bytes) -> Future[float]:
        answered: Future[float] = asyncio.get_running_loop().create_future()
        self._awaited[answer_to] = answered
        return answered

    def asked(self, method: str) -> bytes | None:
        """Return the answer to a request that is no message; None for the usual one."""
        del method
        return None

    def carried_out(self, method: str, body: bytes) -> None:
        """Note a request of the bot that answers a reader."""
        if method == "sendMessage":
            found = _CHAT.search(body)
        elif method == "answerCallbackQuery":
            found = _QUERY.search(body)
        else:
            return
        answered = self._awaited.pop(found[1], None) if found else None
        if answered is not None and not answered.done():
            answered.set_result(time.perf_counter())

    def poll(self, body: bytes, write: Callable[[bytes], None]) -> None:
        """Answer a request for updates as soon as there are some; the one before it ends."""
        if self._poll is not None:
            self._poll(CONFLICT)
        self._poll = write
        confirmed = _OFFSET.search(body)
        while confirmed and self._updates and self._updates[0]["update_id"] < int(confirmed[1]):
            self._updates.popleft()
        self._hand_out()
        asyncio.get_running_loop().call_later(LONG_POLL, self._give_up, write)

    def _hand_out(self) -> None:
        if self._updates and self._poll is not None:
            write, self._poll = self._poll, None
            write(answer([*itertools.islice(self._updates, AT_ONCE)]))

    def _give_up(self, write: Callable[[bytes], None]) -> None:
        if write == self._poll:
            self._poll = None
            write(answer([]))


def private_chat(person: int) -> dict[str, Any]:
    """Return a person's chat with the bot, as an update has it."""
    return {"id": person, "type": "private", "first_name": "Reader"}


def _person(number: int) -> dict[str, Any]:
    return {"id": number, "first_name": "Reader", "is_bot": False, "language_code": "en"}


class _Line(Bot):
    """One connection of the bot."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd.counts)
        self._crowd = crowd

    def asked(self, method: str, body: bytes) -> None:
        """Hold a request for updates until there are some, and answer all others at once."""
        if method == "getUpdates":
            self._crowd.poll(body, self._later)
            return
        self._crowd.carried_out(method, body)
        if (answered := self._crowd.asked(method)) is not None:
            self.transport.write(answered)
            return
        super().asked(method, body)

    def _later(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)
