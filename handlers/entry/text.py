"""Text that is no command: an answer to an open question, a story's link, a category, a search.

An open question is tried first. Any other text is answered for what it names, and then a newcomer's
journey asks its open question again. An edited text that was not understood is read again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from telegram import Update
from telegram.ext import MessageHandler
from telegram.ext.filters import LOCATION, StatusUpdate, UpdateType

from handlers.buttons.follow_buttons import (
    misspells,
    named_within,
    near_categories,
    near_rows,
    offered,
)
from handlers.buttons.keyboards import button
from handlers.core.conversation import (
    await_text,
    in_turn,
    journey_question,
    new_subject,
    open_question,
    question_about,
)
from handlers.core.managing import manage
from handlers.core.origin import in_private
from handlers.core.permissions import may_choose
from handlers.core.services.memory import JOURNEY, Awaited
from handlers.desk.answers import desk_first
from handlers.desk.suggesting import not_known
from handlers.entry import request_answers, start
from handlers.entry.commands import COMMANDS
from handlers.entry.deep_links import opened_link, shown_only
from handlers.entry.help import unknown_command
from handlers.entry.request_answers import answer_request, is_known
from handlers.entry.wish_answers import answer_wishes, is_held, names_values, say
from handlers.following import category, picker
from handlers.following.words import typed_follow, typed_mute
from handlers.settings import settings
from handlers.settings.declared import BY_QUESTION, HOUR
from handlers.settings.settings import answered_below
from handlers.settings.zones import zone_of_location
from handlers.stories import numbered, search
from handlers.stories.article import show_card
from handlers.stories.listing import DAYS, read_search, source_rows
from handlers.stories.numbered import answer_shown
from handlers.stories.sharing.friend import newcomer
from handlers.stories.sharing.known_links import known_story, links_in, start_payload
from handlers.taps.callback_data import SearchThis, Sheet
from handlers.typed import plain_words
from handlers.typed.message_words import (
    OWN_WORDS,
    WRITTEN,
    command_in,
    is_passed_on,
    sentence_in,
    words_in,
)
from handlers.typed.parse_hours import is_written_like_a_time, read_minute
from handlers.typed.plain_words import Courtesy, command_of, courtesy_of, opens_with_thanks, plain
from handlers.typed.requests import read_request
from handlers.updates.update_kinds import addressed
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Message

    from handlers.core.context import Context
    from handlers.settings.declared import Setting
    from handlers.typed.requests import TypedRequest
    from storage.model import Subscriber

SHEETS = {
    "hour": Sheet.HOUR,
    "days": Sheet.DAYS,
    "language": Sheet.LANGUAGE,
    "pause": Sheet.PAUSE,
}
ASKED = {
    "resume": request_answers.resume,
    "follow": request_answers.ask_what_to_follow,
    "mute": request_answers.ask_what_to_mute,
    "more": numbered.more,
    "why": numbered.why_typed,
    "today": search.of_days,
    "yesterday": search.of_days,
    "week": search.of_days,
}
"""What can only be typed, and its handler."""
PLAIN: dict[str, Callable[[Update, Context], Awaitable[None]]] = {
    name: partial(settings.sheet_below, what=SHEETS[name])
    if name in SHEETS
    else ASKED.get(name) or COMMANDS[name]
    for name in plain_words.COMMANDS
}
"""Each command that `plain_words` recognises, and its handler."""


ANY_WORDS = frozenset({Awaited.WORD, Awaited.FOLLOW_WORD})
"""Questions that accept any words as an answer, even the name of a command."""
CITIES = frozenset({Awaited.CITY, Awaited.JOURNEY_CITY})
NAMING = {
    Awaited.PICK: frozenset({"", "want"}),
    Awaited.JOURNEY_PICK: frozenset({"", "want", "follow", "news"}),
}
"""The picker's question → the kinds of request that name a category to tap.

