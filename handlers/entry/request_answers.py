"""What a plain sentence asks for: news, a search, or a change at once, with one line and Undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from telegram import Message

from handlers.buttons.follow_buttons import misspells, quoted, refusal
from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.permissions import is_refused, may_choose
from handlers.entry import start
from handlers.following import category
from handlers.following.category import followed
from handlers.following.undo import say_undone, undo_of_subject
from handlers.following.words import (
    ask_word,
    follow_words,
    matches,
    muting_refused,
    notice_of,
    switched_word,
    typed_mute,
)
from handlers.settings import settings
from handlers.settings.declared import HOUR, PAUSE, QUIET_HOURS
from handlers.stories import search
from handlers.stories.sharing.friend import newcomer
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AskWord, Sheet, UndoPause, UndoSetting, UndoWord
from handlers.typed.message_words import sentence_in, words_in
from handlers.typed.plain_words import command_of, is_quoted, unquoted
from handlers.typed.requests import is_name, is_sure, parted, read_request
from handlers.typed.wishes import wishes_in
from storage.model import Level, State
from storage.words.search_words import muted

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from handlers.typed.requests import TypedRequest
    from storage.model import Subscriber

LEVELS = {"more": Level.MORE, "less": Level.LESS, "off": Level.OFF, "mute": Level.OFF}
"""Kind of request → the level that it gives a category; "unmute" gives the usual one."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def say_done(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    line: str,
    undo: Tap,
    **matching: object,
) -> None:
    """Send what was done with a button that takes it back, as a reply to the request.

    `matching` is what a word matches, from `matches`.
    """
    message = update.effective_message
    await context.reply(
        update,
        context.render("done", subscriber, line=line, **matching),
        [[button(context.label("undo", subscriber), undo)]],
        to=message.message_id if message is not None else None,
    )


async def change_category(
    update: Update, context: Context, before: Subscriber, kind: str, slug: str
) -> None:
    """Follow, unfollow or rank a category as the sentence says."""
    name = context.category(slug, before)
    undo = await undo_of_subject(context, before, slug)
    if kind in {"follow", "unfollow"}:
        subscriber = await context.readers.follow(before, slug, on=kind == "follow")
        line = context.label_for("now_unfollowed", subscriber, category=name)
        if kind == "follow":
            line = followed(context, subscriber, slug)
    else:
        level = LEVELS.get(kind, Level.NORMAL)
        subscriber = await context.readers.set_level(before, slug, level)
        line = context.label_for(f"now_{level}", subscriber, name=name)
    await say_done(update, context, subscriber, line, undo)


def is_marked(update: Update) -> bool:
    """Return whether a message has its words in quotation marks, which mean them as they are."""
    message = update.effective_message
    return message is not None and is_quoted(words_in(message))


