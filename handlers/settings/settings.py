"""`/settings`: one message, edited in place; what it shows is in settings_pages.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from telegram import ReplyKeyboardRemove

from digest.timing.schedule import midnight
from handlers.core.administrators import is_refused, may_choose
from handlers.core.live_sheet import (
    answered_below,
    refresh,
    send_sheet,
    show_tapped,
    show_typed,
)
from handlers.core.managing import note_manager
from handlers.core.memory import Awaited
from handlers.core.open_questions import await_text
from handlers.core.readers import ARTICLE_LANGUAGES
from handlers.following.category import known_category
from handlers.following.confirmations import switched_alerts
from handlers.following.yours_page import yours
from handlers.settings.settings_pages import ALERTS_A_DAY, sheet
from handlers.settings.zones import chosen_zone, own_name, tapped_place
from handlers.taps.callback_codec import StaleTap
from handlers.taps.settings_data import SetPlace, Sheet
from handlers.typed.places import is_zone
from storage.model import EVERY_DAY
from storage.readers.choices import MOST_MUTED_WORDS, can_be_muted
from storage.readers.word_choices import SHORTEST_WORD

if TYPE_CHECKING:
    from datetime import date

    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.settings_data import (
        AskWord,
        OpenSettings,
        OpenSheet,
        Pause,
        SetAlerts,
        SetAlertsADay,
        SetArticles,
        SetDays,
        SetEmptyNote,
        SetEvening,
        SetLanguage,
        SetLayout,
        SetMinute,
        SetQuiet,
        SetSilent,
        SetZone,
    )
    from storage.model import Subscriber

DAY = 24 * 60
LONGEST_PAUSE = 31
LONGEST_WORD = 40
QUESTIONS = {
    Sheet.HOUR: Awaited.HOUR,
    Sheet.EVENING: Awaited.EVENING,
    Sheet.ZONE: Awaited.CITY,
    Sheet.PAUSE: Awaited.DATE,
    Sheet.ALERTS: Awaited.QUIET,
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


async def set_minute(update: Update, context: Context, tap: SetMinute) -> str | None:
    """The hour of the edition."""
    if tap.minute >= DAY:
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    subscriber = await context.readers.change(subscriber, digest_minute=tap.minute)
    await back(update, context, subscriber)
    return None


async def set_evening(update: Update, context: Context, tap: SetEvening) -> str | None:
    """The hour of a second edition, or none."""
    if tap.minute >= DAY:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change(
        await context.subscriber(update), evening_minute=tap.minute or None
    )
    await back(update, context, subscriber)
    return None


async def set_days(update: Update, context: Context, tap: SetDays) -> str | None:
    """The days of the edition."""
    if not 1 <= tap.days <= EVERY_DAY:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change(await context.subscriber(update), days=tap.days)
    await back(update, context, subscriber)
    return None


async def set_zone(update: Update, context: Context, tap: SetZone) -> str | None:
    """The time zone; the hour stays what it was, there."""
    if not is_zone(tap.zone):
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change(await context.subscriber(update), zone=tap.zone)
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


async def set_language(update: Update, context: Context, tap: SetLanguage) -> str | None:
    """The language of the bot."""
    if tap.language not in context.services.renderer.languages:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change(
        await context.subscriber(update), language=tap.language
    )
    await back(update, context, subscriber)
    return None


async def set_articles(update: Update, context: Context, tap: SetArticles) -> str | None:
    """The languages of articles; none chosen, or all of them, means every language."""
    subscriber = await context.subscriber(update)
    if not tap.language:
        subscriber = await context.readers.change(subscriber, languages=frozenset())
    elif tap.language in ARTICLE_LANGUAGES:
        subscriber = await context.readers.read(subscriber, tap.language, on=tap.on)
    else:
        raise StaleTap(tap.pack())
    await show(update, context, subscriber, Sheet.ARTICLES)
    return None


async def set_layout(update: Update, context: Context, tap: SetLayout) -> str | None:
    """How much of a story an edition shows."""
    subscriber = await context.readers.change(await context.subscriber(update), layout=tap.layout)
    await show(update, context, subscriber, Sheet.LAYOUT)
    return None


async def set_empty_note(update: Update, context: Context, tap: SetEmptyNote) -> str | None:
    """Whether a day with nothing new is worth a line."""
    subscriber = await context.readers.change(await context.subscriber(update), empty_note=tap.on)
    await show(update, context, subscriber, Sheet.LAYOUT)
    return None


async def set_silent(update: Update, context: Context, tap: SetSilent) -> str | None:
    """Whether editions, or alerts, arrive without a sound."""
    subscriber = await context.subscriber(update)
    if tap.alerts:
        subscriber = await context.readers.change(subscriber, silent_alerts=tap.on)
    else:
        subscriber = await context.readers.change(subscriber, silent=tap.on)
    await show(update, context, subscriber, Sheet.SOUND)
    return None


async def set_alerts(update: Update, context: Context, tap: SetAlerts) -> str | None:
    """The alerts of a category that is followed."""
    category = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    notice = await switched_alerts(context, subscriber, category.slug, tap, on=tap.on)
    await show(update, context, subscriber, Sheet.ALERTS, tap.page)
    return notice


async def set_quiet(update: Update, context: Context, tap: SetQuiet) -> str | None:
    """The hours without alerts."""
    if tap.start >= DAY or tap.end >= DAY:
        raise StaleTap(tap.pack())
    hours = (None, None) if tap.start == tap.end else (tap.start, tap.end)
    subscriber = await context.readers.change(
        await context.subscriber(update), quiet_from=hours[0], quiet_to=hours[1]
    )
    await show(update, context, subscriber, Sheet.ALERTS)
    return None


async def set_alerts_a_day(update: Update, context: Context, tap: SetAlertsADay) -> str | None:
    """How many alerts a day at most."""
    if tap.most not in ALERTS_A_DAY:
        raise StaleTap(tap.pack())
    subscriber = await context.readers.change(
        await context.subscriber(update), alerts_a_day=tap.most
    )
    await show(update, context, subscriber, Sheet.ALERTS)
    return None


async def ask_word(update: Update, context: Context, _tap: AskWord) -> str | None:
    """Ask for a word to mute."""
    await_text(update, context, Awaited.WORD)
    await context.reply(update, context.render("ask_word", await context.subscriber(update)))
    return None


async def pause(update: Update, context: Context, tap: Pause) -> str | None:
    """No editions for some days, or again from now on."""
    if tap.days > LONGEST_PAUSE:
        raise StaleTap(tap.pack())
    until = context.now + timedelta(days=tap.days) if tap.days else None
    subscriber = await context.readers.change(await context.subscriber(update), paused_until=until)
    await back(update, context, subscriber)
    return None


async def back(update: Update, context: Context, subscriber: Subscriber) -> None:
    """The main sheet again, with what was just chosen in it."""
    await_text(update, context, None)
    await show(update, context, subscriber, Sheet.MAIN)


async def typed_minute(
    update: Update, context: Context, subscriber: Subscriber, minute: int
) -> None:
    """The hour, as it was typed."""
    subscriber = await context.readers.change(subscriber, digest_minute=minute)
    await reply_main(update, context, subscriber)


async def typed_evening(
    update: Update, context: Context, subscriber: Subscriber, minute: int
) -> None:
    """The hour of a second edition, as it was typed."""
    subscriber = await context.readers.change(subscriber, evening_minute=minute)
    await reply_main(update, context, subscriber)


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


async def typed_date(update: Update, context: Context, subscriber: Subscriber, day: date) -> None:
    """The day on which editions begin again."""
    until = midnight(day, subscriber.zone)
    subscriber = await context.readers.change(subscriber, paused_until=until)
    await reply_main(update, context, subscriber)


async def typed_quiet(
    update: Update, context: Context, subscriber: Subscriber, hours: tuple[int, int]
) -> None:
    """The hours without alerts, as they were typed."""
    subscriber = await context.readers.change(subscriber, quiet_from=hours[0], quiet_to=hours[1])
    await show_typed(update, context, subscriber, await sheet(context, subscriber, Sheet.ALERTS))


async def reply_main(update: Update, context: Context, subscriber: Subscriber) -> None:
    """The main sheet as an answer to what was typed, in place of the one that asked."""
    await_text(update, context, None)
    await show_typed(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))
