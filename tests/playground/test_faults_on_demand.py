from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import telegram
from telegram.error import EndPointNotFound, Forbidden, NetworkError, RetryAfter, TimedOut

from playground.faults import PAGE_REASONS, PICTURE_REASONS, SIZE_REASONS, Fault, Limits
from playground.server import Playground
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    from playground.people.people import Person

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def test_a_flood_wait_in_one_chat_only(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    ben = town.person("Ben")
    await ben.start()
    fault = town.faults.add(method="sendMessage", chat_id=ana.id, retry_after=3, times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ana.id, "x")
        assert caught.value._retry_after.total_seconds() == 3
        await bot.send_message(ben.id, "x")
    await bot.send_message(ana.id, "x")
    assert (fault.hits, len(ana.unread()), len(ben.unread())) == (2, 1, 2)
    assert [seen.status for seen in town.requests if seen.params.get("chat_id") == str(ana.id)] == [
        429,
        429,
        200,
    ]


async def test_forbidden_and_server_errors(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    town.faults.add(status=403)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "x")
    town.faults.add(status=502)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(ana.id, "x")
    assert ana.unread() == []
    assert town.violations == []


@pytest.mark.parametrize("delivered", [False, True])
async def test_a_cut_connection_before_or_after_delivery(
    town: Playground, ana: Person, bot: telegram.Bot, *, delivered: bool
) -> None:
    town.faults.add(method="sendMessage", reset=True, after_delivery=delivered)
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "x")
    assert len(ana.unread()) == delivered
    assert town.requests[-1].error == "connection cut"


async def test_an_answer_that_is_held_back_times_out(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    fault = town.faults.add(method="sendMessage", hold=True, after_delivery=True)
    with pytest.raises(TimedOut):
        await bot.send_message(ana.id, "x", read_timeout=0.5)
    fault.release()
    assert (await ana.next()).text == "x"


async def test_a_held_answer_comes_when_it_is_released(
    town: Playground, ana: Person, api: Api
) -> None:
    fault = town.faults.add(method="sendMessage", hold=True)
    sending = asyncio.create_task(api("sendMessage", chat_id=ana.id, text="x"))
    await town.until(lambda: fault.hits)
    assert ana.unread() == []
    fault.release()
    assert (await sending)["ok"]
    assert len(ana.unread()) == 1


async def outcomes(town: Playground, http: aiohttp.ClientSession, chat_id: int) -> list[int]:
    seen = []
    for _ in range(40):
        try:
            url = f"{town.url}/bot{town.token}/sendMessage"
            async with http.post(url, json={"chat_id": chat_id, "text": "x"}) as answer:
                seen.append(answer.status)
        except aiohttp.ClientError:
            seen.append(0)
    return seen


async def test_a_random_mix_repeats_itself_by_its_seed(
    town: Playground, ana: Person, http: aiohttp.ClientSession
) -> None:
    kinds = (Fault(status=500, times=None), Fault(retry_after=1, times=None))
    town.faults.mix(0.5, seed=7, kinds=kinds)
    first = await outcomes(town, http, ana.id)
    town.faults.mix(0.5, seed=7, kinds=kinds)
    assert await outcomes(town, http, ana.id) == first
    assert set(first) == {200, 429, 500}
    town.faults.clear()
    assert set(await outcomes(town, http, ana.id)) == {200}


def test_limits_count_for_a_chat_a_group_and_all() -> None:
    limits = Limits()
    for _ in range(3):
        limits.take(1, group=False, now=0.0)
    with pytest.raises(Exception, match="retry after 3"):
        limits.take(1, group=False, now=0.5)
    limits.take(1, group=False, now=3.0)
    spread = Limits()
    for minute in range(20):
        spread.take(-1, group=True, now=minute * 2.0)
    with pytest.raises(Exception, match="retry after 20"):
        spread.take(-1, group=True, now=40.0)
    busy = Limits()
    for chat in range(30):
        busy.take(chat, group=False, now=0.0)
    with pytest.raises(Exception, match="retry after 1"):
        busy.take(99, group=False, now=0.5)
    busy.take(99, group=False, now=1.0)


async def test_a_playground_with_limits_answers_429() -> None:
    async with (
        Playground(limits=Limits(burst=1), clock=lambda: 5.0) as town,
        telegram.Bot(town.token, base_url=f"{town.url}/bot") as bot,
    ):
        ana = town.person("Ana")
        await ana.start()
        await bot.send_message(ana.id, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(ana.id, "x")
        assert len(ana.unread()) == 1


PAGE: dict[str, Any] = {
    "blocks": [{"type": "paragraph", "text": "x"}],
    "skip_entity_detection": True,
}


async def illustrated(bot: telegram.Bot, chat_id: int) -> dict[str, Any]:
    photo = (await bot.send_photo(chat_id, png(400, 300))).photo[-1].file_id
    block = {"type": "photo", "photo": {"type": "photo", "media": photo}}
    return PAGE | {"blocks": [*PAGE["blocks"], block]}


async def test_pictures_are_refused_and_the_words_go(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    page = await illustrated(bot, ana.id)
    for reason in PICTURE_REASONS:
        fault = town.faults.refuse(reason, carrying="pictures", times=None)
        for refused in (
            await api("sendRichMessage", chat_id=ana.id, rich_message=page),
            # As a form carries it.
            await api("sendRichMessage", chat_id=ana.id, rich_message=json.dumps(page)),
            await api("sendPhoto", chat_id=ana.id, photo="https://example.com/a.jpg"),
        ):
            assert refused["description"] == f"Bad Request: {reason}"
        assert (await api("sendRichMessage", chat_id=ana.id, rich_message=PAGE))["ok"]
        assert (await api("sendMessage", chat_id=ana.id, text="x"))["ok"]
        assert fault.hits == 3
        town.faults.clear()
    assert (await api("sendRichMessage", chat_id=ana.id, rich_message=page))["ok"]
    assert town.violations == []


async def test_one_rich_message_is_refused_and_plain_ones_go(
    town: Playground, ana: Person, api: Api
) -> None:
    for reason in (*PAGE_REASONS, *SIZE_REASONS):
        town.faults.refuse(reason)
        assert (await api("sendMessage", chat_id=ana.id, text="x"))["ok"]
        refused = await api("sendRichMessage", chat_id=ana.id, rich_message=PAGE)
        assert refused["description"] == f"Bad Request: {reason}"
        assert (await api("sendRichMessage", chat_id=ana.id, rich_message=PAGE))["ok"]


async def test_an_old_server_knows_no_rich_messages(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    sent = await bot.send_message(ana.id, "x")
    town.faults.old_server()
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendRichMessage", {"chat_id": ana.id, "rich_message": PAGE})
    refused = await api("editMessageText", chat_id=ana.id, message_id=sent.id, rich_message=PAGE)
    assert refused["description"] == "Bad Request: message text is empty"
    assert (await api("editMessageText", chat_id=ana.id, message_id=sent.id, text="y"))["ok"]
    assert (await bot.get_me()).id == town.world.bot.id
