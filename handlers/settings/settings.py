"""`/settings`: one message, edited in place; what it shows is in settings_pages.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ReplyKeyboardRemove

from handlers.core.administrators import is_refused, may_choose
from handlers.core.managing import note_manager
from handlers.core.memory import Awaited
from handlers.core.open_questions import await_text
from handlers.core.settings_message import (
    answered_below,
    refresh,
    send_sheet,
    show_tapped,
    show_typed,
)
from handlers.following.category import known_category
from handlers.following.confirmations import switched_alerts
from handlers.following.yours_page import yours
from handlers.settings.declared import BY_KEY, BY_QUESTION
from handlers.settings.settings_pages import sheet
from handlers.settings.zones import chosen_zone, own_name, tapped_place
from handlers.taps.callback_codec import StaleTap
from handlers.taps.settings_data import SetPlace, Sheet
from storage.readers.choices import MOST_MUTED_WORDS, can_be_muted
from storage.readers.word_choices import SHORTEST_WORD

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.settings.setting import Setting
    from handlers.taps.settings_data import AskWord, OpenSettings, OpenSheet, SetAlerts, SetValue
    from storage.model import Subscriber

LONGEST_WORD = 40
QUESTIONS = {setting.sheet: question for question, setting in BY_QUESTION.items()} | {
    Sheet.ZONE: Awaited.CITY
}
"""Sheets that can also be answered by typing."""


async def settings(update: Update, context: Context) -> None:
    """The settings of this chat, as a message of their own."""
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    await note_manager(update, context, subscriber)
    await send_sheet(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))


async def sheet_below(update: Update, context: Context, what: Sheet) -> None:
    """One sheet, as a message of its own."""
    if await may_choose(update, context):
        subscriber = await context.subscriber(update)
        await_text(update, context, QUESTIONS.get(what))
        await send_sheet(update, context, subscriber, await sheet(context, subscriber, what))


async def open_settings(update: Update, context: Context, tap: OpenSettings) -> str | None:
    """A sheet of the settings below an edition, which stays as it is."""
    subscriber = await context.subscriber(update)
    await_text(update, context, QUESTIONS.get(tap.sheet))
    await send_sheet(update, context, subscriber, await sheet(context, subscriber, tap.sheet))
    return None


async def open_sheet(update: Update, context: Context, tap: OpenSheet) -> str | None:
    """Another sheet, in place."""
    await_text(update, context, QUESTIONS.get(tap.sheet))
    await show(update, context, await context.subscriber(update), tap.sheet, tap.page)
    return None


async def show(
    update: Update, context: Context, subscriber: Subscriber, what: Sheet, page: int = 0
) -> None:
    """Turn the tapped message into a sheet."""
    await show_tapped(update, context, subscriber, await sheet(context, subscriber, what, page))


async def set_value(update: Update, context: Context, tap: SetValue) -> str | None:
    """Give a setting the value of a button."""
    setting = BY_KEY.get(tap.setting)
    subscriber = await context.subscriber(update)
    if setting is None or setting.read(context, subscriber, tap.value) is None:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change_by(
        subscriber, lambda before: setting.read(context, before, tap.value) or {}
    )
    if setting.stays:
        await show(update, context, subscriber, setting.sheet)
    else:
        await back(update, context, subscriber)
    return None


async def set_place(update: Update, context: Context, tap: SetPlace) -> str | None:
    """The time zone of a city, of several of one name."""
    place = await tapped_place(context, tap)
    subscriber = await context.readers.change(
        await context.subscriber(update), zone=place.zone, city=own_name(place)
    )
    await back(update, context, subscriber)
    return None


async def set_alerts(update: Update, context: Context, tap: SetAlerts) -> str | None:
    """The alerts of a category that is followed."""
    category = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    notice = await switched_alerts(context, subscriber, category.slug, tap, on=tap.on)
    await show(update, context, subscriber, Sheet.ALERTS, tap.page)
    return notice


async def ask_word(update: Update, context: Context, _tap: AskWord) -> str | None:
    """Ask for a word to mute."""
    await_text(update, context, Awaited.WORD)
    await context.reply(update, context.render("ask_word", await context.subscriber(update)))
    return None


async def back(update: Update, context: Context, subscriber: Subscriber) -> None:
    """The main sheet again, with what was just chosen in it."""
    await_text(update, context, None)
    await show(update, context, subscriber, Sheet.MAIN)


async def typed_value(
    update: Update, context: Context, subscriber: Subscriber, setting: Setting, words: str
) -> bool:
    """Give a setting the value that was typed; False where it is not one."""
    found = None if setting.typed is None else setting.typed.read(context, subscriber, words)
    if found is None:
        return False
    subscriber = await context.readers.change(subscriber, **found)
    what = setting.sheet if setting.stays else Sheet.MAIN
    if not setting.stays:
        await_text(update, context, None)
    await show_typed(update, context, subscriber, await sheet(context, subscriber, what))
    return True


async def typed_city(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """The city, as it was typed."""
    place = await chosen_zone(update, context, subscriber, text, SetPlace)
    if place is not None:
        subscriber = await context.readers.change(subscriber, zone=place.zone, city=own_name(place))
        await reply_main(update, context, subscriber)
    else:
        answered_below(context, subscriber)


async def located(update: Update, context: Context, subscriber: Subscriber, zone: str) -> None:
    """The zone of a location that was shared; also takes Telegram's own button away."""
    subscriber = await context.readers.change(subscriber, zone=zone)
    await context.reply(
        update,
        context.render("zone_set", subscriber, city=context.city(subscriber), now=context.now),
        ReplyKeyboardRemove(),
    )
    await refresh(context, subscriber, await sheet(context, subscriber, Sheet.MAIN))


async def typed_word(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """The word that is to be muted."""
    word = " ".join(text.split())
    why = ""
    if len(subscriber.taste.muted_words) >= MOST_MUTED_WORDS:
        why = "full"
    elif not can_be_muted(word):
        why = "short"
    elif len(word) > LONGEST_WORD:
        why = "long"
    if why:
        refused = context.render(
            "word_refused", subscriber, why=why, fewest=SHORTEST_WORD, longest=LONGEST_WORD
        )
        await context.reply(update, refused)
        return
    subscriber = await context.services.subscribers.mute_word(subscriber.id, word)
    await_text(update, context, None)
    await context.reply(update, *await yours(context, subscriber, 0))


async def reply_main(update: Update, context: Context, subscriber: Subscriber) -> None:
    """The main sheet as an answer to what was typed, in place of the one that asked."""
    await_text(update, context, None)
    await show_typed(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))
