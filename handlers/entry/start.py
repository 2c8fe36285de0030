"""`/start`: the newcomer's journey, the reader's return, and links that friends sent.

The journey is one message that asks three things in turn: the categories, the hour and the city.
Then the first edition is sent. Each step offers a default: a newcomer's language is that of the
Telegram app (`Context.language`), the rest is in `core.services.readers`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import ReplyKeyboardRemove

from digest.choosing.category_kinds import sections_of_names
from digest.choosing.ranking import OLDEST
from digest.editions.first_edition import FIRST, STARTERS, homes_of, widened
from digest.timing.schedule import next_due
from handlers.buttons.follow_buttons import choose_button
from handlers.buttons.keyboards import button, fitted_rows
from handlers.core.context import language_code
from handlers.core.conversation import await_text, end_journey, on_tap
from handlers.core.managing import note_manager
from handlers.core.origin import chat_of, in_private, words_of
from handlers.core.permissions import may_choose
from handlers.core.services.memory import Awaited
from handlers.entry.deep_links import opened_link
from handlers.entry.help import show_help
from handlers.following.picker import asked_in, retire, show_picker
from handlers.settings.declared import HOUR, ZONE
from handlers.settings.zones import chosen_zone, tapped_place, zone_and_city
from handlers.stories.editions.digest import first_edition
from handlers.stories.listing import DEFAULT_SIZE
from handlers.stories.sharing.friend import newcomer
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    ChooseForMe,
    JourneyPlace,
    JourneyValue,
    OpenPrivacy,
    OpenSheet,
    Picked,
    Resume,
    Scope,
    SetUp,
    Sheet,
    Turn,
)
from storage.model import Kind, State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.settings.declared import Setting
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

STEPS = {HOUR: Awaited.JOURNEY_HOUR, ZONE: Awaited.JOURNEY_CITY}
"""The settings that a newcomer is asked for, and the question that each is."""
STARTERS_STORIES = 6
"""Fewest stories of a week in the default sections; with fewer, busier sections are added."""
MOST_STARTERS = 5
"""Number of the busiest sections from which these further sections are taken."""


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


async def set_up(update: Update, context: Context, _tap: SetUp) -> None:
    """Begin the newcomer's journey from a friend's story; the story stays in the chat."""
    subscriber = await context.subscriber(update)
    await note_manager(update, context, subscriber)
    await on_their_way(update, context, subscriber)


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
        fitted_rows(buttons),
    )


async def picked(update: Update, context: Context, _tap: Picked) -> None:
    """Ask for the hour after the choice of categories; if none was chosen, follow a default set."""
    subscriber = await context.subscriber(update)
    if not subscriber.taste.follows:
        subscriber = await with_starters(context, subscriber)
    await ask_in_place(update, context, subscriber, HOUR)


async def choose_for_me(update: Update, context: Context, _tap: ChooseForMe) -> None:
    """Follow a default set of sections besides those already chosen, and ask for the hour."""
    subscriber = await with_starters(context, await context.subscriber(update))
    await ask_in_place(update, context, subscriber, HOUR)


async def with_starters(context: Context, subscriber: Subscriber) -> Subscriber:
    """Follow a default set of sections for a newcomer; more if these had little news this week.

    Return the subscriber as changed.
    """
    services = context.services
    counts = await services.week_counts.get(
        services.articles, context.now, subscriber.taste.languages
    )
    sections = [each.slug for each in services.taxonomy.by_kind(Kind.SECTION)]
    busiest = sorted(sections, key=lambda slug: -counts.get(slug, 0))
    stories = 0
    for slug in dict.fromkeys((*STARTERS, *busiest[:MOST_STARTERS])):
        if slug in STARTERS or (stories < STARTERS_STORIES and counts.get(slug)):
            subscriber = await context.readers.follow(subscriber, slug)
            stories += counts.get(slug, 0)
    return subscriber


async def ask_again(
    update: Update, context: Context, subscriber: Subscriber, awaited: Awaited | None
) -> None:
    """Ask the question again, below the latest messages, if it is one of the journey's."""
    if awaited is Awaited.JOURNEY_PICK:
        await show_picker(update, context, subscriber, journey=True)
    elif awaited is Awaited.JOURNEY_HOUR:
        await ask_below(update, context, subscriber, HOUR)
    elif awaited is Awaited.JOURNEY_CITY:
        await ask_below(update, context, subscriber, ZONE)


async def ask_in_place(
    update: Update, context: Context, subscriber: Subscriber, step: Setting
) -> None:
    """Turn the tapped message into a step's question."""
    await_text(update, context, STEPS[step])
    await context.edit(update, *question(context, subscriber, step))
    asked_in(context, update.effective_message)


async def ask_below(
    update: Update, context: Context, subscriber: Subscriber, step: Setting
) -> None:
    """Ask in a new message, and take the buttons off the message that asked before."""
    await_text(update, context, STEPS[step])
    sent = await context.reply(update, *question(context, subscriber, step))
    await retire_question(update, context)
    asked_in(context, sent)


async def retire_question(update: Update, context: Context) -> None:
    """Take the buttons off the message that asked, after its answer was typed."""
    chat_id = chat_of(update).id
    asked = context.services.memory.pickers.get(chat_id, context.now)
    if asked is not None:
        context.services.memory.pickers.drop(chat_id)
        await retire(context, chat_id, asked)