Other requests are carried out.
"""


async def text(update: Update, context: Context) -> None:
    """Answer a text: as an answer to the open question, a command in plain words, or a request."""
    message = update.message
    if message is None or not words_in(message) or not addressed(message, context.bot):
        return
    whole = sentence_in(message, context.bot.username)
    subscriber = await context.subscriber(update)
    if is_passed_on(message):
        await passed_on(update, context, subscriber, message, whole)
        return
    async with context.undoable():
        await answered_text(update, context, subscriber, message, whole)


async def answered_text(
    update: Update, context: Context, subscriber: Subscriber, message: Message, whole: str
) -> None:
    """Answer what a person wrote."""
    request = read_request(whole, partial(is_known, context, subscriber))
    awaited = question_for(update, context, subscriber)
    if awaited is not None and not (request.words and await may_choose(update, context)):
        awaited = None
    command = command_meant(whole, request, awaited) if in_private(update) else None
    if awaited is not None and (command is None or awaited in ANY_WORDS):
        async with in_turn(update, context):
            if await answered_one(update, context, subscriber, request):
                return
    answered_below(context, subscriber)
    own = not links_in(message) and courtesy_of(request.words) is None
    if command in {"days", "language"} and names_values(context, whole):
        command = None
    if command is not None:
        new_subject(update, context, command)
        await PLAIN[command](update, context)
        return
    held = own and is_held(context, whole)
    if not await answer_shown(update, context, subscriber, whole) and (
        held
        or (
            not (own and await answer_wishes(update, context, subscriber, whole, request))
            and not await answer_request(update, context, subscriber, request)
            and not await answer_as_words(update, context, subscriber, message, request.searched)
        )
    ):
        await unknown(update, context, subscriber, awaited, request.searched)
        return
    # A group that follows something is set up: its journey is not resumed after every sentence.
    if awaited in JOURNEY and (in_private(update) or not subscriber.taste.follows_anything):
        await start.ask_again(update, context, subscriber, awaited)


def command_meant(whole: str, request: TypedRequest, awaited: Awaited | None) -> str | None:
    """Return the command that a text means; None for a day where a pause asks for one."""
    # `request.words` lacks courtesies: "stop please" is a command too.
    command = command_of(whole) or (None if request.kind else command_of(request.words))
    return None if awaited is Awaited.DATE and command in DAYS else command


async def answered_one(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    request: TypedRequest,
) -> bool:
    """Return whether a text answered the open question, or the journey's question below it."""
    for place, each in enumerate(questions_for(update, context, subscriber)):
        if request.kind and each in CITIES:
            continue
        about = question_about(update, context)
        if about is None and request.kind not in NAMING.get(each, {request.kind}):
            continue
        answer = request.sentence if is_verbatim(each, request.kind) else request.words
        taken = answered if place else answered_for
        if await taken(update, context, subscriber, each, answer):
            return True
    return False


async def passed_on(
    update: Update, context: Context, subscriber: Subscriber, message: Message, words: str
) -> None:
    """Open the story or category that a forwarded message names; it is no request or answer."""
    if not await opened(update, context, subscriber, message):
        named = context.services.taxonomy.find(words) if words else None
        if named is not None:
            await context.reply(update, *await category.one(context, subscriber, named.slug))
        else:
            await unknown(update, context, subscriber, None, words)
    awaited = question_for(update, context, subscriber)
    if awaited in JOURNEY:
        await start.ask_again(update, context, subscriber, awaited)


def question_for(update: Update, context: Context, subscriber: Subscriber) -> Awaited | None:
    """Return the open question, or None."""
    return next(iter(questions_for(update, context, subscriber)), None)


def questions_for(update: Update, context: Context, subscriber: Subscriber) -> list[Awaited]:
    """Return the open question and the journey's below it; none that a first edition has ended."""
    asked = dict.fromkeys((open_question(update, context), journey_question(update, context)))
    ended = None if newcomer(subscriber) else Awaited.JOURNEY_PICK
    return [each for each in asked if each is not None and each is not ended]


def is_verbatim(awaited: Awaited, request: str) -> bool:
    """Return whether a question takes a text as it was typed, request words included.

    The words to mute may be “search engine”, which otherwise asks for a search.
    """
    return awaited is Awaited.WORD or (awaited is Awaited.FOLLOW_WORD and request != "follow")


