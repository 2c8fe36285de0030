"""People in the playground, and the real python-telegram-bot. Roles in a group, given over the
page's interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
import telegram
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from playground.people import roles
from playground.people.people import NoAnswerError
from playground.world.chats import Status

if TYPE_CHECKING:
    import aiohttp

    from playground.people.people import Person
    from playground.server import Playground


Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


class Ear:
    """A webhook that records what it receives."""

    def __init__(self) -> None:
        self.heard: list[tuple[str | None, dict[str, Any]]] = []
        self.refuse = 0
        self.url = ""
        self._changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        self.heard.append(
            (request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json())
        )
        self._changed.set()
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=500)
        return web.Response()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.heard) < count:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    made = Ear()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def test_updates_are_numbered_and_forgotten_when_confirmed(ana: Person, api: Api) -> None:
    await ana.send("one")
    await ana.send("two")
    first = (await api("getUpdates"))["result"]
    ids = [update["update_id"] for update in first]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert (await api("getUpdates", limit=1))["result"] == first[:1]
    assert (await api("getUpdates", offset=ids[1]))["result"] == first[1:]
    assert (await api("getUpdates"))["result"] == first[1:]
    assert (await api("getUpdates", offset=-1))["result"] == first[2:]
    assert (await api("getUpdates", offset=ids[2] + 1))["result"] == []


async def test_a_long_poll_ends_as_soon_as_something_happens(
    town: Playground, ana: Person, api: Api
) -> None:
    seen = (await api("getUpdates"))["result"]
    poll = asyncio.create_task(api("getUpdates", offset=seen[-1]["update_id"] + 1, timeout=50))
    await town_polls(town)
    await ana.send("now")
    assert [update["message"]["text"] for update in (await poll)["result"]] == ["now"]


async def town_polls(town: Playground) -> None:
    """Run the event loop until a long poll waits."""
    async with asyncio.timeout(60):
        while town.world.updates._poll is None:  # noqa: ASYNC110 - a poll tells nobody
            await asyncio.sleep(0)


async def test_the_older_of_two_long_polls_is_ended(
    town: Playground, ana: Person, api: Api
) -> None:
    first = asyncio.create_task(api("getUpdates", offset=10**9, timeout=50))
    await town_polls(town)
    second = asyncio.create_task(api("getUpdates", offset=10**9, timeout=50))
    ended = await first
    assert ended["error_code"] == 409
    assert ended["description"] == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await ana.send("x")
    assert (await second)["ok"]


async def test_only_kinds_that_were_asked_for_arrive(
    town: Playground, ana: Person, api: Api
) -> None:
    await api("getUpdates", offset=10**9, allowed_updates=["callback_query", "chat_member"])
    await ana.send("not heard")
    desk = town.group("Desk", [ana])
    desk.join(town.person("Ben"))
    kinds = [set(update) for update in (await api("getUpdates"))["result"]]
    assert kinds == [{"update_id", "chat_member"}]
    await api("getUpdates", offset=10**9, allowed_updates=[])
    desk.join(town.person("Carla"))
    await ana.send("heard")
    last = (await api("getUpdates"))["result"]
    assert [kind for update in last for kind in update if kind != "update_id"] == [
        "message",
        "message",
    ]


async def test_a_webhook_gets_every_update_once_with_its_secret(
    ana: Person, api: Api, ear: Ear
) -> None:
    assert (await api("setWebhook", url=ear.url, secret_token="s3cret"))["ok"]
    await ana.send("two")
    await ear.until(2)
    assert [(secret, update["message"]["text"]) for secret, update in ear.heard] == [
        ("s3cret", "/start"),
        ("s3cret", "two"),
    ]
    conflict = await api("getUpdates")
    assert conflict["error_code"] == 409
    assert "webhook is active" in conflict["description"]


async def test_a_failed_webhook_gets_the_update_again(ana: Person, api: Api, ear: Ear) -> None:
    ear.refuse = 1
    await api("setWebhook", url=ear.url)
    await ana.send("two")
    await ear.until(3)
    texts = [update["message"]["text"] for _, update in ear.heard]
    assert texts == ["/start", "/start", "two"]
    info = (await api("getWebhookInfo"))["result"]
    assert info["url"] == ear.url
    assert "500" in info["last_error_message"]


async def test_a_webhook_may_get_an_update_twice(
    town: Playground, ana: Person, api: Api, ear: Ear
) -> None:
    town.world.updates.deliver_twice()
    await api("setWebhook", url=ear.url)
    await ana.send("two")
    await ear.until(3)
    ids = [update["update_id"] for _, update in ear.heard]
    assert ids == [ids[0], ids[0], ids[0] + 1]


async def test_without_its_webhook_the_bot_polls_again(ana: Person, api: Api, ear: Ear) -> None:
    await api("setWebhook", url=ear.url)
    await ear.until(1)
    await api("deleteWebhook")
    await ana.send("polled")
    result = (await api("getUpdates"))["result"]
    assert result[-1]["message"]["text"] == "polled"
    assert (await api("getWebhookInfo"))["result"]["url"] == ""


@pytest.mark.parametrize(
    "params",
    [
        {"url": "http://example.com/hook"},
        {"url": "https://example.com/hook", "secret_token": "white space"},
        {"url": "https://example.com/hook", "max_connections": 101},
    ],
)
async def test_a_webhook_that_telegram_refuses(
    town: Playground, api: Api, params: dict[str, Any]
) -> None:
    assert (await api("setWebhook", **params))["error_code"] == 400
    assert len(town.violations) == 1


async def test_setting_a_webhook_ends_the_long_poll(town: Playground, api: Api, ear: Ear) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=50))
    await town_polls(town)
    await api("setWebhook", url=ear.url)
    assert "setWebhook" in (await poll)["description"]


async def test_in_a_group_the_bot_gets_only_messages_addressed_to_it(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    desk = town.group("Desk", [ana, town.person("Ben")])
    old = await bot.get_updates()
    await ana.send("just talk", desk)
    await ana.send("/latest", desk)
    await ana.send("/latest@OnNewsBot motor", desk)
    await ana.send("/latest@OtherBot", desk)
    await ana.send("hey @OnNewsBot", desk)
    sent = await bot.send_message(desk.id, "answer")
    answer = desk.messages[-1]
    assert answer.id == sent.message_id
    await ana.send("thanks", desk, reply_to=answer)
    heard = await bot.get_updates(offset=old[-1].update_id + 1)
    assert [update.message.text for update in heard if update.message] == [
        "/latest",
        "/latest@OnNewsBot motor",
        "hey @OnNewsBot",
        "thanks",
    ]
    desk.add_bot(ana, admin=True)
    await ana.send("just talk", desk)
    heard = await bot.get_updates(offset=heard[-1].update_id + 1)
    assert heard[0].my_chat_member is not None
    assert heard[-1].message is not None
    assert heard[-1].message.text == "just talk"


async def test_the_bot_gets_a_channels_posts_and_only_its_managers_may_write(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    paper = town.channel("Paper", [ana], username="paper")
    ben = town.person("Ben")
    paper.join(ben)
    with pytest.raises(PermissionError):
        await ben.send("me too", paper)
    await ana.send("News", paper)
    last = (await bot.get_updates())[-1].channel_post
    assert last is not None
    assert (last.text, last.chat.title, last.from_user) == ("News", "Paper", None)
    sent = await bot.send_message("@paper", "Edition")
    assert sent.sender_chat is not None
    assert sent.chat.id == paper.id


async def test_a_missing_answers_error_shows_the_transcript(ana: Person, bot: telegram.Bot) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Motor", callback_data="motor")]])
    await bot.send_message(ana.id, "Welcome", reply_markup=keyboard)
    await ana.next()
    with pytest.raises(NoAnswerError) as caught:
        await ana.next(timeout=0.01)
    assert "Ana Rossi: /start" in str(caught.value)
    assert "ON News: Welcome\n    [Motor]" in str(caught.value)


async def test_until_reads_over_what_does_not_matter(ana: Person, bot: telegram.Bot) -> None:
    for words in ("one", "two", "three"):
        await bot.send_message(ana.id, words)
    assert (await ana.until("tw")).text == "two"
    assert [message.text for message in ana.unread()] == ["three"]


async def test_a_reader_edits_and_shares_a_channel(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    words = await ana.send("/latets")
    assert (await ana.edit(words, "/latest")).text == "/latest"
    paper = town.channel("Paper", [ana], bot=False)
    with pytest.raises(PermissionError, match="no button"):
        await ana.share_chat(paper, 7)
    pick = telegram.KeyboardButtonRequestChat(7, chat_is_channel=True)
    key = telegram.KeyboardButton("Pick one", request_chat=pick)
    await bot.send_message(ana.id, "Which?", reply_markup=telegram.ReplyKeyboardMarkup([[key]]))
    with pytest.raises(PermissionError, match="not of the requested kind"):
        await ana.share_chat(town.group("Club", [ana]), 7)
    await ana.share_chat(paper, 7)
    updates = await bot.get_updates()
    edited = next(each for each in updates if each.edited_message is not None)
    shared = updates[-1]
    assert edited.edited_message is not None
    assert edited.edited_message.text == "/latest"
    assert shared.message is not None
    assert shared.message.chat_shared is not None
    assert shared.message.chat_shared.chat_id == paper.id


async def test_a_missing_answers_error_lists_refused_requests(
    ana: Person, bot: telegram.Bot
) -> None:
    with pytest.raises(telegram.error.BadRequest):
        await bot.send_message(ana.id, "<p>", parse_mode="HTML")
    with pytest.raises(NoAnswerError, match="refused: sendMessage: Bad Request: can't parse"):
        await ana.next(timeout=0.01)


async def test_a_guest_becomes_administrator_and_owner_and_the_bot_hears_of_it(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    anna, clara = town.person("Anna"), town.person("Clara")
    group = town.group("Fashion desk", [anna])
    asked = {"allowed_updates": ["chat_member"]}
    await town.call("getUpdates", asked)
    for role in ("administrator", "owner"):
        path = f"{town.url}/api/chats/{group.id}/role"
        async with http.post(path, json={"person": clara.id, "role": role}) as answer:
            assert (await answer.json())["roles"][str(clara.id)] == role
    assert group.raw.status(clara.account) is Status.CREATOR
    assert group.raw.status(anna.account) is Status.ADMINISTRATOR
    updates = await town.call("getUpdates", asked)
    heard = [update["chat_member"] for update in updates if "chat_member" in update]
    assert [each["new_chat_member"]["status"] for each in heard] == [
        "administrator",
        "creator",
        "administrator",
    ]
    async with http.get(f"{town.url}/api/state") as answer:
        [chat] = [each for each in (await answer.json())["chats"] if each["id"] == group.id]
    assert chat["roles"][str(clara.id)] == "owner"


def test_a_group_keeps_an_owner_and_a_bot_is_never_one(town: Playground) -> None:
    anna = town.person("Anna")
    group = town.group("Fashion desk", [anna])
    for account, role in (
        (anna.account, "member"),
        (town.world.bot, "owner"),
        (anna.account, "king"),
    ):
        with pytest.raises(ValueError, match=r"owner|own a group|role"):
            roles.give(town.world, group.raw, account, role)
    roles.give(town.world, group.raw, town.world.bot, "administrator")
    assert group.raw.status(town.world.bot) is Status.ADMINISTRATOR
    roles.give(town.world, group.raw, town.world.bot, "none")
    assert not group.raw.has(town.world.bot)
    with pytest.raises(ValueError, match="no group"):
        roles.give(town.world, town.world.chats[anna.id], anna.account, "member")
