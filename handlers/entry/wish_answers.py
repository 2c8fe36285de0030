"""What a sentence in any order wishes, done at once with Undo, or answered with what fits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.account.privacy import forget
from handlers.account.stop import stop
from handlers.buttons.follow_buttons import near_rows, quoted, refusal
from handlers.buttons.keyboards import button, fitted_rows
from handlers.core.conversation import on_tap
from handlers.core.permissions import is_refused
from handlers.core.services.readers import ARTICLE_LANGUAGES
from handlers.entry import request_answers
from handlers.entry.help import show_help
from handlers.entry.request_answers import (
    answer_request,
    change_category,
    is_known,
    mute_typed,
    pause_typed,
    say_done,
    undo_of_word,
)
from handlers.following.category import one, with_hours
from handlers.following.undo import say_undone, undo_of_subject
from handlers.following.words import switched_word
from handlers.following.yours_page import yours
from handlers.settings import settings
from handlers.settings.declared import (
    BY_KEY,
    ONLY,
    PAUSE,
    article_languages,
    days_of,
    language_name,
    value_of,
)
from handlers.stories import numbered, saved
from handlers.stories.article import show_card
from handlers.stories.listing import MOST, Listing, listed
from handlers.stories.search import find, query_in
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import OpenSheet, Save, Scope, Sheet, UndoSetting
from handlers.typed.parse_hours import read_minute
from handlers.typed.plain_words import Courtesy
from handlers.typed.wishes import CHANGING, HELD_BACK, wishes_in
from news.filing.tokenising.folding import has_cjk
from storage.model import Layout
from storage.words.search_words import muted

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.typed.requests import TypedRequest
    from handlers.typed.wishes import Wish
    from storage.model import Subscriber

LAYOUTS = {
    "headlines": Layout.HEADLINES,
    "front_page": Layout.FRONT_PAGE,
    "summaries": Layout.SUMMARIES,
}
SHEETS = {
    Sheet.DAYS: "days",
    Sheet.ALERTS: "alerts",
    Sheet.LAYOUT: "layout",
    Sheet.PAUSE: "pause",
}
"""Pages of the settings for whom the bot writes too often, with their labels."""
UNDOABLE = timedelta(minutes=10)
"""How long a change can be taken back by a word."""
LABELS = {"quiet": "quiet_hours", "articles": "article_languages"}
"""Settings whose label has another key."""
FURTHEST_DATE, MOST_OF_PAUSE = 7, 30
"""The most words of a date within a sentence, and of the sentence."""


async def answer_wishes(
    update: Update, context: Context, subscriber: Subscriber, sentence: str, request: TypedRequest
) -> bool:
    """Do what a sentence wishes; return False if nothing was understood, or `request` says all."""
    wishes = wishes_in(sentence, context.services.taxonomy)
    liked = request.kind == "want" and any(wish.kind == "follow" for wish in wishes)
    known = request.names or is_known(context, subscriber, request.words)
    days = any(wish.kind == "edition" and wish.days for wish in wishes)
    known = known or (pauses(context, subscriber, request) and not days)
    known = known or read_minute(request.words) is not None
    if (known and not liked) or request.kind in {"hour", "quiet", "unmute"}:
        return False
    # Known names in a request are meant by themselves, and not its words: `follow also Chanel`.
    named = any(
        wish.kind == "resume" or (wish.kind in {"off", "follow"} and wish.names and not wish.narrow)
        for wish in wishes
    )
    of_words = request.kind in {"follow", "mute"} and not any(wish.exact for wish in wishes)
    of_words = of_words and not named
    if of_words and await answer_request(update, context, subscriber, request):
        return True
    if request.kind == "search" and request.searched == query_in(sentence, context):
        return False
    if any(wish.kind in CHANGING for wish in wishes) and await is_refused(
        update, context, subscriber
    ):
        return True
    answered = False
    for wish in wishes:
        now = await context.subscriber(update)
        act = ACTS.get(wish.kind, set_values)
        if wish.kind in OF_COMMANDS:
            await OF_COMMANDS[wish.kind](update, context)
            answered = True
        elif await act(update, context, now, wish):
            answered = True
    return answered


def is_held(context: Context, sentence: str) -> bool:
    """Return whether a sentence has a wish that is not to be done without asking."""
    wishes = wishes_in(sentence, context.services.taxonomy)
    return any(wish.kind == HELD_BACK for wish in wishes)


async def say(update: Update, context: Context, subscriber: Subscriber, courtesy: Courtesy) -> None:
    """Send a short reply to a courtesy, alternating between two wordings."""
    message = update.effective_message
    # A question and its answer take two message numbers, so that halving gives each turn one.
    turn = message.message_id // 2 % 2 if message is not None else 0
    await context.reply(
        update,
        context.render("courtesy", subscriber, kind=courtesy.value, turn=turn, now=context.now),
    )


def pauses(context: Context, subscriber: Subscriber, request: TypedRequest) -> bool:
    """Return whether a request names the day until which to pause, and no more."""
    read = PAUSE.typed.read if PAUSE.typed is not None else None
    if request.kind != "pause" or read is None:
        return False
    return read(context, subscriber, request.words) is not None


def names_values(context: Context, sentence: str) -> bool:
    """Return whether a sentence names the days or the language that it asks for."""
    wishes = wishes_in(sentence, context.services.taxonomy)
    return any(wish.kind in {"edition", "language"} for wish in wishes)


async def courtesy(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Answer thanks or a greeting."""
    await say(update, context, subscriber, Courtesy(wish.kind))
    return True


