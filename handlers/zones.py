"""Where a reader is, asked by name or by location, in the journey and in the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove

from handlers.keyboards import button, rows
from handlers.places import CITIES, city_of
from workers.pool import WorkerError

if TYPE_CHECKING:
    from telegram import Update

    from handlers.callback_data import AskLocation, JourneyZone
    from handlers.context import Context
    from handlers.places import FoundCity
    from handlers.settings_data import SetZone
    from storage.model import Subscriber

log = logging.getLogger(__name__)


def city_name(context: Context, subscriber: Subscriber) -> str:
    """A subscriber's zone as a city, in the subscriber's language."""
    for city in CITIES:
        if city.zone == subscriber.zone:
            return context.label(f"city_{city.key}", subscriber)
    return city_of(subscriber.zone, subscriber.language)


async def chosen_zone(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    text: str,
    tap: type[JourneyZone | SetZone],
) -> str | None:
    """The zone of a typed city; None when that had to be asked back, which is done here."""
    found: tuple[FoundCity, ...] = ()
    late = False
    try:
        found = await context.services.places.find(text)
    except WorkerError as error:
        log.warning("the list of cities could not be read: %s", error)
        late = True
    if len(found) == 1:
        return found[0].zone
    choices = (
        button(
            f"{place.name}, {place.country} · {time_of(context, subscriber, place)}",
            tap(place.zone),
        )
        for place in found
    )
    await context.reply(
        update,
        context.render("which_city", subscriber, words=text, several=bool(found), late=late),
        InlineKeyboardMarkup(rows(choices, 1)) if found else None,
    )
    return None


def time_of(context: Context, subscriber: Subscriber, place: FoundCity) -> str:
    """What tells two cities of one name apart: the city that their zone is named after."""
    city = city_of(place.zone, subscriber.language)
    return context.label("time_of", subscriber, city=city)


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
            context.render("which_city", subscriber, words="", several=False, late=True),
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