async def follow_typed(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Follow a request's words; return False if they seem no name, unless in quotation marks."""
    words = " ".join(request.words.split())
    marked = is_marked(update)
    taxonomy = context.services.taxonomy
    parts = parted(words)
    listed = any(taxonomy.find(each) or (parts[1:] and misspells(taxonomy, each)) for each in parts)
    if not marked and (
        listed or not (is_name(words) and is_sure(words)) or misspells(taxonomy, words)
    ):
        return False
    if muted(words) in subscriber.taste.sought or refusal(subscriber, words):
        await follow_words(update, context, subscriber, words)
        return True
    undo = await undo_of_word(context, subscriber, words)
    subscriber = await context.readers.follow_word(subscriber, words)
    line = notice_of(context, subscriber, "now_followed", words)
    matching = await matches(context, subscriber, words)
    await say_done(update, context, subscriber, line, undo, **matching)
    return True


async def drop_typed(update: Update, context: Context, before: Subscriber, words: str) -> None:
    """Unfollow a followed word."""
    word = before.taste.sought[muted(words)]
    undo = await undo_of_word(context, before, word)
    subscriber = await context.services.subscribers.unfollow_word(before.id, word)
    line = notice_of(context, subscriber, "now_unfollowed", word)
    await say_done(update, context, subscriber, line, undo)


async def rank_typed(
    update: Update, context: Context, before: Subscriber, words: str, *, more: bool
) -> None:
    """Give a followed word one step more or less: followed with alerts, followed, not followed."""
    word = before.taste.sought[muted(words)]
    alerts = word in await context.services.subscribers.word_alerts(before.id)
    if not (more or alerts):
        await drop_typed(update, context, before, words)
        return
    undo = await undo_of_word(context, before, word)
    if more:
        subscriber, line = await switched_word(context, before, word, on=True)
    else:
        # Its Undo gives alerts back, and no quiet hours: they stay.
        subscriber = await context.readers.follow_word(before, word, alerts=False)
        line = notice_of(context, subscriber, "now_unalerted", word)
    await say_done(update, context, subscriber, line, undo)


async def mute_typed(
    update: Update, context: Context, before: Subscriber, words: str, *, on: bool
) -> bool:
    """Mute or unmute a word, or say why it cannot be muted; return False if it is a sentence."""
    subscribers, word = context.services.subscribers, " ".join(words.split())
    sure = is_sure(word) and not misspells(context.services.taxonomy, word)
    if on and not (is_marked(update) or sure):
        return False
    if on and muting_refused(before, word):
        await typed_mute(update, context, before, word)
        return True
    undo = await undo_of_word(context, before, word)
    change = subscribers.mute_word if on else subscribers.unmute_word
    subscriber = await change(before.id, word)
    line = notice_of(context, subscriber, "now_off" if on else "now_normal", word)
    matching = await matches(context, before, word) if on else {}
    await say_done(update, context, subscriber, line, undo, **matching)
    return True


async def undo_of_word(context: Context, before: Subscriber, word: str) -> UndoWord:
    """Return the tap that restores a word's follow, alerts and mute."""
    known, kept = before.taste.sought.get(muted(word)), muted(word)
    alerts = await context.services.subscribers.word_alerts(before.id) if known else ()
    return UndoWord(known is not None, known in alerts, kept in before.taste.muted_words)


async def pause_typed(update: Update, context: Context, before: Subscriber, words: str) -> bool:
    """Pause the editions until the day that the words name; return False if they name none."""
    found = None if PAUSE.typed is None else PAUSE.typed.read(context, before, words)
    if found is None:
        return False
    subscriber = await context.readers.change(before, **found)
    filters = context.services.renderer.filters(context.language_for(subscriber))
    until = subscriber.paused_until or context.now
    day = filters.dates.weekday(until, subscriber.zone)
    line = context.label("paused_until", subscriber, day=day)
    await say_done(update, context, subscriber, line, undo_pause(before))
    return True


async def quiet_typed(update: Update, context: Context, before: Subscriber, words: str) -> bool:
    """Set the hours without alerts; return False if the words name none."""
    found = None if QUIET_HOURS.typed is None else QUIET_HOURS.typed.read(context, before, words)
    if found is None:
        return False
    subscriber = await context.readers.change(before, **found)
    hours = (subscriber.quiet_from or 0, subscriber.quiet_to or 0)
    shown = "\u2013".join(context.hour(each, subscriber) for each in hours)
    line = f"{context.label('quiet_hours', subscriber)} · {shown}"
    had = "-" if before.quiet_from is None else f"{before.quiet_from}-{before.quiet_to}"
    undo = UndoSetting(QUIET_HOURS.key, had)
    await say_done(update, context, subscriber, line, undo)
    return True


def undo_pause(before: Subscriber) -> UndoPause:
    """Return the tap that restores a subscriber's pause and stop."""
    until = before.paused_until
    minutes = 0 if until is None else int((until - EPOCH).total_seconds() // 60)
    return UndoPause(minutes, stopped=before.state is State.STOPPED)


async def resume(update: Update, context: Context) -> None:
    """Resume the editions after a stop or a pause; a newcomer's journey begins instead."""
    before = await context.subscriber(update)
    if newcomer(before):
        await start.start(update, context)
        return
    subscriber = await context.readers.resume(before)
    message = update.effective_message
    changed = before.state is State.STOPPED or before.paused_until is not None
    undo = button(context.label("undo", subscriber), undo_pause(before))
    await context.reply(
        update,
        context.render("resumed", subscriber, now=context.now),
        [[undo]] if changed else None,
        to=message.message_id if message is not None else None,
    )


async def ask_what_to_follow(update: Update, context: Context) -> None:
    """Answer a bare “follow” with the question which word or category."""
    await ask_word(update, context, AskWord(mute=False))


async def ask_what_to_mute(update: Update, context: Context) -> None:
    """Answer a bare “mute” with the question which word."""
    await ask_word(update, context, AskWord(mute=True))


async def undo_word(update: Update, context: Context, tap: UndoWord) -> None:
    """Take back a change of the words in the request that the tapped message replies to."""
    query, before = update.callback_query, await context.subscriber(update)
    message = query.message if query is not None else None
    asked = message.reply_to_message if isinstance(message, Message) else None
    sentence = sentence_in(asked, context.bot.username) if asked else ""
    line = "" if not isinstance(message, Message) else (message.text or "").casefold()
    line = line.partition("\n")[0]  # below it are headlines
    words = read_request(
        sentence, lambda name: quoted(context, before, name).casefold() in line
    ).words
    # Of a request about several words, each answer is about one.
    wished = (wish.word for wish in wishes_in(sentence, context.services.taxonomy))
    each_word = (*parted(words), *filter(None, wished))
    words = next(
        (each for each in each_word if quoted(context, before, each).casefold() in line), words
    )
    if words in {sentence, unquoted(sentence)}:
        # The language may have changed. The word need not be known: it is what follows the request.
        words = read_request(
            sentence, lambda name: name not in {sentence, unquoted(sentence)}
        ).words
    if not words:
        raise StaleTap(tap.pack())
    subscribers = context.services.subscribers
    if tap.followed:
        subscriber = await context.readers.follow_word(before, words, alerts=tap.alerts)
    else:
        subscriber = await subscribers.unfollow_word(before.id, words)
    if tap.muted:
        subscriber = await subscribers.mute_word(before.id, words)
    elif muted(words) in subscriber.taste.muted_words:
        subscriber = await subscribers.unmute_word(before.id, words)
    if not tap.alerts:
        subscriber = await context.readers.after_alert(subscriber)
    await say_undone(update, context, subscriber)


async def undo_pause_tapped(update: Update, context: Context, tap: UndoPause) -> None:
    """Restore the pause or the stop that was there before the request."""
    before = await context.subscriber(update)
    until = EPOCH + timedelta(minutes=tap.minutes) if tap.minutes else None
    if tap.stopped:
        subscriber = await context.readers.change(
            before, state=State.STOPPED, next_at=None, paused_until=until
        )
    else:
        subscriber = await context.readers.change(before, paused_until=until)
    await say_undone(update, context, subscriber)


TAPS = (
    on_tap(UndoWord, undo_word),
    on_tap(UndoPause, undo_pause_tapped),
)


OF_SUBJECTS = frozenset({"follow", "unfollow", "off", "less", "more", "mute", "unmute"})
"""Requests that change what a reader gets of a category."""


def is_known(context: Context, subscriber: Subscriber, name: str) -> bool:
    """Return whether a name is that of a category, or of a word that the subscriber follows."""
    return (
        context.services.taxonomy.find(name) is not None or muted(name) in subscriber.taste.sought
    )


async def answer_request(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Do what a sentence asks for; return False if it asks for nothing or cannot be done.

    In a group only administrators may change what the group gets.
    """
    if not request.names:
        return await answer_one(update, context, subscriber, request)
    if not await is_refused(update, context, subscriber):
        for name in request.names:
            now = await context.subscriber(update)
            await answer_one(update, context, now, replace(request, words=name))
    return True


async def answer_one(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Do what a sentence asks for of one name, as `answer_request` does."""
    named = context.services.taxonomy.find(request.words) if request.words else None
    kind = request.kind
    if kind in {"news", "want"} and named is not None:
        await context.reply(update, *await category.one(context, subscriber, named.slug))
    elif kind in {"news", "want", "search"}:
        await search.find(update, context, request.words)
    elif kind in OF_SUBJECTS and await is_refused(update, context, subscriber):
        return True
    elif kind in OF_SUBJECTS and named is not None:
        await change_category(update, context, subscriber, kind, named.slug)
    elif kind == "follow":
        return await follow_typed(update, context, subscriber, request)
    elif kind in {"off", "unfollow"}:
        await drop_typed(update, context, subscriber, request.words)
    elif kind in {"more", "less"}:
        await rank_typed(update, context, subscriber, request.words, more=kind == "more")
    elif kind in {"mute", "unmute"}:
        return await mute_typed(update, context, subscriber, request.words, on=kind == "mute")
    else:
        return await changed(update, context, subscriber, request)
    return True


async def changed(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Change the hour or the pause as the sentence says, or show the page of languages.

    Return False if the writer may not change this chat, or if the value could not be read.
    """
    if not await may_choose(update, context):
        return False
    if request.kind == "hour":
        return await settings.typed_value(update, context, subscriber, HOUR, request.words)
    if request.kind == "quiet":
        return await quiet_typed(update, context, subscriber, request.words)
    if request.kind == "pause":
        return await pause_typed(update, context, subscriber, request.words)
    if request.kind == "language" and command_of(request.words) == "language":
        await settings.sheet_below(update, context, Sheet.LANGUAGE)
    else:
        return False
    return True