def question(context: Context, subscriber: Subscriber, step: Setting) -> Reply:
    """Return a step's question, with the buttons of its setting and one that keeps what holds."""
    setting = replace(step, journey=True)
    shown, value = context.hour(subscriber.digest_minute, subscriber), str(subscriber.digest_minute)
    if step is ZONE:
        shown, value = context.city(subscriber), subscriber.zone
    keep = button(context.label("keep", subscriber, value=shown), setting.tap(value))
    template = "journey_city" if step is ZONE else "journey_hour"
    lines = [*setting.lines(setting, context, subscriber), [keep]]
    return context.render(template, subscriber), lines


async def journey_value(update: Update, context: Context, tap: JourneyValue) -> None:
    """Take the value of a tapped step, and go on: from the hour to the city, then to the end."""
    subscriber = await context.subscriber(update)
    step = next((each for each in STEPS if each.key == tap.setting), None)
    changes = None if step is None else step.read(context, subscriber, tap.value)
    if changes is None:
        raise StaleTap(tap.pack())
    if step is ZONE:
        kept: Changes = {"zone": subscriber.zone, "city": subscriber.city}
        same = tap.value == subscriber.zone
        await finish(update, context, subscriber, kept if same else changes, tapped=True)
    else:
        subscriber = await context.readers.change(subscriber, **changes)
        await ask_in_place(update, context, subscriber, ZONE)


async def typed_hour(update: Update, context: Context, subscriber: Subscriber, minute: int) -> None:
    """Take a typed hour, in minutes after midnight, and ask for the city."""
    subscriber = await context.readers.change(subscriber, digest_minute=minute)
    await ask_below(update, context, subscriber, ZONE)


async def typed_city(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """End the journey in a typed city, unless there are several or none of that name."""
    place = await chosen_zone(update, context, subscriber, text, JourneyPlace)
    if place is not None:
        await finish(update, context, subscriber, zone_and_city(place), tapped=False)


async def journey_place(update: Update, context: Context, tap: JourneyPlace) -> None:
    """End the journey in one of several cities of one name."""
    place = await tapped_place(context, tap)
    subscriber = await context.subscriber(update)
    await finish(update, context, subscriber, zone_and_city(place), tapped=True)


async def finish(
    update: Update, context: Context, subscriber: Subscriber, where: Changes, *, tapped: bool
) -> None:
    """Store the time zone and the city, confirm the choices, and send a newcomer the first edition.

    If two cities are tapped in quick succession, the second is stored and only the first tap sends
    an edition. `where` has the time zone, and the name of the city if it is not the zone's own. The
    message of a tapped button is edited in place.
    """
    first = newcomer(subscriber)
    end_journey(update, context)
    zone = where.get("zone", subscriber.zone)
    where["next_at"] = next_due(replace(subscriber, zone=zone), context.now)
    subscriber = await context.readers.change(subscriber, **where)
    ready = context.render(
        "ready",
        subscriber,
        city=context.city(subscriber),
        newcomer=first,
        news=first and await has_news(context, subscriber),
        now=context.now,
    )
    further = {"layout": Sheet.LAYOUT, "settings": Sheet.MAIN}
    buttons = [
        button(context.label(key, subscriber), OpenSheet(way, below=True))
        for key, way in further.items()
    ]
    buttons.append(button(context.label_for("what_is_kept", subscriber), OpenPrivacy()))
    keyboard = fitted_rows(buttons)
    await take_location_button_away(update, context, subscriber)
    if tapped:
        await context.edit(update, ready, keyboard)
    else:
        await context.reply(update, ready, keyboard)
        await retire_question(update, context)
    if first:
        await first_edition(update, context, subscriber)


async def has_news(context: Context, subscriber: Subscriber) -> bool:
    """Return whether a first edition has a story; outside private chats, in what was chosen."""
    articles, taste = context.services.articles, subscriber.taste
    if subscriber.private:
        return bool(await articles.recent(context.now - OLDEST, most=1))
    homes = homes_of(taste, sections_of_names(context.services.taxonomy.categories))
    found = await articles.first_candidates(
        widened(taste, homes),
        place_to=await articles.newest_id(),
        since=context.now - FIRST,
        most=1,
    )
    return bool(found)


async def take_location_button_away(
    update: Update, context: Context, subscriber: Subscriber
) -> None:
    """Take away Telegram's button that shares a location, if it is there, and say the zone.

    A message takes it away or has buttons of its own, not both.
    """
    asked = context.services.memory.location_asked
    shared = update.message is not None and update.message.location is not None
    if shared or asked.get(subscriber.chat_id, context.now):
        asked.drop(subscriber.chat_id)
        city = context.city(subscriber)
        message = context.render("zone_set", subscriber, city=city, now=context.now)
        await context.reply(update, message, ReplyKeyboardRemove())


COMMANDS = {"start": start}
TAPS = (
    on_tap(SetUp, set_up),
    on_tap(Picked, picked),
    on_tap(ChooseForMe, choose_for_me),
    on_tap(JourneyValue, journey_value),
    on_tap(JourneyPlace, journey_place),
)
