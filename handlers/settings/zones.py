"""Where a reader is, asked by name or by location, in the journey and in the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove

from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, button, cells, rows
from handlers.taps.callback_codec import StaleTap
from handlers.typed.places import city_of
from templates.language.languages import locale_of
from workers.pool import WorkerError

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.callback_data import AskLocation, JourneyPlace
    from handlers.taps.settings_data import SetPlace
    from handlers.typed.places import FoundCity
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def chosen_zone(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    text: str,
    tap: type[JourneyPlace | SetPlace],
) -> FoundCity | None:
    """The typed city; None when that had to be asked back, which is done here."""
    found: tuple[FoundCity, ...] = ()
    late = False
    try:
        found = await context.services.places.find(text)
    except WorkerError as error:
        log.warning("the list of cities could not be read: %s", error)
        late = True
    if len(found) == 1:
        return found[0]
    choices = (button(told_apart(context, subscriber, place), tap(place.id)) for place in found)
    await context.reply(
        update,
        context.render(
            "which_city",
            subscriber,
            words=text,
            several=bool(found),
            near=not any(place.called for place in found),
            late=late,
        ),
        InlineKeyboardMarkup(rows(choices, 1)) if found else None,
    )
    return None


def told_apart(context: Context, subscriber: Subscriber, place: FoundCity) -> str:
    """A city as a button says it: with its state or country, and its time where there is room."""
    language = context.language_for(subscriber)
    territories = locale_of(language).territories
    where = place.state or territories.get(place.country, place.country)
    name = f"{place.called or place.name}, {where}"
    time = context.label("time_of", subscriber, city=city_of(place.zone, language))
    with_time = f"{name} · {time}"
    return with_time if cells(with_time) <= CELLS_IN_A_ROW_OF[1] else name


def own_name(place: FoundCity) -> str:
    """What a subscriber's city is called from now on; empty where its zone's name says it."""
    return (place.called or place.name) if place.country else ""


async def tapped_place(context: Context, tap: JourneyPlace | SetPlace) -> FoundCity:
    """The city of a list that was tapped.

    Raises:
        StaleTap: The list has no such city any more, or could not be read.
    """
    try:
        place = await context.services.places.get(tap.place)
    except WorkerError as error:
        log.warning("the list of cities could not be read: %s", error)
        place = None
    if place is None:
        raise StaleTap(tap.pack())
    return place


async def zone_of_location(update: Update, context: Context, subscriber: Subscriber) -> str | None:
    """The zone of a shared location; None when it has none, which is said here."""
    location = update.message.location if update.message else None
    zone = None
    try:
        if location is not None:
            zone = await context.services.places.at(location.latitude, location.longitude)
    except WorkerError as error:
        log.warning("the map of zones could not be read: %s", error)
    if zone is None:
        await context.reply(
            update,
            context.render(
                "which_city", subscriber, words="", several=False, near=False, late=True
            ),
            ReplyKeyboardRemove(),
        )
    return zone


async def ask_location(update: Update, context: Context, _tap: AskLocation) -> str | None:
    """Show Telegram's own button that shares where one is, once."""
    subscriber = await context.subscriber(update)
    share = KeyboardButton(context.label("share_location", subscriber), request_location=True)
    await context.reply(
        update,
        context.render("ask_location", subscriber),
        ReplyKeyboardMarkup([[share]], resize_keyboard=True, one_time_keyboard=True),
    )
    return None
