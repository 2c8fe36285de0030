"""The chat page: its files and its HTTP interface."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from playground.chat_page.controls import found, welcome
from playground.chat_page.views import Previews, chat_view, message_view
from playground.methods.profile import commands_for
from playground.people import acts, roles, sharing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playground.chat_page.controls import Controls
    from playground.world.chats import Account, Body, Chat, Record
    from playground.world.world import World

FILES = Path(__file__).parent / "page"
ANSWER_SECONDS = 10.0
"""Seconds that a tap or an inline query waits for the bot before the page gives up."""


class ChatPage:
    """The HTTP interface of the chat page, and its stream of events.

    Args:
        world: People, chats and messages.
        base: Returns the server's address.
        controls: Returns the controls besides chatting, or None.
    """

    def __init__(
        self,
        world: World,
        base: Callable[[], str],
        controls: Callable[[], Controls | None] = lambda: None,
    ) -> None:
        self._world = world
        self._controls = controls
        self._passing = asyncio.Lock()
        self._previews = Previews(base)
        self._streams: set[asyncio.Queue[Body | None]] = set()
        self._results: dict[tuple[int, str], list[Body]] = {}

    def add_routes(self, app: web.Application) -> None:
        """Serve the page, its files and its interface."""
        app.router.add_get("/", self._index)
        app.router.add_static("/page", FILES)
        app.router.add_get("/file/files/{id}/{name}", self._file)
        app.router.add_get("/api/events", self._events)
        asked: dict[str, Callable[[web.Request], Awaitable[Any]]] = {
            "/api/state": self._state,
            "/api/chats/{chat}/messages": self._messages,
            "/api/commands": self._commands,
        }
        for path, answer in asked.items():
            app.router.add_get(path, _answering(answer))
        done: dict[str, Callable[[web.Request], Awaitable[Any]]] = {
            "/api/chats/{chat}/send": self._send,
            "/api/chats/{chat}/location": self._location,
            "/api/chats/{chat}/tap": self._tap,
            "/api/chats/{chat}/forward": self._forward,
            "/api/chats/{chat}/share": self._share,
            "/api/chats/{chat}/join": self._join,
            "/api/chats/{chat}/role": self._role,
            "/api/inline": self._inline,
            "/api/inline/choose": self._choose,
            "/api/start": self._start,
            "/api/guests": self._guest,
            "/api/rooms": self._room,
            "/api/publish": self._publish,
            "/api/morning": self._morning,
        }
        for path, answer in done.items():
            app.router.add_post(path, _answering(answer))
        app.on_shutdown.append(self._shut)

    # Reading.

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(FILES / "index.html")

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._world.files.get(request.match_info["id"])
        if stored is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.data, content_type=stored.content_type)

    async def _state(self, _request: web.Request) -> Body:
        world = self._world
        about = world.face.descriptions
        controls = self._controls()
        return {
            "now": world.clock(),
            "controls": {"morning": f"{controls.at:%H:%M}"} if controls else None,
            "bot": {
                "name": world.face.names.get("") or world.bot.name,
                "id": world.bot.id,
                "username": world.bot.username,
                # Telegram shows the text in a person's language, or else the one for all languages.
                "about": about,
            },
            "people": [
                {"id": person.id, "name": person.name, "language": person.language}
                for person in world.people.values()
            ],
            "chats": [
                await chat_view(world, self._previews, chat)
                for chat in list(world.chats.values())
                if chat.migrated_to is None and not chat.backstage
            ],
        }

    async def _messages(self, request: web.Request) -> list[Body]:
        chat = self._chat(request.match_info["chat"])
        chat.unread = 0
        return [await self._view(record) for record in list(chat.records.values())]

    async def _commands(self, request: web.Request) -> list[Body]:
        return commands_for(self._world, self._person(request.query.get("person")))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue: asyncio.Queue[Body | None] = asyncio.Queue()
        self._streams.add(queue)
        stop = self._world.listen(queue.put_nowait)
        try:
            await response.prepare(request)
            await response.write(b": here\n\n")
            while (event := await queue.get()) is not None:
                if (chat := self._world.chats.get(event.get("chat", 0))) and chat.backstage:
                    continue
                shown = {name: value for name, value in event.items() if name != "record"}
                if "record" in event:
                    shown["message"] = await self._view(event["record"])
                await response.write(f"data: {json.dumps(shown)}\n\n".encode())
        except ConnectionResetError:
            pass  # the page was closed
        finally:
            stop()
            self._streams.discard(queue)
        return response

    async def _shut(self, _app: web.Application) -> None:
        for queue in self._streams:
            queue.put_nowait(None)

    # Actions.

    async def _send(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        words = str(given["text"]).strip()
        if not words:
            raise ValueError("There is nothing to send")
        answered = _record(chat, given["reply_to"]) if given.get("reply_to") else None
        record = acts.say(
            self._world,
            self._person(given["person"]),
            chat,
            acts.text(words),
            thread_id=_thread(chat, given.get("thread")),
            reply_to=answered,
        )
        return await self._view(record)

    async def _location(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        point = {name: float(given[name]) for name in ("latitude", "longitude")}
        record = acts.say(self._world, self._person(given["person"]), chat, {"location": point})
        return await self._view(record)

    async def _tap(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        record = _record(chat, given["message"])
        question = acts.tap(self._world, self._person(given["person"]), record, str(given["data"]))
        return await _waited(question.answer, {"text": "", "alert": False, "url": None})

    async def _forward(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        source = self._chat(given["from_chat"])
        record = acts.forward(
            self._world, self._person(given["person"]), _record(source, given["message"]), chat
        )
        return await self._view(record)

    async def _share(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        person = self._person(given["person"])
        return await self._view(sharing.share(self._world, person, chat, int(given["request"])))

    async def _join(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        person, payload = self._person(given["person"]), str(given.get("payload") or "")
        sharing.add_bot(self._world, person, chat, payload)
        return {"id": chat.id}

    async def _role(self, request: web.Request) -> Body:
        chat, given = self._chat(request.match_info["chat"]), await request.json()
        bot = self._world.bot
        account = bot if given["person"] == bot.id else self._person(given["person"])
        roles.give(self._world, chat, account, str(given["role"]))
        return {"roles": roles.roles(self._world, chat)}

    async def _inline(self, request: web.Request) -> Body:
        given = await request.json()
        person, chat, query = self._asked(given)
        question = acts.ask_inline(self._world, person, chat, query, given.get("offset", ""))
        answer = await _waited(question.answer, {"results": []})
        self._results[person.id, query] = answer["results"]
        return {
            "results": [
                {
                    "id": result["id"],
                    "title": result.get("title", ""),
                    "description": result.get("description", ""),
                    "thumb": result.get("thumbnail_url"),
                }
                for result in answer["results"]
            ],
            "button": answer.get("button"),
        }

    async def _choose(self, request: web.Request) -> Body:
        given = await request.json()
        person, chat, query = self._asked(given)
        for result in self._results.get((person.id, query), ()):
            if result["id"] == str(given["result"]):
                record = acts.choose(
                    self._world,
                    person,
                    chat,
                    query,
                    result,
                    thread_id=_thread(chat, given.get("thread")),
                )
                return await self._view(record)
        raise LookupError("This result is no longer there")

    async def _start(self, request: web.Request) -> Body:
        given = await request.json()
        record = acts.start(
            self._world, self._person(given["person"]), str(given.get("payload") or "")
        )
        return await self._view(record)

    async def _guest(self, request: web.Request) -> Body:
        given = await request.json()
        person = welcome(self._world, str(given["language"]))
        return {"id": person.id, "name": person.name}

    async def _room(self, request: web.Request) -> Body:
        given = await request.json()
        owner = self._person(given["person"])
        chat = found(self._world, owner, channel=given["kind"] == "channel")
        return {"id": chat.id, "title": chat.title}

    async def _publish(self, request: web.Request) -> Body:
        given = await request.json()
        async with self._passing:
            story = await self._offered().publish(str(given.get("language", "en")))
        return {"title": story.title}

    async def _morning(self, _request: web.Request) -> Body:
        async with self._passing:
            local = await self._offered().morning()
        self._world.announce({"type": "chats"})
        return {
            "now": self._world.clock(),
            "clock": f"{local:%H:%M}",
            "day": local.date().isoformat(),
        }

    # Lookups.

    def _offered(self) -> Controls:
        controls = self._controls()
        if controls is None:
            raise LookupError("There is no newsroom here")
        return controls

    async def _view(self, record: Record) -> Body:
        return await message_view(self._world, self._previews, record)

    def _asked(self, given: Body) -> tuple[Account, Chat, str]:
        return self._person(given["person"]), self._chat(given["chat"]), str(given["query"]).strip()

    def _chat(self, named: str | int) -> Chat:
        chat = self._world.chats.get(int(named))
        if chat is None:
            raise LookupError(f"There is no chat {named}")
        return chat

    def _person(self, named: str | int | None) -> Account:
        person = self._world.people.get(int(named or 0))
        if person is None:
            raise LookupError(f"There is no person {named}")
        return person


def _record(chat: Chat, number: str | int) -> Record:
    record = chat.records.get(int(number))
    if record is None:
        raise LookupError("This message is gone")
    return record


def _thread(chat: Chat, number: int | None) -> int | None:
    if number is not None and number not in chat.topics:
        raise LookupError("This topic is gone")
    return number


async def _waited(answer: asyncio.Future[Body], otherwise: Body) -> Body:
    """Return the bot's answer, or `otherwise` if none comes in time."""
    try:
        return await asyncio.wait_for(answer, ANSWER_SECONDS)
    except TimeoutError:
        return otherwise


def _answering(
    answer: Callable[[web.Request], Awaitable[Any]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers in JSON; errors are reported in `error`."""

    async def handler(request: web.Request) -> web.Response:
        if request.method == "POST" and request.content_type != "application/json":
            # Any web site could post a form here without permission; it cannot post JSON.
            return web.json_response({"error": "JSON is expected"}, status=415)
        try:
            return web.json_response(await answer(request))
        except LookupError as error:
            # KeyError is a LookupError too: a field of the request is missing.
            return web.json_response({"error": str(error.args[0])}, status=404)
        except PermissionError as error:
            return web.json_response({"error": str(error)}, status=403)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handler
