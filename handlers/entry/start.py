"""`/start`: the newcomer's journey, the reader's return, and links that friends sent.

The journey is one message that asks three things in turn: the categories, the hour and the city.
Then the first edition is sent. Each step offers a default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, ReplyKeyboardRemove

from digest.choosing.first_edition import STARTERS
from digest.choosing.ranking import OLDEST
from digest.timing.schedule import next_due
from handlers.buttons.category_buttons import choose_button
from handlers.buttons.keyboards import button, fitted_rows, rows
from handlers.core.administrators import may_choose
from handlers.core.context import language_code
from handlers.core.managing import note_manager
from handlers.core.memory import Awaited
from handlers.core.open_questions import await_text
from handlers.core.origin import chat_of, in_private, words_of
from handlers.entry.deep_links import opened_link
from handlers.entry.help import show_help
from handlers.following.picker import asked_in, retire, show_picker
from handlers.settings.zones import chosen_zone, own_name, tapped_place
from handlers.stories.digest import first_edition
from handlers.stories.friend import newcomer
from handlers.stories.listing import DEFAULT_SIZE
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    AskLocation,
    JourneyHour,
    JourneyPlace,
    JourneyZone,
    Picked,
    Resume,
    Scope,
    SetUp,
    Turn,
)
from handlers.taps.privacy_data import OpenPrivacy
from handlers.taps.settings_data import OpenSettings, OpenSheet, Sheet
from handlers.typed.places import CITIES, is_zone
from storage.model import State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

HOURS = (6, 7, 8, 9, 12, 18, 20, 22)


async def start(update: Update, context: Context) -> None:
    """Greet a newcomer, welcome a reader back, or open what a link points to."""
    private = in_private(update)
    if not private and not await may_choose(update, context):
        await show_help(update, context)
        return
    subscriber = await context.subscriber(update)
    await note_manager(update, context, subscriber)
    if subscriber.state in {State.STOPPED, State.BARRED}:
        subscriber = await context.readers.resume(subscriber)
    payload = words_of(update) if private else ""
    if not await opened_link(update, context, subscriber, payload):
        await on_their_way(update, context, subscriber)


async def on_their_way(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Begin the journey of a newcomer, or show a reader their follows and next edition."""
    if newcomer(subscriber):
        subscriber = await context.readers.set_up_by(
            subscriber, context.language(update), language_code(update)
        )
        await show_picker(update, context, subscriber, journey=True)
    else:
        await welcome_back(update, context, subscriber)


async def set_up(update: Update, context: Context, _tap: SetUp) -> str | None:
    """Begin the newcomer's journey from a friend's story; the story stays in the chat."""
    subscriber = await context.subscriber(update)
    await note_manager(update, context, subscriber)
    await on_their_way(update, context, subscriber)
    return None


