"""The page “Yours”, with all that a reader follows, ranks and mutes; the scale of one subject."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2s
from typing import TYPE_CHECKING

from digest.planning.alerts import LARGE
from handlers.buttons.follow_buttons import quoted
from handlers.buttons.keyboards import CHOSEN, OFF, button, chosen, fitted_rows
from handlers.buttons.pages import Pages, last_page
from handlers.taps.callback_codec import StaleTap, base36, from_base36
from handlers.taps.callback_data import (
    About,
    AboutStory,
    AskWord,
    OpenScale,
    OpenSheet,
    OpenSources,
    OpenWord,
    OpenYours,
    Origin,
    PickPage,
    SetBell,
    SetFollow,
    SetLevel,
    Sheet,
    ShowCategory,
    Tab,
    UnmuteWord,
)
from storage.model import Kind, Level
from templates.markup.text import capital, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context, Reply
    from handlers.taps.callback_codec import Tap
    from handlers.taps.callback_data import OnScale, UndoSubject
    from storage.model import Article, Subject, Subscriber
    from templates import RenderedMessage

PER_PAGE = 16
LONGEST_NAME = 30
"""The most characters of a word or a source's name on a button."""
SHOWN_KINDS = (Kind.HOUSE, Kind.GROUP, Kind.SECTION, Kind.MARKET)
"""Kinds of categories, the most specific to a story first."""
COUNTED = timedelta(days=30)
"""The time of which the large news of a house is counted."""
MARKS = {Level.OFF: OFF, Level.LESS: "↓ ", Level.NORMAL: "", Level.MORE: "↑ "}
"""The mark before a name for each level."""


async def yours(context: Context, subscriber: Subscriber, page: int) -> Reply:
    """Return a page of “Yours” as a message of its own; the last page if there are fewer."""
    message, lines = await yours_part(context, subscriber, page, Origin.YOURS)
    if not subscriber.taste.follows:
        picker = PickPage(Tab.SECTIONS, 0, journey=False)
        lines.append([button(context.label("choose_categories", subscriber), picker)])
    lines.append([button(context.label("settings", subscriber), OpenSheet(Sheet.MAIN))])
    return message, lines


def further_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Return the buttons that lead to followed words, muted words and sources."""
    ways: dict[str, Tap] = {
        "follow_a_word": AskWord(mute=False),
        "mute_word": AskWord(mute=True),
        "sources": OpenSources(0),
    }
    buttons = (button(context.label(key, subscriber), tap) for key, tap in ways.items())
    return fitted_rows(buttons)


async def yours_part(
    context: Context, subscriber: Subscriber, page: int, origin: Origin
) -> tuple[RenderedMessage, list[Sequence[InlineKeyboardButton]]]:
    """Return the text and rows of a page of “Yours”, from 0 on; of the last if there are fewer."""
    names = await names_of(context, subscriber)
    count = len(names) + len(subscriber.taste.words) + len(subscriber.taste.muted_words)
    page = min(page, last_page(count, PER_PAGE))
    every = entries(context, subscriber, names, page, origin)
    lines = [
        *paged(context, subscriber, every, page, lambda number: page_of(origin, number)),
        *further_rows(context, subscriber),
    ]
    return context.render("yours", subscriber, anything=bool(names)), lines


def entries(
    context: Context,
    subscriber: Subscriber,
    names: Mapping[Subject, str],
    page: int,
    origin: Origin,
) -> list[InlineKeyboardButton]:
    """Return the reader's choices: first those at more, then normal, less and off."""
    taste = subscriber.taste
    groups: dict[Level, list[tuple[str, InlineKeyboardButton]]] = {
        level: [] for level in (Level.MORE, Level.NORMAL, Level.LESS, Level.OFF)
    }
    for subject, name in names.items():
        level = taste.level(subject)
        mark = CHOSEN if level is Level.NORMAL else MARKS[level]
        opened = scale_of(subject, origin, page)
        groups[level].append((name, button(mark + shorten(name, LONGEST_NAME), opened)))
    words: tuple[tuple[Level, str, Iterable[str], type[OpenWord | UnmuteWord]], ...] = (
        (Level.NORMAL, CHOSEN, taste.words, OpenWord),
        (Level.OFF, OFF, taste.muted_words, UnmuteWord),
    )
    for level, mark, of_level, opens in words:
        for word in of_level:
            label = mark + quoted(context, subscriber, word)
            groups[level].append((word, button(label, opens(mark_of_word(word), origin, page))))
    return [
        entry
        for group in groups.values()
        for _, entry in sorted(group, key=lambda named: named[0].casefold())
    ]


async def names_of(context: Context, subscriber: Subscriber) -> dict[Subject, str]:
    """Return the names of the categories and sources that a reader follows, ranks or mutes."""
    taste = subscriber.taste
    slugs = taste.follows | taste.muted_categories | taste.less | taste.more
    known = context.services.taxonomy.categories
    names: dict[Subject, str] = {
        slug: context.category(slug, subscriber) for slug in slugs if slug in known
    }
    ids = taste.muted_sources | taste.less_sources | taste.more_sources
    if ids:
        names |= {
            each.id: each.name for each in await context.services.sources.all() if each.id in ids
        }
    return names


async def sources(context: Context, subscriber: Subscriber, page: int) -> Reply:
    """Return a page of all sources with the level of each."""
    every = sorted(await context.services.sources.all(), key=lambda each: each.name.casefold())
    every_source = [
        button(
            MARKS[subscriber.taste.level(each.id)] + shorten(each.name, LONGEST_NAME),
            scale_of(each.id, Origin.SOURCES, page),
        )
        for each in every
    ]
    lines = [
        *paged(context, subscriber, every_source, page, OpenSources),
        [button(context.label("back", subscriber), OpenYours(0))],
    ]
    return context.render("sources", subscriber), lines


