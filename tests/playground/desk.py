"""Shared by the tests of the chat page: the browser, a scripted bot, a page."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        ConsoleMessage,
        Error,
        Locator,
        Page,
        Request,
        ViewportSize,
    )

    from playground.people.people import Person
    from playground.server import Playground

PATIENCE = 60_000
"""Milliseconds to wait for a browser on a busy machine."""
expect.set_options(timeout=PATIENCE)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
IN_A_BROWSER = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="no browser: `apt-get install chromium`, or put google-chrome on the PATH",
    ),
]
"""The marks of tests that need the browser."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 380, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 860}


class Bot:
    """A bot with a small script that uses only the Bot API."""

    def __init__(self, town: Playground) -> None:
        self.town = town
        self.heard: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def run(self) -> None:
        offset = 0
        while True:
            updates = await self.town.call("getUpdates", {"offset": offset, "timeout": 20})
            for update in updates:
                offset = update["update_id"] + 1
                await self.answer(update)

    async def answer(self, update: dict[str, Any]) -> None:
        if "callback_query" in update:
            await self.tapped(update["callback_query"])
        elif "inline_query" in update:
            await self.asked(update["inline_query"])
        elif "text" in update.get("message", {}):
            message = update["message"]
            self.heard.append(message["text"])
            if message["text"].startswith("/start"):
                await self.greet(message["chat"]["id"], message["text"])
            elif message["text"].startswith("/latest"):
                await self.say(message["chat"]["id"], "Nothing new today.")

    async def say(self, chat: int, text: str, **more: object) -> int:
        sent = await self.town.call("sendMessage", {"chat_id": chat, "text": text, **more})
        number: int = sent["message_id"]
        return number

    async def greet(self, chat: int, text: str) -> None:
        payload = text.partition(" ")[2]
        hello = f"You came for {payload}." if payload else "What would you like to follow?"
        await self.say(chat, f"<b>Welcome</b>\n{hello}", parse_mode="HTML", reply_markup=keys(""))

    async def tapped(self, query: dict[str, Any]) -> None:
        await self.hold.wait()
        data, message = query["data"], query["message"]
        if data == "follow:motor":
            await self.town.call(
                "editMessageReplyMarkup",
                {
                    "chat_id": message["chat"]["id"],
                    "message_id": message["message_id"],
                    "reply_markup": keys("✓ "),
                },
            )
        answer = {"callback_query_id": query["id"], "text": f"Done: {data}"}
        await self.town.call("answerCallbackQuery", answer | {"show_alert": data == "alert"})

    async def asked(self, query: dict[str, Any]) -> None:
        results = [
            {
                "type": "article",
                "id": str(number),
                "title": title,
                "description": f"about {query['query']}\nA summary",
                "input_message_content": {"message_text": f"{title}: {query['query']}"},
                "reply_markup": {
                    "inline_keyboard": [
                        [{"text": "Read it", "url": "https://t.me/OnNewsBot?start=a1"}]
                    ]
                },
            }
            for number, title in enumerate(("A first story", "A second story"))
        ]
        await self.town.call(
            "answerInlineQuery", {"inline_query_id": query["id"], "results": results}
        )


def keys(mark: str) -> dict[str, Any]:
    return {
        "inline_keyboard": [
            [
                {"text": f"{mark}Motor", "callback_data": "follow:motor"},
                {"text": "Alert me", "callback_data": "alert"},
            ],
            [
                {"text": "The source", "url": "https://example.com/story"},
                {"text": "Copy the link", "copy_text": {"text": "https://example.com/story"}},
            ],
            [
                {
                    "text": "Send to a friend",
                    "switch_inline_query_chosen_chat": {
                        "query": "bentley",
                        "allow_user_chats": True,
                        "allow_group_chats": True,
                    },
                }
            ],
        ]
    }


class Pages:
    """The empty pages of a browser. A test borrows one, since a new one takes a second."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: list[Page] = []

    async def borrow(self, size: ViewportSize, scheme: Literal["dark", "light"]) -> Page:
        """Return a page of this size that no test uses."""
        if self._idle:
            page = self._idle.pop()
            await page.set_viewport_size(size)
        else:
            context = await self._browser.new_context(
                viewport=size, permissions=["clipboard-read", "clipboard-write"]
            )
            page = await context.new_page()
            page.set_default_timeout(PATIENCE)
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        return page

    async def give_back(self, page: Page) -> None:
        """Take back a page with nothing of its test: routes, document, place of the mouse.

        The chat page keeps nothing in the browser.
        """
        await page.unroute_all()
        await page.goto("about:blank")
        await page.mouse.move(-1, -1)
        self._idle.append(page)


class Desk:
    """The playground, its people, the bot, and the page."""

    def __init__(self, town: Playground, pages: Pages) -> None:
        self.town = town
        self._pages = pages
        self._borrowed: list[Page] = []
        self.bot = Bot(town)
        self.ana = town.person("Ana Marín")
        self.leo = town.person("Leo Wu")
        self.group = town.group("The Atelier", [self.ana, self.leo])
        self.channel = town.channel("ON News Daily", [self.ana])
        self.direct = town.direct(self.ana, self.leo)
        self.requested: list[str] = []
        self.complaints: list[str] = []

    async def open(
        self,
        chat: int | None = None,
        *,
        scheme: Literal["dark", "light"] = "light",
        size: ViewportSize = DESK,
        chats: int = 5,
    ) -> Page:
        page = await self._pages.borrow(size, scheme)
        self._borrowed.append(page)
        page.on("request", self._request)
        page.on("pageerror", self._error)
        page.on("console", self._line)
        await page.goto(self.town.url + (f"/#{chat}" if chat is not None else "/"))
        await expect(page.get_by_test_id("chat")).to_have_count(chats)
        return page

    async def close(self) -> None:
        """Give back the pages."""
        for page in self._borrowed:
            await self._pages.give_back(page)
            page.remove_listener("request", self._request)
            page.remove_listener("pageerror", self._error)
            page.remove_listener("console", self._line)

    def _request(self, request: Request) -> None:
        self.requested.append(request.url)

    def _error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _line(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.complaints.append(line.text)

    async def met(self, person: Person) -> None:
        await person.start()
        await person.until("Welcome")

    async def greeted(self, person: Person) -> Page:
        page = await self.open(person.id)
        await page.get_by_test_id("start").click()
        await expect(newest(page)).to_contain_text("What would you like to follow?")
        return page


def newest(page: Page) -> Locator:
    return page.get_by_test_id("message").last


def key(page: Page, text: str) -> Locator:
    return page.get_by_test_id("key").filter(has_text=text).last


def option(page: Page, text: str) -> Locator:
    return page.get_by_test_id("option").filter(has_text=text)


def entry(page: Page, chat: int) -> Locator:
    return page.locator(f'[data-testid="chat"][data-chat="{chat}"]')


async def top(node: Locator) -> float:
    box = await node.bounding_box()
    assert box is not None
    return box["y"]