async def welcome_back(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Send what the subscriber follows and when the next edition comes, with buttons for more."""
    subscriber = await context.readers.scheduled(subscriber)
    latest = Turn(Scope.ALL, "", DEFAULT_SIZE, 0)
    paused = subscriber.paused_until is not None and subscriber.paused_until > context.now
    buttons = [
        *([button(context.label("resume", subscriber), Resume())] if paused else []),
        button(context.label("latest", subscriber), latest),
        button(context.label("settings", subscriber), OpenSheet(Sheet.MAIN)),
        choose_button(context, subscriber),
    ]
    await context.reply(
        update,
        context.render("welcome_back", subscriber, city=context.city(subscriber), now=context.now),
        InlineKeyboardMarkup(fitted_rows(buttons)),
    )


async def picked(update: Update, context: Context, _tap: Picked) -> str | None:
    """Ask for the hour after the choice of categories; if none was chosen, follow a default set."""
    subscriber = await context.subscriber(update)
    if not subscriber.taste.follows:
        for slug in STARTERS:
            if slug in context.services.taxonomy.categories:
                subscriber = await context.readers.follow(subscriber, slug)
    await_text(update, context, Awaited.JOURNEY_HOUR)
    await context.edit(update, *hour_question(context, subscriber))
    asked_in(context, update.effective_message)
    return None


async def ask_again(
    update: Update, context: Context, subscriber: Subscriber, awaited: Awaited | None
) -> None:
    """Ask the journey's open question again, below the latest messages.

    Args:
        update: The update that was answered in between.
        context: The handler's context.
        subscriber: The newcomer.
        awaited: The open question; nothing is sent if it is not one of the journey's.
    """
    if awaited is Awaited.JOURNEY_PICK:
        await show_picker(update, context, subscriber, journey=True)
    elif awaited is Awaited.JOURNEY_HOUR:
        await ask_below(update, context, hour_question(context, subscriber))
    elif awaited is Awaited.JOURNEY_CITY:
        await ask_below(update, context, city_question(context, subscriber, update))


async def ask_below(update: Update, context: Context, question: Reply) -> None:
    """Ask in a new message, and take the buttons off the message that asked before."""
    sent = await context.reply(update, *question)
    await retire_question(update, context)
    asked_in(context, sent)


async def retire_question(update: Update, context: Context) -> None:
    """Take the buttons off the message that asked, after its answer was typed."""
    chat_id = chat_of(update).id
    asked = context.services.memory.pickers.get(chat_id, context.now)
    if asked is not None:
        context.services.memory.pickers.drop(chat_id)
        await retire(context, chat_id, asked)


def hour_question(context: Context, subscriber: Subscriber) -> Reply:
    """Return the question for the edition's hour, with a button that keeps the present hour."""
    hours = (button(context.hour(hour * 60, subscriber), JourneyHour(hour * 60)) for hour in HOURS)
    skip = button(
        context.label("keep", subscriber, value=context.hour(subscriber.digest_minute, subscriber)),
        JourneyHour(subscriber.digest_minute),
    )
    return context.render("journey_hour", subscriber), InlineKeyboardMarkup(
        [*rows(hours, 4), [skip]]
    )


async def journey_hour(update: Update, context: Context, tap: JourneyHour) -> str | None:
    """Store the tapped hour, then ask for the city."""
    if tap.minute >= 24 * 60:
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    subscriber = await context.readers.change(subscriber, digest_minute=tap.minute)
    await_text(update, context, Awaited.JOURNEY_CITY)
    await context.edit(update, *city_question(context, subscriber, update))
    asked_in(context, update.effective_message)
    return None


async def typed_hour(update: Update, context: Context, subscriber: Subscriber, minute: int) -> None:
    """Store the typed time, in minutes after midnight, then ask for the city."""
    subscriber = await context.readers.change(subscriber, digest_minute=minute)
    await_text(update, context, Awaited.JOURNEY_CITY)
    await ask_below(update, context, city_question(context, subscriber, update))


def city_question(context: Context, subscriber: Subscriber, update: Update) -> Reply:
    """Return the question for the city: eight cities, a location, or the present zone."""
    cities = (
        button(context.label(f"city_{city.key}", subscriber), JourneyZone(city.zone))
        for city in CITIES
    )
    last = [
        button(
            context.label("keep", subscriber, value=context.city(subscriber)),
            JourneyZone(subscriber.zone),
        )
    ]
    if in_private(update):
        # Telegram allows sharing a location in private chats only.
        last.insert(0, button(context.label("share_location", subscriber), AskLocation()))
    keyboard = InlineKeyboardMarkup([*rows(cities, 3), *rows(last, 1)])
    return context.render("journey_city", subscriber), keyboard


async def journey_zone(update: Update, context: Context, tap: JourneyZone) -> str | None:
    """Store the time zone of the tapped city, and end the journey with the first edition."""
    if not is_zone(tap.zone):
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    await finish(update, context, subscriber, tap.zone, tapped=True)
    return None


async def typed_city(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """End the journey with the typed city; if its name is unknown or ambiguous, ask again."""
    place = await chosen_zone(update, context, subscriber, text, JourneyPlace)
    if place is not None:
        city = own_name(place)
        await finish(update, context, subscriber, place.zone, city=city, tapped=False)


async def journey_place(update: Update, context: Context, tap: JourneyPlace) -> str | None:
    """End the journey with the city that was tapped among several of the same name."""
    place = await tapped_place(context, tap)
    subscriber = await context.subscriber(update)
    city = own_name(place)
    await finish(update, context, subscriber, place.zone, city=city, tapped=True)
    return None


async def finish(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    zone: str,
    *,
    city: str = "",
    tapped: bool,
) -> None:
    """Store the time zone and the city, confirm the choices, and send a newcomer the first edition.

    If two cities are tapped in quick succession, the second is stored and only the first tap sends
    an edition.

    Args:
        update: The tap, text or location that named the city.
        context: The handler's context.
        subscriber: The subscriber before the change.
        zone: IANA name of the time zone.
        city: Name of the city; empty to use the zone's own.
        tapped: Whether a button was tapped; if so, its message is edited in place.
    """
    first = newcomer(subscriber)
    await_text(update, context, None)
    subscriber = await context.readers.change(
        subscriber,
        zone=zone,
        city=city,
        next_at=next_due(replace(subscriber, zone=zone), context.now),
    )
    ready = context.render(
        "ready",
        subscriber,
        city=context.city(subscriber),
        newcomer=first,
        news=first and bool(await context.services.articles.recent(context.now - OLDEST, most=1)),
        now=context.now,
    )
    if tapped:
        further = {"layout": Sheet.LAYOUT, "settings": Sheet.MAIN}
        buttons = [
            button(context.label(key, subscriber), OpenSettings(way))
            for key, way in further.items()
        ]
        buttons.append(button(context.label_for("what_is_kept", subscriber), OpenPrivacy()))
        await context.edit(update, ready, InlineKeyboardMarkup(fitted_rows(buttons)))
    else:
        await context.reply(update, ready, ReplyKeyboardRemove())
        await retire_question(update, context)
    if first:
        await first_edition(update, context, subscriber)