async def say_about(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Answer a question about the bot, or what it cannot do, with buttons to what fits."""
    sheets = SHEETS if wish.kind == "fewer" else {}
    keyboard = near_rows(context, subscriber, wish.names[:2])
    keyboard += fitted_rows(
        button(context.label(key, subscriber), OpenSheet(sheet, below=True))
        for sheet, key in sheets.items()
    )
    message = context.render("about", subscriber, kind=wish.kind, named=bool(wish.names))
    await context.reply(update, message, keyboard)
    return True


async def say_hour(update: Update, context: Context, subscriber: Subscriber, _wish: Wish) -> bool:
    """Say when the editions come, with a button that changes it."""
    hour = context.hour(subscriber.digest_minute, subscriber)
    line = f"{context.label('hour', subscriber)} · {hour}"
    sheet = button(context.label("hour", subscriber), OpenSheet(Sheet.HOUR, below=True))
    await context.reply(update, context.render("done", subscriber, line=line), [[sheet]])
    return True


async def show_own(update: Update, context: Context, subscriber: Subscriber, _wish: Wish) -> bool:
    """Show what is followed and muted."""
    await context.reply(update, *await yours(context, subscriber, 0))
    return True


async def move(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Take the time of the city that somebody lives in now."""
    whole = await context.services.places.find(wish.query) if wish.query != wish.word else ()
    if wish.word:
        words = wish.query if whole else wish.word
        await settings.typed_city(update, context, subscriber, words)
    return bool(wish.word)


def values_of(subscriber: Subscriber, wish: Wish) -> dict[str, tuple[str, str]]:
    """Return the settings that a wish changes, each with its new and its old value."""
    kind = wish.kind
    if kind in LAYOUTS:
        return {"layout": (LAYOUTS[kind], subscriber.layout)}
    if kind == "language":
        return {"language": (wish.languages[-1], subscriber.language)}
    if kind == "articles":
        wanted, before = frozenset(wish.languages), subscriber.taste.languages
        if wish.off:
            wanted = (before or frozenset(ARTICLE_LANGUAGES)) - wanted
        return {"articles": (ONLY + ONLY.join(sorted(wanted)), ONLY + ONLY.join(sorted(before)))}
    if kind == "quiet":
        had = (subscriber.quiet_from, subscriber.quiet_to)
        quiet = "-" if None in had else "-".join(map(str, had))
        return {"quiet": ("-".join(map(str, wish.minutes[:2])), quiet)}
    hour, days = str(subscriber.digest_minute), str(subscriber.days)
    found = {"hour": (str(wish.minutes[0]), hour)} if wish.minutes else {}
    return found | ({"days": (str(wish.days), days)} if wish.days else {})


def said(context: Context, now: Subscriber, key: str) -> str:
    """Return a setting's value in words."""
    if key == "days":
        return days_of(context, now, now.days)
    if key == "layout":
        return context.label(f"layout_{now.layout}", now)
    if key == "language":
        return language_name(now.language)
    if key == "articles":
        return article_languages(context, now)
    minutes = (now.quiet_from, now.quiet_to) if key == "quiet" else (now.digest_minute,)
    return "\u2013".join(context.hour(minute or 0, now) for minute in minutes)


async def set_values(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Change the settings that a wish names, each answered with Undo; return False if none."""
    found = values_of(subscriber, wish)
    for key, (value, before) in found.items():
        fields = BY_KEY[key].read(context, subscriber, value)
        if fields is None:
            return False
        now = await context.readers.change(subscriber, **fields)
        label = context.label(LABELS.get(key, key), now)
        undo = UndoSetting(key, before)
        await say_done(update, context, now, f"{label} · {said(context, now, key)}", undo)
    return bool(found)


async def undo_setting(update: Update, context: Context, tap: UndoSetting) -> None:
    """Give a setting the value that it had before the request."""
    setting, before = BY_KEY.get(tap.setting), await context.subscriber(update)
    found = None if setting is None else setting.read(context, before, tap.value)
    if found is None:
        raise StaleTap(tap.pack())
    await say_undone(update, context, await context.readers.change(before, **found))


async def pause(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Pause until the date within a sentence; without one, offer some."""
    words, joint = [each.strip(",.!?") for each in wish.sentence.split()], " "
    if has_cjk(wish.sentence):
        words, joint = list(wish.sentence), ""
    words = words[:MOST_OF_PAUSE]
    read = PAUSE.typed.read if PAUSE.typed is not None else None
    for size in range(min(FURTHEST_DATE, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            part = joint.join(words[start : start + size])
            if read is not None and read(context, subscriber, part) is not None:
                return await pause_typed(update, context, subscriber, part)
    await settings.sheet_below(update, context, Sheet.PAUSE)
    return True


async def about_names(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Follow, drop, or switch the alerts of each name; of a word if there is no name."""
    for slug in wish.names:
        now = await context.subscriber(update)
        if wish.kind in {"off", "follow"}:
            await change_category(update, context, now, wish.kind, slug)
        else:
            await switch_alerts(update, context, now, slug, on=wish.kind == "alert")
    if wish.names:
        return True
    if wish.kind == "off":
        return await mute_typed(update, context, subscriber, wish.word, on=True)
    on = wish.kind == "alert"
    if on and refusal(subscriber, wish.word):
        return False
    if not on and muted(wish.word) not in subscriber.taste.sought:
        return False
    undo = await undo_of_word(context, subscriber, wish.word)
    now, line = await switched_word(context, subscriber, wish.word, on=on)
    await say_done(update, context, now, line, undo)
    return True


async def switch_alerts(
    update: Update, context: Context, before: Subscriber, slug: str, *, on: bool
) -> None:
    """Switch the alerts of a category, which is followed for them if it was not."""
    undo, after = await undo_of_subject(context, before, slug), before
    if on:
        await context.readers.before_alert(before)
    if on or slug in before.taste.follows:
        after = await context.services.subscribers.follow(before.id, slug, alerts=on)
        after = await context.readers.scheduled(after)
    key = "now_alerted" if on else "now_unalerted"
    line = context.label_for(key, after, category=context.category(slug, after))
    await say_done(update, context, after, with_hours(context, before, after, line), undo)


async def take_back(update: Update, context: Context, before: Subscriber, _wish: Wish) -> bool:
    """Take the chat's last change of some minutes back, and say which."""
    last = context.services.last_changes
    found = await last.last(before.id, context.now - UNDOABLE)
    if found is None:
        line = context.label("nothing_to_undo", before)
    else:
        wanted, held = found
        await context.readers.change(before, **wanted.settings)
        after = await context.readers.scheduled(await last.restore(before.id, wanted))
        alerts = await context.services.subscribers.alerts(after.id)
        values = settings.held(context, after, alerts)
        what = [
            f"{context.label(label, after)} · {values[sheet]}"
            for sheet, label in settings.SHEETS.items()
            if any(
                value_of(before, field) != value_of(after, field)
                for setting in BY_KEY.values()
                if setting.sheet is sheet
                for field in setting.fields
            )
        ]
        changed = {str(value) for row in held.differing(wanted) for value in row}
        slugs = changed.intersection(context.services.taxonomy.categories)
        what += [context.category(slug, after) for slug in context.by_name(slugs, after)]
        words = {*before.taste.words, *before.taste.muted_words}
        words ^= {*after.taste.words, *after.taste.muted_words}
        what += [quoted(context, after, each) for each in sorted(words)]
        if before.state is not after.state:
            what.append(context.label("editions", after))
        commas = context.services.renderer.filters(context.language_for(after)).commas
        line = context.label("undone_what", after, what=commas(what))
    await context.reply(update, context.render("done", before, line=line))
    return True


async def with_stories(
    update: Update, context: Context, subscriber: Subscriber, wish: Wish
) -> bool:
    """Save the numbered stories of the last list, or show their cards, which can be sent on."""
    shown = await numbered.articles_shown(update, context, subscriber)
    ids = [shown[number] for number in wish.numbers if number in shown]
    if wish.kind in {"share", "translate"} and not ids:
        await context.reply(update, context.render("about", subscriber, kind="number", named=False))
        return True
    for article_id in ids:
        article = await context.services.articles.get(article_id)
        if article is None:
            continue
        if wish.kind == "save":
            own = await context.own(update)
            await context.services.saved.add(own.id, article.id, context.now)
            undo = Save(article.id, on=False)
            await say_done(update, context, own, context.label("now_saved", own), undo)
        else:
            await show_card(update, context, subscriber, article)
    if wish.kind == "translate":
        await context.reply(
            update, context.render("about", subscriber, kind="translate", named=False)
        )
    return bool(ids)


async def news(update: Update, context: Context, subscriber: Subscriber, wish: Wish) -> bool:
    """Show the news of a name, of the days and as many as are asked for."""
    if len(wish.names) == 1 and not wish.narrow:
        count = min(wish.numbers[0], MOST) if wish.numbers else 0
        wanted = Listing(Scope.CATEGORY, wish.names[0], size=count)
        shown = listed(context, subscriber, wanted) if count else None
        reply = await (shown or one(context, subscriber, wish.names[0]))
        await context.reply(update, *reply)
    else:
        await find(update, context, wish.query)
    return True


OF_COMMANDS = {
    "forget": forget,
    "leave": stop,
    "saved": saved.saved,
    "help": show_help,
    "resume": request_answers.resume,
}
ACTS = {
    **dict.fromkeys(("fewer", "free", "who", "cannot"), say_about),
    **dict.fromkeys(("thanks", "greeting"), courtesy),
    **dict.fromkeys(("yours", "muted"), show_own),
    **dict.fromkeys(("open", "share", "translate", "save"), with_stories),
    **dict.fromkeys(("alert", "unalert", "off", "follow"), about_names),
    "undo": take_back,
    "pause": pause,
    "zone": move,
    "news": news,
    "when": say_hour,
}
"""Wish → what answers it; all others are values of settings."""


TAPS = (on_tap(UndoSetting, undo_setting),)