async def answered_for(
    update: Update, context: Context, subscriber: Subscriber, awaited: Awaited, words: str
) -> bool:
    """Call `answered` for the channel or group that the question is about, or else for this chat.

    Return False if the text is no answer, or if the writer may not manage that channel or group.
    """
    about = question_about(update, context)
    if about is None:
        return await answered(update, context, subscriber, awaited, words)
    if not await manage(update, context, about):
        return False
    managed = await context.subscriber(update)
    done = await answered(update, context, managed, awaited, words)
    if not done:
        context.managed = None
    return done


async def answered(
    update: Update, context: Context, subscriber: Subscriber, awaited: Awaited, words: str
) -> bool:
    """Take a text as the answer to the open question; return False if it is no answer."""
    if awaited in {Awaited.PICK, Awaited.JOURNEY_PICK}:
        journey = awaited is Awaited.JOURNEY_PICK
        return await picker.typed_name(update, context, subscriber, words, journey=journey)
    minute = read_minute(words)
    if awaited is Awaited.JOURNEY_HOUR or (awaited is Awaited.JOURNEY_CITY and minute is not None):
        if minute is None:
            return False
        await start.typed_hour(update, context, subscriber, minute)
    elif awaited in CITIES:
        if not await names_a_city(context, words):
            return False
        typed = start.typed_city if awaited is Awaited.JOURNEY_CITY else settings.typed_city
        await typed(update, context, subscriber, words)
    elif awaited is Awaited.WORD:
        await typed_mute(update, context, subscriber, words)
    elif awaited is Awaited.FOLLOW_WORD:
        await typed_follow(update, context, subscriber, words)
    else:
        return await settings.typed_value(update, context, subscriber, BY_QUESTION[awaited], words)
    return True


async def names_a_city(context: Context, words: str) -> bool:
    """Return whether a text may name a city.

    A courtesy or a category's name does so only if a city has the same name.
    """
    if "://" in words:
        return False
    if courtesy_of(words) is None and context.services.taxonomy.find(words) is None:
        return True
    try:
        found = await context.services.places.find(words)
    except WorkerError:
        return False
    # A place without a country is a city of the buttons, known by its name in each language.
    return any(not place.country or plain(place.name) == plain(words) for place in found)


async def answer_as_words(
    update: Update, context: Context, subscriber: Subscriber, message: Message, words: str
) -> bool:
    """Answer a story's link, a category or a courtesy; return False if it is none of these."""
    if await opened(update, context, subscriber, message):
        return True
    taxonomy = context.services.taxonomy
    courtesy = courtesy_of(words)
    if courtesy is None and opens_with_thanks(words) and not named_within(taxonomy, words):
        courtesy = Courtesy.THANKS
    named = taxonomy.find(words) if words else None
    if named is not None:
        await context.reply(update, *await category.one(context, subscriber, named.slug))
    elif courtesy is Courtesy.GREETING and in_private(update) and newcomer(subscriber):
        if open_question(update, context) is None:
            await start.on_their_way(update, context, subscriber)
    elif courtesy is not None:
        await say(update, context, subscriber, courtesy)
    else:
        return False
    return True


