"""People in the playground, and the real python-telegram-bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from playground.people.people import NoAnswerError

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground


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
