"""`/settings`, one message edited in place: its taps and typed answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ReplyKeyboardRemove

from handlers.core.administrators import is_refused, may_choose
from handlers.core.conversation import await_text, on_tap
from handlers.core.managing import note_manager
from handlers.core.services.memory import Awaited
from handlers.core.settings_message import (
    answered_below,
    refresh,
    send_sheet,
    show_tapped,
    show_typed,
)
from handlers.following.category import known_category
from handlers.following.confirmations import switched_alerts
from handlers.settings.declared import BY_KEY, BY_QUESTION
from handlers.settings.settings_pages import sheet
from handlers.settings.zones import chosen_zone, own_name, tapped_place
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    CloseSheet,
    OpenSheet,
    SetAlerts,
    SetPlace,
    SetValue,
    Sheet,
)

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.settings.setting import Setting
    from storage.model import Subscriber

QUESTIONS = {setting.sheet: question for question, setting in BY_QUESTION.items()} | {
    Sheet.ZONE: Awaited.CITY
}
"""Pages of the settings that can be answered by typing, and the question of each."""


async def settings(update: Update, context: Context) -> None:
    """Answer `/settings`: send the main page of this chat's settings."""
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    await note_manager(update, context, subscriber)
    await send_sheet(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))


async def sheet_below(update: Update, context: Context, what: Sheet) -> None:
    """Send one page of the settings as a new message, if the person may change this chat."""
    if await may_choose(update, context):
        subscriber = await context.subscriber(update)
        await_text(update, context, QUESTIONS.get(what))
        await send_sheet(update, context, subscriber, await sheet(context, subscriber, what))


async def open_sheet(update: Update, context: Context, tap: OpenSheet) -> str | None:
    """Show a page of the settings in place, or below an edition, which stays as it is."""
    if tap.below:
        await sheet_below(update, context, tap.sheet)
    else:
        await show(update, context, await context.subscriber(update), tap.sheet, tap.page)
    return None


async def show(
    update: Update, context: Context, subscriber: Subscriber, what: Sheet, page: int = 0
) -> None:
    """Turn the tapped message into a page of the settings, which asks its question."""
    await_text(update, context, QUESTIONS.get(what))
    await show_tapped(update, context, subscriber, await sheet(context, subscriber, what, page))


async def close_sheet(update: Update, context: Context, _tap: CloseSheet) -> str | None:
    """Take the buttons off the tapped page; its text stays."""
    query = update.callback_query
    if query is not None and query.message is not None:
        await query.edit_message_reply_markup(None)
        context.note_keyboard(query.message.chat.id, query.message.message_id, None)
    return None


async def set_value(update: Update, context: Context, tap: SetValue) -> str | None:
    """Store the value of the tapped button."""
    setting = BY_KEY.get(tap.setting)
    subscriber = await context.subscriber(update)
    if setting is None or setting.read(context, subscriber, tap.value) is None:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change_by(
        subscriber, lambda before: setting.read(context, before, tap.value) or {}
    )
    await show(update, context, subscriber, setting.sheet if setting.stays else Sheet.MAIN)
    return None


async def set_place(update: Update, context: Context, tap: SetPlace) -> str | None:
    """Store the city, and its time zone, that was tapped among several of the same name."""
    place = await tapped_place(context, tap)
    subscriber = await context.readers.change(
        await context.subscriber(update), zone=place.zone, city=own_name(place)
    )
    await show(update, context, subscriber, Sheet.MAIN)
    return None


async def set_alerts(update: Update, context: Context, tap: SetAlerts) -> str | None:
    """Switch the alerts of a followed category on or off; return the text to show."""
    category = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    notice = await switched_alerts(context, subscriber, category.slug, tap, on=tap.on)
    await show(update, context, subscriber, Sheet.ALERTS, tap.page)
    return notice


async def typed_value(
    update: Update, context: Context, subscriber: Subscriber, setting: Setting, words: str
) -> bool:
    """Store a typed value of a setting; return False if it cannot be read."""
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
    """Store the typed city and its time zone; if unknown or ambiguous, ask again."""
    place = await chosen_zone(update, context, subscriber, text, SetPlace)
    if place is not None:
        subscriber = await context.readers.change(subscriber, zone=place.zone, city=own_name(place))
        await reply_main(update, context, subscriber)
    else:
        answered_below(context, subscriber)


async def located(update: Update, context: Context, subscriber: Subscriber, zone: str) -> None:
    """Store the time zone of a shared location, and remove Telegram's location button."""
    subscriber = await context.readers.change(subscriber, zone=zone)
    await context.reply(
        update,
        context.render("zone_set", subscriber, city=context.city(subscriber), now=context.now),
        ReplyKeyboardRemove(),
    )
    await refresh(context, subscriber, await sheet(context, subscriber, Sheet.MAIN))


async def reply_main(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Show the main page after a typed answer, in place of the page that asked."""
    await_text(update, context, None)
    await show_typed(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))


COMMANDS = {"settings": settings}
TAPS = (
    on_tap(CloseSheet, close_sheet),
    on_tap(OpenSheet, open_sheet),
    on_tap(SetValue, set_value),
    on_tap(SetPlace, set_place),
    on_tap(SetAlerts, set_alerts),
)