async def opened(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Open the story that a message links to, or say what to do with an unknown link.

    Return whether it was answered: if it has a link, or if it is a forwarded message that is too
    long to search for or that is a command.
    """
    links = links_in(message)
    payload = start_payload(links, context.bot.username) if in_private(update) else ""
    if is_passed_on(message):
        payload = shown_only(payload)
    if payload and await opened_link(update, context, subscriber, payload):
        return True
    article = await known_story(context, links) if links else None
    if article is not None:
        await show_card(update, context, subscriber, article)
        return True
    words = words_in(message)
    anothers = is_passed_on(message) and (len(words) > search.LONGEST or words.startswith("/"))
    if links or anothers:
        await context.reply(update, *await not_known(update, context, subscriber, links))
    return bool(links) or anothers


async def unknown(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    awaited: Awaited | None,
    words: str,
) -> None:
    """Repeat what the open question takes, or suggest categories and a search for the words."""
    message = update.effective_message
    if message is not None and not is_passed_on(message):
        at = (message.chat.id, message.message_id)
        context.services.memory.not_understood.put(at, value=True, now=context.now)
    if awaited is Awaited.JOURNEY_PICK:
        await picker.unknown_name(update, context, subscriber, words)
        return
    own = in_private(update) and not (message is not None and is_passed_on(message))
    if awaited is None and own and is_hour(words):
        await settings.sheet_below(update, context, Sheet.HOUR)
        return
    asked = asked_setting(awaited, words if own else "")
    if asked and asked.typed and (awaited is not Awaited.QUIET or words[:1].isdigit()):
        answer = context.render(asked.typed.refused, subscriber, words=words)
    elif awaited in CITIES:
        answer = context.render(
            "which_city", subscriber, words=words, several=False, near=False, late=False
        )
    else:
        answer = None
    searchable = bool(words) and len(words) <= search.LONGEST
    keyboard = []
    if answer is None:
        near = near_categories(context, words) if searchable else ()
        keyboard += near_rows(context, subscriber, near)
        answer = context.render(
            "unknown_text", subscriber, words=words, searchable=searchable, near=near
        )
    if searchable and awaited not in JOURNEY and not (awaited is None and asked):
        keyboard += source_rows(context, subscriber, await read_search(context, subscriber, words))
        keyboard.append([button(context.label("search_this", subscriber), SearchThis())])
        # Do not offer to follow a misspelled name of a category.
        followable = not misspells(context.services.taxonomy, words)
        if awaited in {None, Awaited.PICK} and followable:
            keyboard += offered(context, subscriber, words)
    await context.reply(
        update,
        answer,
        keyboard,
        # The button “search this” reads the words from the message that this one replies to.
        to=message.message_id if message is not None else None,
    )


def asked_setting(awaited: Awaited | None, words: str) -> Setting | None:
    """Return the setting of an open question; without one the hour, for a text such as `25:00`."""
    if awaited is None:
        return HOUR if is_written_like_a_time(words) else None
    return HOUR if awaited is Awaited.JOURNEY_HOUR else BY_QUESTION.get(awaited)


def is_hour(words: str) -> bool:
    """Return whether a text is a time of day; a number alone may mean something else."""
    return not words.isdigit() and read_minute(words) is not None


async def location(update: Update, context: Context) -> None:
    """Set the time zone from a shared location; the location itself is not stored."""
    if not in_private(update):
        return
    subscriber = await context.subscriber(update)
    zone = await zone_of_location(update, context, subscriber)
    if zone is None:
        return
    async with in_turn(update, context):
        if open_question(update, context) is Awaited.JOURNEY_CITY or subscriber.place == 0:
            await start.finish(update, context, subscriber, {"zone": zone}, tapped=False)
        else:
            await_text(update, context, None)
            await settings.located(update, context, subscriber, zone)


async def anything_else(update: Update, context: Context) -> None:
    """Answer a picture, a sticker or a voice message: open its link, or say that text is needed."""
    message = update.message
    if message is None or not in_private(update):
        return
    subscriber = await context.subscriber(update)
    awaited = question_for(update, context, subscriber)
    if not await opened(update, context, subscriber, message):
        await say(update, context, subscriber, Courtesy.SEEN)
    if awaited in JOURNEY:
        await start.ask_again(update, context, subscriber, awaited)


async def edited(update: Update, context: Context) -> None:
    """Answer the new words of a message if the old ones were not understood."""
    message = update.edited_message
    if message is None:
        return
    at, memory = (message.chat.id, message.message_id), context.services.memory
    if memory.not_understood.get(at, context.now) is None:
        return
    memory.not_understood.drop(at)
    again = Update(update.update_id, message=message)
    if not words_in(message).startswith("/"):
        await text(again, context)
        return
    name, _ = command_in(message)
    if name in COMMANDS:
        new_subject(again, context, name)
        await COMMANDS[name](again, context)
    else:
        await unknown_command(again, context)


UPDATES = (
    MessageHandler(UpdateType.EDITED_MESSAGE & OWN_WORDS & WRITTEN, edited),
    MessageHandler(UpdateType.MESSAGE & WRITTEN, desk_first(text)),
    MessageHandler(UpdateType.MESSAGE & OWN_WORDS & LOCATION, location),
    MessageHandler(UpdateType.MESSAGE & ~StatusUpdate.ALL, desk_first(anything_else)),
)
