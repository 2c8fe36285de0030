"""`/settings`: a main page and one for each subject, in one message that is edited in place.

A newer settings message replaces the older one, so that no two states are shown.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from telegram import Message, ReplyKeyboardRemove
from telegram.error import BadRequest

from handlers.buttons.keyboards import CHOSEN, button, fitted_rows
from handlers.buttons.pages import Pages
from handlers.core.conversation import await_text, known_category, on_tap
from handlers.core.managing import note_manager
from handlers.core.permissions import is_refused, may_choose
from handlers.core.services.memory import Awaited, SettingsMessage
from handlers.following.category import switched_alerts
from handlers.following.next_edition import first_edition_rows
from handlers.settings.declared import (
    BY_KEY,
    BY_QUESTION,
    SETTINGS,
    article_languages,
    days_of,
    language_name,
    pause_of,
    sound_of,
    translation_of,
)
from handlers.settings.zones import chosen_zone, tapped_place, zone_and_city
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    CloseSheet,
    MakeTopics,
    OpenManaged,
    OpenSheet,
    OpenYours,
    PickPage,
    SetAlerts,
    SetPlace,
    SetStopped,
    SetValue,
    Sheet,
    Tab,
)
from storage.model import STILL_WORTH, ChatKind, State
from templates.markup.text import shorten

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.settings.declared import Lines, Setting
    from storage.model import Edition, Subscriber

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
    await send_sheet(update, context, subscriber)


async def sheet_below(update: Update, context: Context, what: Sheet) -> None:
    """Send one page of the settings as a new message, if the person may change this chat."""
    if await may_choose(update, context):
        subscriber = await context.subscriber(update)
        await_text(update, context, QUESTIONS.get(what))
        await send_sheet(update, context, subscriber, what)


async def open_sheet(update: Update, context: Context, tap: OpenSheet) -> None:
    """Show a page of the settings in place, or below an edition, which stays as it is."""
    if tap.below:
        await sheet_below(update, context, tap.sheet)
    else:
        await show(update, context, await context.subscriber(update), tap.sheet, tap.page)


async def show(
    update: Update, context: Context, subscriber: Subscriber, what: Sheet, page: int = 0
) -> None:
    """Turn the tapped message into a page of the settings, which asks its question."""
    await_text(update, context, QUESTIONS.get(what))
    await show_tapped(update, context, subscriber, what, page)


async def close_sheet(update: Update, context: Context, _tap: CloseSheet) -> None:
    """Take the buttons off the tapped page; its text stays."""
    query = update.callback_query
    if query is not None and query.message is not None:
        await query.edit_message_reply_markup(None)
        context.note_keyboard(query.message.chat.id, query.message.message_id, None)


async def set_value(update: Update, context: Context, tap: SetValue) -> None:
    """Store the value of the tapped button."""
    setting = BY_KEY.get(tap.setting)
    subscriber = await context.subscriber(update)
    if setting is None or setting.read(context, subscriber, tap.value) is None:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change_by(
        subscriber, lambda before: setting.read(context, before, tap.value) or {}
    )
    await show(update, context, subscriber, setting.sheet if setting.stays else Sheet.MAIN)


async def set_place(update: Update, context: Context, tap: SetPlace) -> None:
    """Store the city, and its time zone, that was tapped among several of the same name."""
    place = await tapped_place(context, tap)
    subscriber = await context.readers.change(
        await context.subscriber(update), **zone_and_city(place)
    )
    await show(update, context, subscriber, Sheet.MAIN)


async def set_alerts(update: Update, context: Context, tap: SetAlerts) -> str | None:
    """Switch the alerts of a followed category on or off; return the text to show."""
    category = known_category(context, tap)
    subscriber = await context.subscriber(update)
    subscriber, notice = await switched_alerts(context, subscriber, category.slug, tap, on=tap.on)
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
    if setting.stays:
        await show_typed(update, context, subscriber, setting.sheet)
    else:
        await reply_main(update, context, subscriber)
    return True


async def typed_city(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """Store the typed city and its time zone; if unknown or ambiguous, ask again."""
    place = await chosen_zone(update, context, subscriber, text, SetPlace)
    if place is not None:
        subscriber = await context.readers.change(subscriber, **zone_and_city(place))
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
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        await _changed(context, subscriber, live, Sheet.MAIN)


async def reply_main(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Show the main page after a typed answer, in place of the page that asked."""
    await_text(update, context, None)
    await show_typed(update, context, subscriber)


IN_SAMPLE = 2
"""Stories below the lead in the sample of a layout."""
PER_PAGE = 16
LONGEST_LABEL = 40
"""The most characters that a phone shows on a button with a row of its own."""


