"""The playground's answers conform to the schema of the Bot API."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
import telegram

from playground.checks import schema
from playground.methods import METHODS
from playground.people import acts

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


async def test_every_update_has_telegrams_shape(town: Playground, ana: Person, api: Api) -> None:
    await api("getUpdates", allowed_updates=["chat_member", *telegram.Update.ALL_TYPES])
    ben = town.person("Ben")
    town.world.inline_feedback = True
    await ana.send("😀 see https://example.com, #luxury and @somebody")
    await ana.share_location(45.4, 9.1)
    sent = await api("sendMessage", chat_id=ana.id, text="x", reply_markup=KEYBOARD)
    assert sent["ok"]
    await ana.send("reply", reply_to=ana.chat.messages[-1])
    acts.tap(town.world, ana.account, ana.chat.messages[-2].record, "go")
    desk = town.group("Desk", [ana, ben])
    desk.join(town.person("Carla"))
    desk.add_bot(ana, admin=True)
    desk.restrict_bot(ana)
    desk.remove_bot(ana)
    desk.add_bot(ana)
    await ana.send("/latest", desk)
    desk.migrate(ana)
    forum = town.group("Forum", [ana], forum=True)
    await ana.send("/latest", forum, topic=forum.topic("Watches", ana))
    paper = town.channel("Paper", [ana], username="paper")
    post = await ana.send("News", paper)
    await ana.forward(post)
    acts.ask_inline(town.world, ana.account, forum.raw, "kering")
    result = {
        "type": "article",
        "id": "1",
        "title": "x",
        "input_message_content": {"message_text": "x"},
        "reply_markup": KEYBOARD,
    }
    chosen = acts.choose(town.world, ana.account, ana.chat.raw, "kering", result)
    acts.tap(town.world, ana.account, chosen, "go")
    ana.block()
    ana.unblock()
    updates = (await api("getUpdates"))["result"]
    for update in updates:
        schema.load().check("Update", update)
        assert telegram.Update.de_json(update, None).api_kwargs == {}
    assert {kind for update in updates for kind in update} == {
        "update_id",
        "message",
        "channel_post",
        "callback_query",
        "inline_query",
        "chosen_inline_result",
        "my_chat_member",
        "chat_member",
    }


async def test_every_answer_has_telegrams_shape(town: Playground, ana: Person, api: Api) -> None:
    desk = town.group("Desk", [ana])
    paper = town.channel("Paper", [ana], username="paper")
    target = {"chat_id": ana.id}
    sent = (
        await api(
            "sendMessage",
            **target,
            text="<a href='https://example.com'>x</a>",
            parse_mode="HTML",
            link_preview_options={"prefer_large_media": True, "show_above_text": True},
            reply_markup=KEYBOARD,
        )
    )["result"]
    answers = {
        "Message": [
            sent,
            (await api("editMessageText", **target, message_id=sent["message_id"], text="y"))[
                "result"
            ],
            (await api("sendMessage", chat_id=paper.id, text="x"))["result"],
            (await api("sendLocation", **target, latitude=1, longitude=2))["result"],
            (await api("sendPhoto", **target, photo="https://example.com/a.jpg"))["result"],
            (await api("sendDocument", **target, document="https://example.com/a.pdf"))["result"],
        ],
        "User": [(await api("getMe"))["result"]],
        "WebhookInfo": [(await api("getWebhookInfo"))["result"]],
        "ChatFullInfo": [
            (await api("getChat", chat_id=chat))["result"] for chat in (ana.id, desk.id, "@paper")
        ],
        "ChatMember": [
            *(await api("getChatAdministrators", chat_id=desk.id))["result"],
            (await api("getChatMember", chat_id=paper.id, user_id=town.world.bot.id))["result"],
            (await api("getChatMember", chat_id=desk.id, user_id=town.world.bot.id))["result"],
        ],
    }
    for kind, bodies in answers.items():
        for body in bodies:
            schema.load().check(kind, body)
    assert town.violations == []


def test_a_wrong_shape_would_be_seen() -> None:
    with pytest.raises(schema.SchemaError, match="first_name"):
        schema.load().check("User", {"id": 1, "is_bot": False})


def test_every_method_that_is_acted_out_is_telegrams() -> None:

    assert [name for name in METHODS if schema.load().method(name) != name] == []
