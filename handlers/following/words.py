"""Followed and muted words: asking for one, following, setting alerts, unfollowing, muting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from handlers.buttons.follow_buttons import follow_button, quoted, refusal
from handlers.buttons.keyboards import button
from handlers.core.conversation import OpensLink, await_text, on_tap
from handlers.core.origin import in_private
from handlers.core.services.memory import Awaited
from handlers.following.category import member, with_hours
from handlers.following.yours import show_yours
from handlers.following.yours_page import mark_of_word, page_of, yours
from handlers.stories.search import query_of
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AskWord, DropWord, FollowThis, OpenWord, Origin, SetWordBell
from handlers.taps.link_payloads import word_link
from storage.readers.choices import (
    LONGEST_WORD,
    MOST_MUTED_WORDS,
    MOST_WORDS,
    SHORTEST_WORD,
    can_be_muted,
)
from storage.words.search_words import muted

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.taps.callback_data import OnWord
    from storage.model import Subscriber

LONGEST_MUTED = 40
MATCHED = timedelta(days=7)
"""Time of which the stories with a word are counted when it is followed or muted."""


async def ask_word(update: Update, context: Context, tap: AskWord) -> None:
    """Ask the reader to type a word to follow or to mute."""
    await_text(update, context, Awaited.WORD if tap.mute else Awaited.FOLLOW_WORD)
    template = "ask_word" if tap.mute else "ask_follow"
    await context.reply(update, context.render(template, await context.subscriber(update)))


async def follow_this(update: Update, context: Context, tap: FollowThis) -> str | OpensLink | None:
    """Follow the words that were searched for or typed, for the person who tapped."""
    words = query_of(update, context)
    if not words:
        raise StaleTap(tap.pack())
    if not in_private(update):
        return await follow_word_myself(update, context, words)
    await follow_words(update, context, await context.subscriber(update), words)
    return None


async def follow_word_myself(update: Update, context: Context, word: str) -> str | OpensLink | None:
    """Follow a word or phrase for the person who tapped, not for the group."""
    reader = await member(update, context)
    if reader is not None and muted(word) in reader.taste.sought:
        return context.label("already_followed", reader, category=quoted(context, reader, word))
    if reader is None or refusal(reader, word):
        # The private chat has room to say why the word cannot be followed.
        return OpensLink(context.link(word_link(word)))
    reader = await context.readers.follow_word(reader, word)
    return notice_of(context, reader, "now_followed", word)


async def follow_words(
    update: Update, context: Context, subscriber: Subscriber, words: str
) -> bool:
    """Follow a word and show its page, or say why not; return whether it is followed now."""
    word = " ".join(words.split())
    known = subscriber.taste.sought.get(muted(word))
    why = "" if known else refusal(subscriber, word)
    category = context.services.taxonomy.find(word) if not known else None
    if category is not None and why != "long":
        await context.reply(
            update,
            context.render("word_not_followed", subscriber, why="category", name=category.slug),
            [[follow_button(context, subscriber, category.slug)]],
        )
        return False
    if why:
        every = button(context.label_for("yours", subscriber), page_of(Origin.YOURS, 0))
        await context.reply(
            update,
            context.render(
                "word_not_followed",
                subscriber,
                why=why,
                fewest=SHORTEST_WORD,
                longest=LONGEST_WORD,
                most=MOST_WORDS,
            ),
            [[every]] if why == "full" else (),
        )
        return False
    if not known:
        subscriber = await context.readers.follow_word(subscriber, word)
    word = known or word
    opened = OpenWord(mark_of_word(word), Origin.YOURS, 0)
    shown = await word_page(context, subscriber, word, opened, known="yes" if known else "new")
    await context.reply(update, *shown)
    return True


async def typed_follow(
    update: Update, context: Context, subscriber: Subscriber, words: str
) -> None:
    """Follow the words typed in answer to the question; keep the question open if refused."""
    if await follow_words(update, context, subscriber, words):
        await_text(update, context, None)


async def typed_mute(update: Update, context: Context, subscriber: Subscriber, text: str) -> None:
    """Mute the typed word and show “Yours”, or say why the word cannot be muted."""
    word = " ".join(text.split())
    why = muting_refused(subscriber, word)
    if why:
        refused = context.render(
            "word_refused", subscriber, why=why, fewest=SHORTEST_WORD, longest=LONGEST_MUTED
        )
        await context.reply(update, refused)
        return
    subscriber = await context.services.subscribers.mute_word(subscriber.id, word)
    await_text(update, context, None)
    await context.reply(update, *await yours(context, subscriber, 0))


def muting_refused(subscriber: Subscriber, word: str) -> str:
    """Return why a word cannot be muted: "full", "short" or "long"; empty if it can."""
    if len(subscriber.taste.muted_words) >= MOST_MUTED_WORDS:
        return "full"
    if not can_be_muted(word):
        return "short"
    return "long" if len(word) > LONGEST_MUTED else ""


async def matches(context: Context, subscriber: Subscriber, word: str) -> dict[str, Any]:
    """Return how many stories of the last seven days have a word, and the newest three."""
    num, newest = await context.services.articles.with_word(
        word, subscriber.taste, since=context.now - MATCHED, most=3
    )
    return {"num": num, "newest": newest}


async def word_page(
    context: Context, subscriber: Subscriber, word: str, tap: OnWord, *, known: str = ""
) -> Reply:
    """Return the page of a followed word; `known` is "new", "yes" if followed before, or empty."""
    alerts = word in await context.services.subscribers.word_alerts(subscriber.id)
    at = (tap.mark, tap.origin, tap.page)
    matching = await matches(context, subscriber, word) if known == "new" else {}
    message = context.render("word", subscriber, word=word, alerts=alerts, known=known, **matching)
    bell = context.label("alerts_off" if alerts else "alerts_on", subscriber)
    return message, [
        [button(bell, SetWordBell(*at, on=not alerts))],
        [
            button(context.label("unfollow", subscriber), DropWord(*at, mute=False)),
            button(context.label("mute", subscriber), DropWord(*at, mute=True)),
        ],
        [button(context.label_for("yours", subscriber), page_of(tap.origin, tap.page))],
    ]


async def open_word(update: Update, context: Context, tap: OpenWord) -> None:
    """Show the page of a followed word in place of the tapped message."""
    subscriber = await context.subscriber(update)
    await context.edit(update, *await word_page(context, subscriber, meant(subscriber, tap), tap))


async def set_word_bell(update: Update, context: Context, tap: SetWordBell) -> str | None:
    """Switch the alerts of a followed word on or off, and return the text to show."""
    before = await context.subscriber(update)
    word = meant(before, tap)
    subscriber, notice = await switched_word(context, before, word, on=tap.on)
    await context.edit(update, *await word_page(context, subscriber, word, tap))
    return notice


async def switched_word(
    context: Context, before: Subscriber, word: str, *, on: bool
) -> tuple[Subscriber, str]:
    """Switch the alerts of a followed word; return the subscriber and the notice."""
    if on:
        await context.readers.before_alert(before)
    subscriber = await context.readers.follow_word(before, word, alerts=on)
    if not on:
        subscriber = await context.readers.after_alert(subscriber)
    line = notice_of(context, subscriber, "now_alerted" if on else "now_unalerted", word)
    return subscriber, with_hours(context, before, subscriber, line)


async def drop_word(update: Update, context: Context, tap: DropWord) -> str | None:
    """Unfollow a word, or mute it instead; refuse to mute if the list of muted words is full."""
    subscriber, subscribers = await context.subscriber(update), context.services.subscribers
    word = meant(subscriber, tap)
    if not tap.mute:
        subscriber = await subscribers.unfollow_word(subscriber.id, word)
    elif len(subscriber.taste.muted_words) >= MOST_MUTED_WORDS:
        refused = context.render("word_refused", subscriber, why="full")
        await context.reply(update, refused)
        return None
    else:
        subscriber = await subscribers.mute_word(subscriber.id, word)
    await show_yours(update, context, subscriber, tap.page, tap.origin)
    return notice_of(context, subscriber, "now_off" if tap.mute else "now_unfollowed", word)


def notice_of(context: Context, subscriber: Subscriber, key: str, word: str) -> str:
    """Return the notice with this label key for a word."""
    name = quoted(context, subscriber, word)
    return context.label_for(key, subscriber, category=name, name=name)


def meant(subscriber: Subscriber, tap: OnWord) -> str:
    """Return the word that a button is about; raise StaleTap if it is no longer followed."""
    for word in subscriber.taste.words:
        if mark_of_word(word) == tap.mark:
            return word
    raise StaleTap(tap.pack())


TAPS = (
    on_tap(AskWord, ask_word),
    on_tap(FollowThis, follow_this),
    on_tap(OpenWord, open_word),
    on_tap(SetWordBell, set_word_bell),
    on_tap(DropWord, drop_word),
)
