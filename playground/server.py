"""The stand-in for Telegram's Bot API server, on loopback."""

from __future__ import annotations

import inspect
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from aiohttp import web
from yarl import URL

from playground.chat_page.page import ChatPage
from playground.checks import schema
from playground.checks.refusal import ApiError, violation
from playground.checks.schema import Upload
from playground.faults import Fault, Faults, Limits
from playground.methods import METHODS, Call
from playground.model_server import Model
from playground.newsstand.newsstand import Newsstand
from playground.people.people import PATIENCE_SECONDS, NoAnswerError, Person, Room
from playground.world import chat_changes
from playground.world.chats import ChatType, Status
from playground.world.world import DEFAULT_TOKEN, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from playground.chat_page.controls import Controls

MAX_UPLOAD_BYTES = 60 * 1024 * 1024
_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,50}")
_OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_PACED = frozenset(
    {
        "createForumTopic",
        "sendMessage",
        "sendRichMessage",
        "sendPhoto",
        "sendDocument",
        "copyMessage",
        "forwardMessage",
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the bot made."""

    time: float
    method: str
    params: dict[str, Any]
    status: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that is wrong in any state of the chats, or that loses content."""

    method: str
    reason: str
    params: dict[str, Any]


class Playground:
    """A Telegram for one bot: `async with Playground() as town:` runs it.

    Args:
        token: The bot's token.
        username: The bot's user name, without `@`.
        name: The bot's first name.
        host: A loopback address.
        port: The port; 0 for any free one.
        clock: Returns seconds since 1970.
        limits: Telegram's rate limits, to enforce them.
        names: Further host names by which it may be requested.

    Attributes:
        world: People, chats and messages.
        newsstand: A small newspaper, under `/newsstand` on the same server.
        model: A server of a language model, under `/model`.
        faults: The faults to inject.
        requests: Every request seen, in order.
        violations: Requests that were wrong in themselves; Telegram refuses them or loses content.
        controls: The page's controls besides chatting, or None.
    """

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        username: str = "OnNewsBot",
        name: str = "ON News",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        limits: Limits | None = None,
        names: Collection[str] = (),
    ) -> None:
        self.token = token
        self.world = World(username, name, clock, int(token.partition(":")[0]))
        self.newsstand = Newsstand(lambda: datetime.fromtimestamp(clock(), UTC))
        self.model = Model()
        self.faults = Faults()
        self.limits = limits
        self.controls: Controls | None = None
        self.requests: list[Request] = []
        self.violations: list[Violation] = []
        self._host = host
        self._names = {*_OWN_HOSTS, host, *names}
        self._port = port
        self._runner: web.AppRunner | None = None
        self._schema = schema.load()

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES, middlewares=[self._only_here])
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/files/{id}/{name}", self._serve_file)
        self.newsstand.add_routes(app)
        self.model.add_routes(app)
        ChatPage(self.world, lambda: self.url, lambda: self.controls).add_routes(app)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        self.model.release()
        await self.world.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _only_here(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Refuse requests under a foreign host name.

        Otherwise any web page could point its own host name at this machine and read the chats with
        the rights of its origin (DNS rebinding).
        """
        try:
            host = URL(f"//{request.host}").host
        except ValueError:
            host = None
        if host not in self._names:
            raise web.HTTPMisdirectedRequest(text=f"open {self.url} instead\n")
        return await handler(request)

    # People and chats.

    def person(
        self, name: str, language_code: str | None = "en", *, username: str | None = None
    ) -> Person:
        """Add a new person, whom the bot does not know yet."""
        return Person(self.world, self.world.add_person(name, language_code, username))

    def group(
        self,
        title: str,
        members: Sequence[Person],
        *,
        bot: bool = True,
        supergroup: bool = False,
        forum: bool = False,
        settled: bool = False,
    ) -> Room:
        """Create a group; the first member creates it, and adds the bot unless `bot` is False.

        In a `settled` group the bot is a member already, and gets no update about being added.
        """
        kind = ChatType.SUPERGROUP if supergroup or forum else ChatType.GROUP
        room = self._room(kind, title, members, bot=bot and not settled, forum=forum)
        if settled:
            room.raw.members[self.world.bot.id] = Status.MEMBER
        return room

    def channel(
        self,
        title: str,
        admins: Sequence[Person],
        *,
        bot: bool = True,
        username: str | None = None,
    ) -> Room:
        """Create a channel; the bot is made an administrator unless `bot` is False."""
        room = self._room(ChatType.CHANNEL, title, admins, bot=bot)
        room.raw.username = username
        for admin in admins[1:]:
            room.raw.members[admin.id] = Status.ADMINISTRATOR
        return room

    def direct(self, first: Person, second: Person) -> Room:
        """Create the chat of two people with each other, without the bot."""
        title = f"{first.name} & {second.name}"
        return self._room(ChatType.DIRECT, title, (first, second), bot=False)

    def _room(
        self,
        kind: ChatType,
        title: str,
        members: Sequence[Person],
        *,
        bot: bool,
        forum: bool = False,
    ) -> Room:
        chat = self.world.add_chat(kind, title, forum=forum)
        for person in members:
            chat.members[person.id] = Status.MEMBER
        if kind is not ChatType.DIRECT:
            chat.members[members[0].id] = Status.CREATOR
        room = Room(self.world, chat)
        if bot:
            status = Status.ADMINISTRATOR if kind is ChatType.CHANNEL else Status.MEMBER
            chat_changes.set_bot_status(self.world, chat, members[0].account, status)
        return room

    def sent(self, method: str) -> list[Request]:
        """Return the requests for one method that were answered with 200."""
        return [seen for seen in self.requests if seen.method == method and seen.status == 200]

    async def until(self, ready: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until `ready()` is true; it is called again after each event.

        Raises:
            NoAnswerError: It did not become true in time.
        """
        try:
            await self.world.until(ready, seconds)
        except TimeoutError:
            last = [f"{seen.method} {seen.error or 'ok'}" for seen in self.requests[-10:]]
            raise NoAnswerError(
                f"timed out after {seconds:g} s; the last requests: {last}"
            ) from None

    # The Bot API.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        if token != self.token:
            known = _TOKEN.fullmatch(token)
            error = ApiError(401, "Unauthorized") if known else ApiError(404, "Not Found")
            return self._json(error.code, error.body())
        name = self._schema.method(request.match_info["method"])
        if name is None:
            return self._json(404, ApiError(404, "Not Found").body())
        raw: Mapping[str, Any] = {}
        fault: Fault | None = None
        status, error_text = 200, None
        try:
            raw = await _values(request)
            fault = self.faults.strike(name, dict(raw))
            self.world.wake()
            if fault is not None and not fault.after_delivery:
                await fault.wait()
                self._spoil(request, fault)
            body = {"ok": True, "result": await self.call(name, raw)}
            if fault is not None and fault.after_delivery:
                await fault.wait()
                self._spoil(request, fault)
        except ApiError as error:
            status, error_text, body = error.code, error.description, error.body()
            if error.violation:
                self.violations.append(Violation(name, str(error), dict(raw)))
        except ConnectionAbortedError:
            status, error_text, body = 0, "connection cut", {}
        self.requests.append(Request(self.world.clock(), name, dict(raw), status, error_text))
        if error_text is not None:
            self.world.refused.append(f"{name}: {error_text}")
        self.world.wake()
        return self._json(status or 500, body)

    async def _serve_file(self, request: web.Request) -> web.Response:
        stored = self.world.files.get(request.match_info["id"])
        if request.match_info["token"] != self.token or stored is None:
            return self._json(404, ApiError(404, "Not Found").body())
        return web.Response(body=stored.data, content_type=stored.content_type)

    async def call(self, name: str, raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Call one method by its exact name, and return the answer's `result`.

        Raises:
            ApiError: Telegram refuses it.
        """
        params = self._schema.read(name, raw)
        method = METHODS.get(name)
        if method is None:
            raise violation(f"the playground does not implement {name}")
        if self.limits is not None and name in _PACED:
            chat = self.world.find(params["chat_id"])
            group = chat.kind in {ChatType.GROUP, ChatType.SUPERGROUP, ChatType.CHANNEL}
            self.limits.take(chat.id, group=group, now=self.world.clock())
        call = Call(self.world, params)
        result = method(call)
        if inspect.isawaitable(result):
            result = await result
        for note in call.notes:
            self.violations.append(Violation(name, note, dict(raw)))
        return result

    def _json(self, status: int, body: Mapping[str, Any]) -> web.Response:
        """Return a JSON answer with this playground's time in the Date header, as Telegram does."""
        return web.Response(
            status=status,
            body=json.dumps(body).encode(),
            content_type="application/json",
            headers={"Date": formatdate(self.world.clock(), usegmt=True)},
        )

    def _spoil(self, request: web.Request, fault: Fault) -> None:
        if fault.reset:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionAbortedError
        error = fault.error()
        if error is not None:
            raise error


async def _values(request: web.Request) -> dict[str, Any]:
    """Return a request's values from its address and body, as text, JSON or files.

    Raises:
        ApiError: The request cannot be parsed.
    """
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    if not request.can_read_body:
        return values
    kind = request.content_type
    if kind == "multipart/form-data":
        for name, part in (await request.post()).items():
            if isinstance(part, web.FileField):
                # Close it here: nothing else does if the request is broken off.
                with part.file as file:
                    values[name] = Upload(part.filename, part.content_type, file.read())
            else:
                values[name] = part
        return values
    data = await request.read()
    try:
        if kind == "application/json":
            decoded = json.loads(data) if data else {}
            if not isinstance(decoded, dict):
                raise violation("can't parse request as JSON object")
            return values | decoded
        if kind == "application/x-www-form-urlencoded":
            return values | dict(parse_qsl(data.decode(), keep_blank_values=True))
    except ValueError as error:
        raise violation("strings must be encoded in UTF-8") from error
    if data:
        raise violation(f"content type {kind} is not understood")
    return values
