"""Rich messages in a conversation: sent, edited, received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from handlers.core.rich_methods import edit_rich, send_rich, unchanged
from handlers.typed.message_words import MOST, words_in
from storage.articles.pictures import Picture
from storage.model import Layout
from templates import RenderedMessage, RichMessage
from templates.rich import blocks
from tests.handlers.conftest import ask, press
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Message

    from handlers.core.services.services import Services
    from playground.people import seen
    from playground.people.people import Person
    from tests.handlers.conftest import Bureau

PICTURE = "https://news.example/1.jpg"


def page(*texts: str, picture: str = "") -> RenderedMessage:
    """Return a rich message of paragraphs, below a picture if one is given."""
    made = blocks.there(*(blocks.paragraph(text) for text in texts))
    if picture:
        made.insert(0, blocks.photo(picture))
    shown = ((0, PICTURE),) if picture else ()
    return RenderedMessage(
        ("<b>plain</b>",), rich=RichMessage(tuple((blocks.written(each),) for each in made), shown)
    )


def services(bureau: Bureau) -> Services:
    found: Services = bureau.onnews.application.bot_data
    return found


async def sent(bureau: Bureau, person: Person, message: RenderedMessage) -> Any:  # noqa: ANN401 - a message or None
    assert message.rich is not None
    return await send_rich(
        bureau.onnews.application.bot,
        services(bureau).rich,
        message.rich,
        chat_id=person.id,
        now=bureau.clock.now,
    )


def refuse(bureau: Bureau, *reasons: str, method: str = "sendRichMessage") -> None:
    for reason in reasons:
        bureau.town.faults.add(method=method, status=400, description=f"Bad Request: {reason}")


async def front_page(bureau: Bureau) -> tuple[Person, seen.Message]:
    """Create a reader of front pages, and return the first one."""
    ana = await bureau.reader(follows=("motor", "gucci"))
    await bureau.desk.print_("A car", "motor")
    await bureau.desk.print_("A bag", "gucci")
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    return ana, await ask(ana, "/digest")


async def test_digest_sends_a_front_page_with_working_buttons(bureau: Bureau) -> None:
    ana, page_ = await front_page(bureau)
    assert [block["type"] for block in page_.blocks][:3] == ["heading", "paragraph", "paragraph"]
    await ana.tap("1", page_)
    # A house that is followed by name comes before a section.
    assert "A bag" in (await ana.next()).text


async def test_a_front_page_shows_an_uploaded_picture(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor",))
    bot, archive = bureau.onnews.application.bot, bureau.onnews.archive
    uploaded = await bot.send_photo(ana.id, png(640, 400))
    assert (await ana.next()).id == uploaded.message_id
    picture = Picture(uploaded.photo[-1].file_id, 640, 400)
    await archive.pictures.keep(bot.id, PICTURE, picture, bureau.clock.now)
    await bureau.desk.print_("A car", "motor", image=PICTURE)
    whose = await bureau.subscriber(ana)
    await archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    assert [block["type"] for block in (await ask(ana, "/digest")).blocks][3] == "photo"


async def test_cannot_see_it_replaces_a_front_page_by_a_plain_edition(bureau: Bureau) -> None:
    ana, page_ = await front_page(bureau)
    # The ledger has to have it.
    await bureau.heard()
    await ana.tap("Can’t see it?", page_)
    await bureau.heard()
    (plain,) = (each for each in ana.chat.messages if each.id == page_.id)
    assert plain.blocks == []
    assert "A car" in plain.text


async def test_the_last_line_of_a_front_page_leads_to_the_settings(bureau: Bureau) -> None:
    ana, page_ = await front_page(bureau)
    *_, link, _gap, bot = page_.blocks[-1]["text"]
    assert link["text"] == "Settings"
    assert bot["text"] == f"@{bureau.town.world.bot.username}"
    await ana.open(link["url"])
    assert any("Time zone" in each for each in (await ana.next()).labels)


async def test_rich_messages_from_people_are_read_as_text(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send_rich([{"type": "paragraph", "text": {"type": "bold", "text": "Motor"}}])
    assert "A new engine" in (await ana.next()).text
    await ana.send_rich([{"type": "heading", "size": 1, "text": "wing"}])
    offered = await ana.next()
    assert "Mulliner" in (await press(ana, "Search the news", offered)).text


async def test_a_command_in_a_rich_message_is_a_command(bureau: Bureau) -> None:
    ana = await bureau.reader()

    def line(*words: object) -> list[dict[str, Any]]:
        return [{"type": "paragraph", "text": list(words)}]

    await ana.send_rich(line({"type": "bold", "text": "/latest"}, " 2 motor"))
    assert (await ana.next()).labels[:2] == ["1", "2"]
    await ana.send_rich([{"type": "heading", "size": 1, "text": "/Search"}, *line("mulliner")])
    assert "Bentley adds a wing to Mulliner" in (await ana.next()).text
    await ana.send_rich(line("/nonsense 3"))
    assert "Here is what I can do:" in (await ana.next()).text
    # A new subject: no question waits any longer.
    await press(ana, "Time ·", await ask(ana, "/settings"))
    await ana.send_rich(line("/help"))
    assert "/latest" in (await ana.next()).text

    group = bureau.town.group("Club", [ana], settled=True)
    group.add_bot(ana, admin=True)  # who hears all that is said
    await bureau.unread(ana, group)
    for words in ("/latest@AnotherBot 1", "/nonsense", "/latest@onnewsbot 1"):
        await ana.send_rich(line(words), group)
        await bureau.heard()
    (listed,) = ana.unread(group)
    assert "Shanghai opens a mall for watches" in listed.text


async def test_a_forwarded_front_page_does_no_harm(bureau: Bureau) -> None:
    ana, page_ = await front_page(bureau)
    await ana.forward(page_)
    assert (await ana.next()).text


async def test_a_rich_answer_is_sent_without_a_refused_picture(bureau: Bureau) -> None:
    ana = await bureau.reader()
    forgotten: list[str] = []

    async def forget(addresses: Iterable[str]) -> None:
        forgotten.extend(addresses)

    services(bureau).rich.forget_pictures = forget
    refuse(bureau, "IMAGE_PROCESS_FAILED")
    answer = await sent(bureau, ana, page("text", picture="AgACAgQAAxkDAAMBnobody"))
    assert answer.message_id == (await ana.next()).id
    assert [block["type"] for block in ana.chat.messages[-1].blocks] == ["paragraph"]
    assert forgotten == [PICTURE]


async def test_a_refused_rich_answer_is_sent_as_plain_html(bureau: Bureau) -> None:
    ana = await bureau.reader()
    refuse(bureau, "RICH_MESSAGE_EMPTY")
    assert await sent(bureau, ana, page("text")) is None
    refuse(bureau, "SOMETHING_NEW", "SOMETHING_NEW")
    assert await sent(bureau, ana, page("text", picture="AgACAgQAAxkDAAMBnobody")) is None
    refuse(bureau, "chat not found")
    with pytest.raises(BadRequest):
        await sent(bureau, ana, page("text"))


async def test_rich_messages_are_tried_only_once_on_a_server_without_them(bureau: Bureau) -> None:
    ana = await bureau.reader()
    fault = bureau.town.faults.add(method="sendRichMessage", status=404, times=None)
    assert await sent(bureau, ana, page("text")) is None
    assert await sent(bureau, ana, page("text")) is None
    assert fault.hits == 1
    assert not services(bureau).rich.are_known


async def test_a_message_is_edited_to_rich_and_back_to_plain(bureau: Bureau) -> None:
    ana = await bureau.reader()
    bot, rich = bureau.onnews.application.bot, services(bureau).rich
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Back", callback_data="x")]])
    plain = await bot.send_message(ana.id, "plain", reply_markup=keyboard)

    async def edited(text: str) -> object:
        shown = page(text).rich
        assert shown is not None
        return await edit_rich(
            bot,
            rich,
            shown,
            chat_id=ana.id,
            message_id=plain.message_id,
            keyboard=keyboard,
            now=bureau.clock.now,
        )

    assert await edited("in blocks") is not None
    (shown,) = (each for each in ana.chat.messages if each.id == plain.message_id)
    assert shown.blocks == [{"type": "paragraph", "text": "in blocks"}]
    assert shown.labels == ["Back"]
    with pytest.raises(BadRequest) as caught:
        await edited("in blocks")
    assert unchanged(caught.value)
    await plain.edit_text("plain again", reply_markup=keyboard)
    (shown,) = (each for each in ana.chat.messages if each.id == plain.message_id)
    assert (shown.blocks, shown.text) == ([], "plain again")


def received(rich: object, **fields: object) -> Message:
    body = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, **fields}
    return telegram.Message.de_json({**body, "rich_message": rich}, None)


def test_the_words_of_blocks_are_read_in_their_order() -> None:
    item = {"blocks": [{"type": "paragraph", "text": "c"}], "label": "1"}
    rows = [
        {"type": "heading", "size": 1, "text": ["a", {"type": "url", "text": "b", "url": "x"}]},
        {"type": "list", "items": [item]},
        {"type": "details", "summary": "d", "blocks": [{"type": "footer", "text": "e"}]},
        {"type": "photo", "photo": [], "caption": {"text": "f"}},
        {"type": "table", "cells": [[{"text": "g"}, {"text": "h"}]]},
        {"type": "divider"},
    ]
    assert words_in(received({"blocks": rows})) == "ab\nc\nd\ne\nf\ng\nh"
    assert words_in(received({"blocks": rows}, text="text")) == "text"


@pytest.mark.parametrize("rich", [None, [], {}, {"blocks": None}, {"blocks": [1, None, {}]}])
def test_blocks_of_a_wrong_shape_have_no_words(rich: object) -> None:
    assert not words_in(received(rich))


def test_blocks_are_read_up_to_the_length_of_a_text() -> None:
    deep: dict[str, Any] = {"type": "paragraph", "text": "deep"}
    for _ in range(50_000):
        deep = {"type": "details", "blocks": [deep]}
    assert words_in(received({"blocks": [deep]})) == "deep"
    long = {"type": "paragraph", "text": "x" * 3_000}
    assert len(words_in(received({"blocks": [long] * 1_000}))) == MOST