async def about_story(context: Context, subscriber: Subscriber, article: Article) -> Reply:
    """Return an article's categories and its source as buttons, each marked with its level."""
    known = context.services.taxonomy.categories
    slugs = sorted(
        (slug for slug in article.categories if slug in known),
        key=lambda slug: SHOWN_KINDS.index(known[slug].kind),
    )
    subjects: list[tuple[Subject, str]] = [
        (slug, context.category(slug, subscriber)) for slug in slugs
    ]
    subjects.append((article.source_id, article.source))
    buttons = (
        button(
            MARKS[subscriber.taste.level(subject)] + shorten(name, LONGEST_NAME),
            scale_of(subject, Origin.STORY, article.id),
        )
        for subject, name in subjects
    )
    message = context.render("about_story", subscriber, article=article)
    return message, fitted_rows(buttons)


async def scale(context: Context, subscriber: Subscriber, tap: OnScale) -> Reply:
    """Return the scale of one subject: its four levels, the present one marked."""
    subject = subject_of_scale(tap)
    name, kind = await name_and_kind(context, subscriber, subject, tap)
    at = (tap.about, tap.subject, tap.origin, tap.number)
    level = subscriber.taste.level(subject)
    number = None
    steps = [
        button(
            chosen(capital(context.label(f"level_{each}", subscriber)), when=each is level),
            SetLevel(*at, each),
        )
        for each in Level
    ]
    # Four names in one row would be cut off on a phone.
    lines = [steps[:2], steps[2:]]
    if isinstance(subject, str) and level is not Level.OFF:
        followed = subject in subscriber.taste.follows
        row = [
            button(
                context.label("unfollow" if followed else "follow", subscriber),
                SetFollow(*at, on=not followed),
            )
        ]
        if followed:
            alerts = subject in await context.services.subscribers.alerts(subscriber.id)
            label = context.label("alerts_off" if alerts else "alerts_on", subscriber)
            row.append(button(label, SetBell(*at, on=not alerts)))
        lines.append(row)
        if followed and alerts and kind == Kind.HOUSE:
            large = subject in await context.services.subscribers.only_large(subscriber.id)
            label = chosen(context.label("only_large", subscriber), when=large)
            lines.append([button(label, SetBell(*at, on=not large, large=True))])
            number = await context.services.articles.number_of_large(
                subject, subscriber.taste, weight=LARGE, since=context.now - COUNTED
            )
    lines.append([button(context.label("back", subscriber), way_back(tap))])
    message = context.render(
        "scale", subscriber, name=name, kind=kind, level=level.value, number=number
    )
    return message, lines


def scale_of(subject: Subject, origin: Origin, number: int) -> OpenScale:
    """Return the tap that opens a subject's scale and remembers where it was opened."""
    if isinstance(subject, int):
        return OpenScale(About.SOURCE, base36(subject), origin, number)
    return OpenScale(About.CATEGORY, subject, origin, number)


def subject_of_scale(tap: OnScale | UndoSubject) -> Subject:
    """Return the category's slug or source's id that a tap names; raise StaleTap if it is no id."""
    if tap.about is About.CATEGORY:
        return tap.subject
    try:
        return from_base36(tap.subject)
    except ValueError:
        raise StaleTap(tap.pack()) from None


async def name_and_kind(
    context: Context, subscriber: Subscriber, subject: Subject, tap: Tap
) -> tuple[str, str]:
    """Return a subject's name and kind ("source" or a category's); raise StaleTap if it is gone."""
    if isinstance(subject, int):
        source = await context.services.sources.get(subject)
        if source is not None:
            return source.name, "source"
    elif category := context.services.taxonomy.categories.get(subject):
        return context.category(subject, subscriber), category.kind.value
    raise StaleTap(tap.pack())


def page_of(origin: Origin, number: int) -> OpenYours | PickPage:
    """Return the tap that shows a page of “Yours”: alone, or as a tab of the picker."""
    if origin is Origin.PICKER:
        return PickPage(Tab.YOURS, number, journey=False)
    return OpenYours(number)


def way_back(tap: OnScale) -> Tap:
    """Return the tap that leads from a scale back to where it was opened."""
    if tap.origin in {Origin.YOURS, Origin.PICKER}:
        return page_of(tap.origin, tap.number)
    if tap.origin is Origin.SOURCES:
        return OpenSources(tap.number)
    if tap.origin is Origin.STORY:
        return AboutStory(tap.number, in_place=True)
    return ShowCategory(tap.subject)


def paged(
    context: Context,
    subscriber: Subscriber,
    every: Sequence[InlineKeyboardButton],
    page: int,
    turned: Callable[[int], Tap],
) -> list[Sequence[InlineKeyboardButton]]:
    """Return the rows of one page of entries, and a row to turn it if there are several pages.

    Raise StaleTap if there is no such page; page 0 always exists.
    """
    pages = Pages(page, len(every), PER_PAGE)
    if page > pages.last:
        raise StaleTap(turned(page).pack())
    row = pages.turning(context, subscriber, turned)
    lines: list[Sequence[InlineKeyboardButton]] = [*fitted_rows(pages.part(every))]
    return [*lines, row] if row else lines


def mark_of_word(word: str) -> str:
    """Return a hash of a word, 12 characters, short enough for a button's data."""
    return blake2s(word.encode(), digest_size=6).hexdigest()
