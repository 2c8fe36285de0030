"""The reader's time zone, from a city's name or a location, in the journey and the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove

from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, button, cells, rows
from handlers.core.conversation import on_tap
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AskLocation
from handlers.typed.places import city_of
from templates.language.languages import locale_of
from workers.pool import WorkerError

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.callback_data import JourneyPlace, SetPlace
    from handlers.typed.places import FoundCity
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

log = logging.getLogger(__name__)


async def chosen_zone(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    text: str,
    tap: type[JourneyPlace | SetPlace],
) -> FoundCity | None:
    """Return the typed city; ask again and return None if it is unknown or fits several."""
    found: tuple[FoundCity, ...] = ()
    late = False
    try:
        found = await context.services.places.find(text)
    except WorkerError as error:
        log.warning("the list of cities could not be read: %s", error)
        late = True
    if len(found) == 1:
        return found[0]
    choices = (
        button(full_city_label(context, subscriber, place), tap(place.id)) for place in found
    )
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
        rows(choices, 1),
    )
    return None


def full_city_label(context: Context, subscriber: Subscriber, place: FoundCity) -> str:
    """Return a city's label with its state or country, and the zone's name if there is room."""
    language = context.language_for(subscriber)
    territories = locale_of(language).territories
    where = place.state or territories.get(place.country, place.country)
    name = f"{place.called or place.name}, {where}"
    time = context.label("time_of", subscriber, city=city_of(place.zone, language))
    with_time = f"{name} · {time}"
    return with_time if cells(with_time) <= CELLS_IN_A_ROW_OF[1] else name


def zone_and_city(place: FoundCity) -> Changes:
    """Return a city as changes of a subscriber; without a name if the zone's is enough."""
    return {"zone": place.zone, "city": (place.called or place.name) if place.country else ""}


async def tapped_place(context: Context, tap: JourneyPlace | SetPlace) -> FoundCity:
    """Return the city tapped in a list; raise StaleTap if it is unknown or cannot be looked up."""
    try:
        place = await context.services.places.get(tap.place)
    except WorkerError as error:
        log.warning("the list of cities could not be read: %s", error)
        place = None
    if place is None:
        raise StaleTap(tap.pack())
    return place


async def zone_of_location(update: Update, context: Context, subscriber: Subscriber) -> str | None:
    """Return the zone of a shared location; say so and return None if it has none."""
    location = update.message.location if update.message else None
    zone = None
    try:
        if location is not None:
            zone = await context.services.places.at(location.latitude, location.longitude)
    except WorkerError as error:
        log.warning("the map of time zones could not be read: %s", error)
    if zone is None:
        await context.reply(
            update,
            context.render(
                "which_city", subscriber, words="", several=False, near=False, late=True
            ),
            ReplyKeyboardRemove(),
        )
    return zone


async def ask_location(update: Update, context: Context, _tap: AskLocation) -> None:
    """Show Telegram's own button that shares the location once."""
    subscriber = await context.subscriber(update)
    context.services.memory.location_asked.put(subscriber.chat_id, value=True, now=context.now)
    share = KeyboardButton(context.label("share_location", subscriber), request_location=True)
    await context.reply(
        update,
        context.render("ask_location", subscriber),
        ReplyKeyboardMarkup([[share]], resize_keyboard=True, one_time_keyboard=True),
    )


TAPS = (on_tap(AskLocation, ask_location),)
