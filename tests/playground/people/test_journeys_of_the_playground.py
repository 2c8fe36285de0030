"""People in the playground, and the real python-telegram-bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from playground.people.people import NoAnswerError, Person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground

Context = ContextTypes.DEFAULT_TYPE


async def on_start(update: Update, context: Context) -> None:
    assert update.message is not None
    assert update.effective_user is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Motor", callback_data="follow:motor")]])
    words = " ".join([update.effective_user.full_name, *(context.args or ())])
    await update.message.reply_text(f"Welcome {words}", reply_markup=keyboard)


async def on_tap(update: Update, _context: Context) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer(f"{query.data}", show_alert=True)
    await query.edit_message_text("Followed")


async def on_inline(update: Update, _context: Context) -> None:
    query = update.inline_query
    assert query is not None
    content = telegram.InputTextMessageContent(f"<b>{query.query}</b>", parse_mode="HTML")
    link = InlineKeyboardButton("Open", url="https://t.me/OnNewsBot?start=a1")
    await query.answer(
        [
            telegram.InlineQueryResultArticle(
                "1",
                f"{query.query} by {query.chat_type}",
                content,
                reply_markup=InlineKeyboardMarkup([[link]]),
            )
        ]
    )


async def on_location(update: Update, _context: Context) -> None:
    assert update.message is not None
    assert update.message.location is not None
    await update.message.reply_text(f"{update.message.location.latitude:.1f}")


async def on_forward(update: Update, _context: Context) -> None:
    assert update.message is not None
    origin = update.message.forward_origin
    name = type(origin).__name__
    await update.message.reply_text(f"{name}: {update.message.text}")


async def on_chosen(update: Update, context: Context) -> None:
    chosen = update.chosen_inline_result
    assert chosen is not None
    await context.bot.edit_message_text("seen", inline_message_id=chosen.inline_message_id)


@pytest.fixture
async def app(town: Playground) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    made = ApplicationBuilder().token(town.token).base_url(f"{town.url}/bot").build()
    made.add_handler(CommandHandler("start", on_start))
    made.add_handler(CallbackQueryHandler(on_tap))
    made.add_handler(InlineQueryHandler(on_inline))
    made.add_handler(ChosenInlineResultHandler(on_chosen))
    made.add_handler(MessageHandler(filters.LOCATION, on_location))
    made.add_handler(MessageHandler(filters.FORWARDED, on_forward))
    await made.initialize()
    await made.start()
    assert made.updater is not None
    await made.updater.start_polling()
    yield made
    await made.updater.stop()
    await made.stop()
    await made.shutdown()
    assert town.violations == []


@pytest.mark.usefixtures("app")
async def test_a_newcomer_starts_taps_and_reads(town: Playground) -> None:
    ana = town.person("Ana Rossi", "it")
    await ana.start("from-a-friend")
    welcome = await ana.next()
    assert welcome.text == "Welcome Ana Rossi from-a-friend"
    answer = await ana.tap("Motor")
    assert (answer.text, answer.alert) == ("follow:motor", True)
    followed = await ana.next()
    assert followed.edited
    assert followed.id == welcome.id
    assert (followed.text, followed.labels) == ("Followed", [])


@pytest.mark.usefixtures("app")
async def test_a_story_goes_to_a_friend_by_an_inline_query(town: Playground) -> None:
    ana, ben = town.person("Ana"), town.person("Ben")
    between = town.direct(ana, ben)
    results = await ana.inline("kering", between)
    assert [result.title for result in results] == ["kering by private"]
    sent = await ana.choose(results[0], between)
    assert sent.text == "kering"
    assert sent.body["via_bot"]["username"] == "OnNewsBot"
    url = (await ben.tap("Open", sent)).url
    assert url is not None
    await ben.open(url)
    assert (await ben.next()).text == "Welcome Ben a1"


@pytest.mark.usefixtures("app")
async def test_a_chosen_inline_result_can_be_edited(town: Playground) -> None:
    town.world.inline_feedback = True
    ana, ben = town.person("Ana"), town.person("Ben")
    between = town.direct(ana, ben)
    sent = await ana.choose((await ana.inline("kering", between))[0], between)
    await town.world.until(lambda: between.messages[-1].text == "seen", 10)
    assert between.messages[-1].id == sent.id


@pytest.mark.usefixtures("app")
async def test_an_answer_to_an_inline_query_is_kept_for_everybody(town: Playground) -> None:
    ana, ben = town.person("Ana"), town.person("Ben")
    await ana.inline("kering")
    await ben.inline("kering")
    assert len(town.sent("answerInlineQuery")) == 1
    await ben.inline("gucci")
    assert len(town.sent("answerInlineQuery")) == 2


@pytest.mark.usefixtures("app")
async def test_a_place_and_a_forwarded_post_arrive(town: Playground) -> None:
    ana = town.person("Ana")
    await ana.share_location(45.46, 9.19)
    assert (await ana.next()).text == "45.5"
    paper = town.channel("Paper", [ana], bot=False)
    post = await ana.send("News of the day", paper)
    await ana.forward(post)
    assert (await ana.next()).text == "MessageOriginChannel: News of the day"


@pytest.mark.usefixtures("app")
async def test_a_missing_answers_error_shows_the_transcript(town: Playground) -> None:
    ana = town.person("Ana")
    await ana.start()
    await ana.next()
    with pytest.raises(NoAnswerError) as caught:
        await ana.next(timeout=0.01)
    assert "Ana: /start" in str(caught.value)
    assert "ON News: Welcome Ana\n    [Motor]" in str(caught.value)


@pytest.mark.usefixtures("app")
async def test_until_reads_over_what_does_not_matter(town: Playground, bot: telegram.Bot) -> None:
    ana = town.person("Ana")
    await ana.start()
    await ana.next()
    for words in ("one", "two", "three"):
        await bot.send_message(ana.id, words)
    assert (await ana.until("tw")).text == "two"
    assert [message.text for message in ana.unread()] == ["three"]


async def test_a_forged_tap_reaches_the_bot_as_it_is(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    await bot.send_message(ana.id, "x")
    with pytest.raises(NoAnswerError, match="tap 'drop table'"):
        await ana.tap("drop table", await ana.next(), timeout=0.01)
    updates = await bot.get_updates()
    query = updates[-1].callback_query
    assert query is not None
    assert query.data == "drop table"
    assert town.violations == []


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