SHEETS = {
    Sheet.HOUR: "hour",
    Sheet.EVENING: "evening",
    Sheet.DAYS: "days",
    Sheet.ZONE: "zone",
    Sheet.LANGUAGE: "language",
    Sheet.ARTICLES: "article_languages",
    Sheet.LAYOUT: "layout",
    Sheet.SOUND: "sound",
    Sheet.ALERTS: "alerts",
    Sheet.PAUSE: "pause",
    Sheet.TRANSLATE: "translate",
}
"""The pages that the main page opens, in pairs that belong together, and their buttons' labels."""


def held(context: Context, reader: Subscriber, alerts: frozenset[str]) -> dict[Sheet, str]:
    """Return each page's present value for its button; `alerts` are categories with alerts."""
    off = context.label("off", reader)
    evening = reader.evening_minute
    return {
        Sheet.HOUR: context.hour(reader.digest_minute, reader),
        Sheet.EVENING: off if evening is None else context.hour(evening, reader),
        Sheet.DAYS: days_of(context, reader, reader.days),
        Sheet.ZONE: context.city(reader),
        Sheet.LANGUAGE: language_name(reader.language),
        Sheet.ARTICLES: article_languages(context, reader),
        Sheet.LAYOUT: context.label(f"layout_{reader.layout}", reader),
        Sheet.SOUND: context.label(sound_of(reader), reader),
        Sheet.ALERTS: str(len(alerts)) if alerts else off,
        Sheet.PAUSE: pause_of(context, reader),
        Sheet.TRANSLATE: context.label(translation_of(reader), reader),
    }


async def sheet(context: Context, subscriber: Subscriber, what: Sheet, page: int = 0) -> Reply:
    """Return a page of the settings with the present values."""
    alerts: frozenset[str] = frozenset()
    if what in {Sheet.MAIN, Sheet.ALERTS}:
        alerts = await context.services.subscribers.alerts(subscriber.id)
    message = context.render(
        "settings",
        subscriber,
        sheet=what.name.lower(),
        city=context.city(subscriber),
        sample=await sample_of(context, subscriber) if what is Sheet.LAYOUT else "",
        now=context.now,
    )
    if what is Sheet.MAIN:
        return message, main(context, subscriber, alerts)
    lines = []
    if what is Sheet.ALERTS:
        only_large = await context.services.subscribers.only_large(subscriber.id)
        lines = bells(context, subscriber, alerts, only_large, page)
    lines += lines_of(context, subscriber, what)
    lines.append([button(context.label("back", subscriber), OpenSheet(Sheet.MAIN))])
    return message, lines


def lines_of(context: Context, subscriber: Subscriber, what: Sheet) -> Lines:
    """Return the buttons of all settings on a page."""
    return [
        line
        for setting in SETTINGS
        if setting.sheet is what
        for line in setting.lines(setting, context, subscriber)
    ]


def main(context: Context, subscriber: Subscriber, alerts: frozenset[str]) -> Lines:
    """Return the buttons of the main page, each with the present value."""
    ways, values = [], held(context, subscriber, alerts)
    for what, label in SHEETS.items():
        if what is Sheet.TRANSLATE and not context.services.translates:
            continue
        text = f"{context.label(label, subscriber)} \u00b7 {values[what]}"
        ways.append(button(shorten(text, LONGEST_LABEL), OpenSheet(what)))
    own = context.label_for("yours", subscriber)
    follows = len(subscriber.taste.follows)
    ways.append(button(f"{own} \u00b7 {follows}" if follows else own, OpenYours(0)))
    picker = PickPage(Tab.SECTIONS, 0, journey=False)
    ways.append(button(context.label("categories", subscriber), picker))
    pairs = (fitted_rows(ways[at : at + 2]) for at in range(0, len(ways), 2))
    lines = [*chain.from_iterable(pairs), *first_edition_rows(context, subscriber)]
    if context.forum and subscriber.kind is ChatKind.GROUP:
        lines.append([button(context.label("topics_per_section", subscriber), MakeTopics())])
    if context.managed is not None:
        stopped = subscriber.state is State.STOPPED
        key = "resume" if stopped else "stop_editions"
        lines.append([button(context.label(key, subscriber), SetStopped(on=not stopped))])
    if context.managed is not None or subscriber.private:
        lines.append([button(context.label("managed", subscriber), OpenManaged())])
    lines.append([button(context.label("done", subscriber), CloseSheet())])
    return lines


async def sample_of(context: Context, subscriber: Subscriber) -> str:
    """Return a sample of the chosen layout, as HTML: the beginning of the last edition if any."""
    past, edition, now = context.services.past_editions, None, context.now
    for delivery_id, due in await past.latest(subscriber.id, 1):
        row = await past.of(subscriber.id, delivery_id)
        if row is not None:
            edition, now = beginning(await past.edition(row)), due
    return context.services.renderer.sample(
        subscriber.layout,
        language=subscriber.language,
        zone=subscriber.zone,
        now=now,
        edition=edition,
    )


def beginning(edition: Edition) -> Edition | None:
    """Return an edition of the lead and the first section alone; None if it has no stories."""
    if edition.lead is None:
        return None
    first = next(iter(edition.sections), None)
    if first is None:
        return replace(edition, top=(), added=0, unread=None)
    shown, rest = first.stories[:IN_SAMPLE], first.stories[IN_SAMPLE:]
    # “More: Still worth reading (2)” would promise what no edition has.
    left_out = 0 if first.category == STILL_WORTH else first.left_out + len(rest)
    section = first._replace(stories=shown, left_out=left_out)
    # Of an edition with nothing new, all stories were left out of earlier ones.
    still = len(shown) if first.category == STILL_WORTH else 0
    still = still if edition.own.still == 0 else 1 + len(shown)
    return replace(edition, top=(), sections=(section,), added=0, still=still, unread=None)


def bells(
    context: Context,
    subscriber: Subscriber,
    alerts: frozenset[str],
    only_large: frozenset[str],
    page: int,
) -> Lines:
    """Return one page of buttons that switch the alerts of followed categories."""
    known = context.services.taxonomy.categories
    follows = [c for c in context.by_name(subscriber.taste.follows, subscriber) if c in known]
    pages = Pages(page, len(follows), PER_PAGE)
    each = [
        button(
            (("🔔★ " if slug in only_large else "🔔 ") if slug in alerts else "")
            + context.category(slug, subscriber),
            SetAlerts(slug, slug not in alerts, page),
        )
        for slug in pages.part(follows)
    ]
    turns = pages.turning(context, subscriber, partial(OpenSheet, Sheet.ALERTS))
    return [
        *fitted_rows(each, spare=lambda _: len(CHOSEN) + 1),
        *([turns] if turns else []),
    ]


log = logging.getLogger(__name__)


async def send_sheet(
    update: Update, context: Context, subscriber: Subscriber, what: Sheet = Sheet.MAIN
) -> None:
    """Send a page of the settings as a new message, and delete the earlier settings message."""
    sent = await context.reply(update, *await sheet(context, subscriber, what))
    await _keep_only(context, subscriber, sent.message_id)


async def show_tapped(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    what: Sheet = Sheet.MAIN,
    page: int = 0,
) -> None:
    """Turn the tapped message into a page of the settings, and delete any other such message."""
    await context.edit(update, *await sheet(context, subscriber, what, page))
    message = update.effective_message
    if isinstance(message, Message):
        await _keep_only(context, subscriber, message.message_id)


async def show_typed(
    update: Update, context: Context, subscriber: Subscriber, what: Sheet = Sheet.MAIN
) -> None:
    """Show the result of a typed answer in the settings message, or in a new one below."""
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is None or not live.last or not await _changed(context, subscriber, live, what):
        await send_sheet(update, context, subscriber, what)


def answered_below(context: Context, subscriber: Subscriber) -> None:
    """Note that the bot has sent something below the settings message."""
    sheets = context.services.memory.sheets
    live = sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        sheets.put(_key(context, subscriber), live._replace(last=False), context.now)


def _key(context: Context, subscriber: Subscriber) -> tuple[int, int]:
    return context.place(subscriber), subscriber.id


async def _keep_only(context: Context, subscriber: Subscriber, message_id: int) -> None:
    sheets = context.services.memory.sheets
    before = sheets.get(_key(context, subscriber), context.now)
    sheets.put(_key(context, subscriber), SettingsMessage(message_id, last=True), context.now)
    if before is not None and before.message_id != message_id:
        try:
            await context.bot.delete_message(context.place(subscriber), before.message_id)
        except BadRequest as error:
            # The reader deleted the message, or it is too old for a bot to delete.
            log.info("could not delete an older settings message: %s", error)


async def _changed(
    context: Context, subscriber: Subscriber, live: SettingsMessage, what: Sheet
) -> bool:
    """Edit a message that was not tapped; return False if it no longer exists."""
    reply = await sheet(context, subscriber, what)
    try:
        await context.edit_message(context.place(subscriber), live.message_id, *reply)
    except BadRequest:
        # The reader deleted the message.
        return False
    return True


COMMANDS = {"settings": settings}
TAPS = (
    on_tap(CloseSheet, close_sheet),
    on_tap(OpenSheet, open_sheet),
    on_tap(SetValue, set_value),
    on_tap(SetPlace, set_place),
    on_tap(SetAlerts, set_alerts),
)
