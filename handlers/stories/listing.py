"""Lists of articles with their buttons: the latest, a category, a search, the reading list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from digest.editions.translating import in_own_language, is_foreign
from digest.timing.schedule import local_date, midnight
from handlers.buttons.follow_buttons import (
    LONGEST_NAME,
    category_rows,
    choose_button,
    near_categories,
    near_rows,
    offered,
    quoted,
    readers_follow_button,
)
from handlers.buttons.keyboards import button, numbers, send_to_friend, side_by_side
from handlers.stories.reports import answers, as_listed, muted_in, suits
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    ALL_OF_SOURCE,
    ALL_WORDS,
    FollowMyself,
    More,
    Scope,
    Shared,
    ShowCategory,
    Turn,
)
from handlers.typed.plain_words import command_of
from handlers.typed.search_filters import Narrowed, in_common, narrowed
from storage.articles.article_filters import SearchFilter
from storage.articles.searching import SearchResult
from storage.model import ChatKind, Kind, Taste
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context, Rows
    from handlers.stories.reports import ListedStory
    from storage.model import Article, Category, Subscriber
    from templates import RenderedMessage

DEFAULT_SIZE = 7
DAYS = {"today": 0, "yesterday": 1, "week": 7}
"""What a sentence asks for, as in `plain_words.COMMANDS` → days since the start of its news."""
MOST = 20
"""The most articles in one message; their texts are cut so that all fit."""
FURTHEST = 1000
"""The most articles that a list can be paged through; a search finds older ones."""
ROOM = 3900
"""UTF-16 units for the articles of one message; the rest is for its heading."""
PER_ARTICLE = 85
"""UTF-16 units for an article's number, time, category, line ends and day heading."""
SOURCE = 30
"""UTF-16 units for a source's name in a list short enough to show it."""
ALSO = SOURCE + 30
"""UTF-16 units for another source's name and the text around it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles to list, the first of them, and how many to show."""

    scope: Scope
    category: str = ""
    size: int = DEFAULT_SIZE
    offset: int = 0
    query: str = ""
    asked: Narrowed | None = None
    """The query of a search as it was understood."""
    like: Article | None = None
    """An article for a list of similar ones; its own event is left out."""


class Lengths(NamedTuple):
    """The UTF-16 units that a list shows of a headline, a standfirst and a source's name."""

    headline: int
    standfirst: int
    source: int


def lengths(size: int) -> Lengths:
    """Return the lengths of each article's texts in a message with this many articles."""
    if size > MOST // 2:
        return Lengths(min(160, ROOM // size - PER_ARTICLE), 0, 0)
    room = ROOM // size - PER_ARTICLE - SOURCE - ALSO
    headline = min(160, room * 2 // 3)
    return Lengths(headline, min(140, room - headline), SOURCE)


async def listed(
    context: Context,
    subscriber: Subscriber,
    wanted: Listing,
    matters: Sequence[tuple[ListedStory, str, int]] = (),
) -> tuple[RenderedMessage, Rows]:
    """Return the list as a message, with buttons that open cards and turn pages.

    It begins with `matters`: of each the newest event, a link to it, and how many were earlier.
    """
    if wanted.scope is Scope.SEARCH:
        wanted = await with_filters(context, subscriber, wanted)
    found, reports = await articles_of(context, subscriber, wanted)
    taste, language = subscriber.taste, subscriber.language
    private = subscriber.kind is ChatKind.PRIVATE
    fits = what_fits(context, wanted, subscriber)
    stories = as_listed(found[: wanted.size], reports, taste, fits, language, private=private)
    if wanted.scope is not Scope.SEARCH:
        # What was searched for by its words is shown by its words.
        read = await as_read(context, subscriber, [story.article for story in stories])
        stories = [replace(story, article=each) for story, each in zip(stories, read, strict=True)]
    more = len(found) > wanted.size
    cut = isinstance(found, SearchResult) and found.cut
    near = () if stories or cut else meant_by(context, wanted)
    first = wanted.offset + 1
    message = context.render(
        "list",
        subscriber,
        scope=wanted.scope.name.lower(),
        category=wanted.category,
        query=wanted.query if wanted.asked is None else wanted.asked.words,
        narrowed=wanted.asked,
        stories=stories,
        matters=matters,
        by_day=is_by_day(wanted),
        cut=cut,
        near=near,
        first=first,
        beside=wanted.like is not None,
        lengths=lengths(wanted.size),
        muted=muted_names(context, subscriber, wanted, stories),
        now=context.now,
    )
    ids = [story.article.id for story in stories]
    context.services.memory.note_shown(
        subscriber, ids, context.now, first=first, wanted=wanted, query=wanted.query
    )
    lines = [
        *numbers(ids, first=first, width=7),
        *side_by_side(
            [
                *page_row(context, subscriber, wanted, more=more),
                *(send_row(context, subscriber, wanted) if stories else ()),
            ]
        ),
        *(near_rows(context, subscriber, near) if near else ()),
        *await scope_rows(context, subscriber, wanted, found=bool(stories)),
    ]
    return message, lines


async def as_read(
    context: Context, subscriber: Subscriber, articles: Sequence[Article]
) -> list[Article]:
    """Return articles translated where the reader wants that and a translation is stored."""
    taste, language = subscriber.taste, subscriber.language
    foreign = [each.id for each in articles if is_foreign(each, taste, language)]
    if not foreign:
        return [*articles]
    found = await context.services.translations.look(language, foreign)
    return [in_own_language(each, taste, language, found) for each in articles]


def is_by_day(wanted: Listing) -> bool:
    """Return whether the list is newest first, so that its stories may be grouped by day."""
    if wanted.scope is Scope.SEARCH:
        return wanted.asked is not None and wanted.asked.narrowed and not wanted.asked.words
    return wanted.scope is not Scope.SAVED


async def with_filters(context: Context, subscriber: Subscriber, wanted: Listing) -> Listing:
    """Return a search with the filters in its words, unless all words are to be searched for."""
    if wanted.category == ALL_WORDS:
        return wanted
    asked = await read_search(context, subscriber, wanted.query)
    if wanted.category == ALL_OF_SOURCE:
        asked = asked.all_of_source()
    return replace(wanted, asked=asked)


async def read_search(context: Context, subscriber: Subscriber, words: str) -> Narrowed:
    """Return the filters and the remaining words of a search.

    A sentence such as “this week” asks for everything since that day, and “what happened
    yesterday” for that day alone.
    """
    days = DAYS.get(command_of(words) or "")
    if days is not None:
        today = local_date(context.now, subscriber.zone)
        before = today if days == DAYS["yesterday"] else None
        return Narrowed("", since=today - timedelta(days=days), before=before)
    return narrowed(
        words,
        sources=await context.services.sources.all(),
        taxonomy=context.services.taxonomy,
        shown=lambda slug: context.category(slug, subscriber),
        language=subscriber.language,
        today=local_date(context.now, subscriber.zone),
    )


def meant_by(context: Context, wanted: Listing) -> tuple[str, ...]:
    """Return the slugs of categories close to the words of a search that names none."""
    narrowed_to = wanted.asked is not None and wanted.asked.narrowed
    if wanted.scope is not Scope.SEARCH or wanted.offset or narrowed_to:
        return ()
    if context.services.taxonomy.find(wanted.query) is not None:
        return ()
    return near_categories(context, wanted.query)


def muted_names(
    context: Context, subscriber: Subscriber, wanted: Listing, stories: Iterable[ListedStory]
) -> list[str]:
    """Return the names of what is muted of stories that were asked for, and so listed."""
    if wanted.scope not in {Scope.CATEGORY, Scope.SEARCH}:
        return []
    slugs, sources, words = muted_in((story.article for story in stories), subscriber.taste)
    return [
        *(context.category(slug, subscriber) for slug in context.by_name(slugs, subscriber)),
        *sources,
        *(quoted(context, subscriber, word) for word in words),
    ]


def shown_among(context: Context, wanted: Listing, taste: Taste) -> Taste | None:
    """Return the choices that define a list, or None for a search or the reading list."""
    if wanted.scope in {Scope.SEARCH, Scope.SAVED}:
        return None
    if wanted.scope is Scope.CATEGORY:
        return only_of(taste, wanted.category, context.services.taxonomy.categories)
    if wanted.scope is Scope.ALL:
        return of_everything(taste)
    return taste


def what_fits(
    context: Context, wanted: Listing, subscriber: Subscriber
) -> Callable[[Article], bool] | None:
    """Return whether a report may represent its event in a list; None for the reading list."""
    taste = subscriber.taste
    if wanted.scope is Scope.SAVED:
        return None
    if wanted.scope is Scope.SEARCH:
        asked = wanted.asked or Narrowed(wanted.query)
        return answers(asked.words, filters_of(asked, subscriber), taste.languages)
    among = shown_among(context, wanted, taste)
    return None if among is None else suits(among)


def filters_of(asked: Narrowed, subscriber: Subscriber) -> SearchFilter:
    """Return the filters of a search; its days begin at the reader's midnight."""
    since, before = (
        None if day is None else midnight(day, subscriber.zone)
        for day in (asked.since, asked.before)
    )
    return SearchFilter(asked.source_ids, asked.category, since, before)


def of_everything(taste: Taste) -> Taste:
    """Return the taste without follows, which gets everything that is not off. Pure."""
    return replace(taste, follows=frozenset(), words=frozenset())


WIDTH = {Kind.HOUSE: 0, Kind.GROUP: 1}
"""Kind of category → how wide it is; sections and markets are widest."""


def only_of(taste: Taste, category: str, categories: Mapping[str, Category]) -> Taste:
    """Return the taste with only one category followed. Pure.

    A question beats the mute of what is asked for and of anything wider, such as a house's section.
    """

    def width(slug: str) -> int:
        return WIDTH.get(categories[slug].kind, 2) if slug in categories else 0

    narrower = (slug for slug in taste.muted_categories if width(slug) <= width(category))
    return replace(
        taste,
        follows=frozenset({category}),
        words=frozenset(),
        muted_categories=frozenset(narrower) - {category},
    )


async def articles_of(
    context: Context, subscriber: Subscriber, wanted: Listing
) -> tuple[list[Article], list[Article]]:
    """Return a page's articles, one per event, and every article of these events.

    There is one article more than the page holds if there is a next page.
    """
    services, taste = context.services, subscriber.taste
    among = shown_among(context, wanted, taste)
    if among is None:
        found = await certain(context, subscriber, wanted)
        return found, await services.articles.of_events({one.event for one in found[: wanted.size]})
    if wanted.scope is Scope.FOLLOWS and not taste.follows_anything:
        return [], []
    return await services.articles.latest_with_reports(
        among,
        limit=wanted.size + 1,
        offset=wanted.offset,
        without_event=None if wanted.like is None else wanted.like.event,
    )


async def certain(context: Context, subscriber: Subscriber, wanted: Listing) -> list[Article]:
    """Return a page of the articles that were saved or that a search finds."""
    services, taste = context.services, subscriber.taste
    limit, offset = wanted.size + 1, wanted.offset
    if wanted.scope is Scope.SAVED:
        return await services.saved.list(subscriber.id, limit=limit, offset=offset)
    asked = wanted.asked or Narrowed(wanted.query)
    only = filters_of(asked, subscriber)
    if asked.narrowed and not asked.words:
        among = of_everything(taste)
        if asked.category or asked.source_ids:
            # Muted ones are still shown if they are asked for by name.
            follows = frozenset({asked.category} if asked.category else ())
            among = Taste(follows, languages=taste.languages)
        return await services.articles.latest(among, limit=limit, offset=offset, only=only)
    return await services.articles.search(
        asked.words,
        languages=taste.languages,
        only=only,
        limit=limit,
        offset=offset,
        whose=subscriber.chat_id,
    )


def page_row(
    context: Context, subscriber: Subscriber, wanted: Listing, *, more: bool
) -> list[InlineKeyboardButton]:
    """Return the buttons for newer and older articles, if there are any."""

    def turn(offset: int) -> Turn | More:
        if wanted.like is not None:
            return More(wanted.like.id, offset, turn=True)
        return Turn(wanted.scope, wanted.category, wanted.size, offset)

    row = []
    if wanted.offset:
        back = turn(max(0, wanted.offset - wanted.size))
        row.append(button(context.label("newer", subscriber), back))
    if more and wanted.offset + wanted.size < FURTHEST:
        on = turn(wanted.offset + wanted.size)
        row.append(button(context.label("older", subscriber), on))
    return row


def send_row(
    context: Context, subscriber: Subscriber, wanted: Listing
) -> list[InlineKeyboardButton]:
    """Return the button that sends a listed article by an inline query; empty if none finds it."""
    if wanted.scope is Scope.CATEGORY:
        query = context.category(wanted.category, subscriber)
    elif wanted.scope is Scope.ALL:
        query = ""
    elif wanted.scope is Scope.SEARCH and not (wanted.asked and wanted.asked.narrowed):
        query = wanted.query
    else:
        return []
    return [send_to_friend(context.label("send_one", subscriber), query)]


async def scope_rows(
    context: Context, subscriber: Subscriber, wanted: Listing, *, found: bool
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons that depend on the kind of a list and on whether it has articles."""
    if wanted.scope is Scope.CATEGORY:
        alerts: frozenset[str] = frozenset()
        if wanted.category in subscriber.taste.follows:
            alerts = await context.services.subscribers.alerts(subscriber.id)
        lines = category_rows(
            context, subscriber, wanted.category, alerts=wanted.category in alerts
        )
        if context.seen_by_many(subscriber):
            label = context.label("follow_in_private", subscriber)
            lines.append([button(label, FollowMyself(wanted.category))])
        return lines
    if wanted.scope is Scope.ALL:
        follows = Turn(Scope.FOLLOWS, "", wanted.size, 0)
        return [[button(context.label_for("what_i_follow", subscriber), follows)]]
    if wanted.scope is Scope.FOLLOWS:
        row = [button(context.label("all_news", subscriber), Turn(Scope.ALL, "", wanted.size, 0))]
        # In a group every member sees the list, and only administrators may choose.
        if not subscriber.taste.follows_anything and not context.seen_by_many(subscriber):
            row.append(choose_button(context, subscriber))
        return [row]
    if wanted.scope is Scope.SAVED:
        return [[button(context.label("sent_to_friends", subscriber), Shared())]]
    return search_rows(context, subscriber, wanted, found=found)


def search_rows(
    context: Context, subscriber: Subscriber, wanted: Listing, *, found: bool
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons under a search: follow its words, or search for all of them.

    If nothing was found, a category so named is offered: its articles need not contain its name.
    """
    if category := context.services.taxonomy.find(wanted.query):
        row = [readers_follow_button(context, subscriber, category.slug)]
        if not found and not wanted.offset:
            shown = context.category(category.slug, subscriber)
            row.insert(0, button(shown, ShowCategory(category.slug)))
        return side_by_side(row)
    asked = wanted.asked
    if asked is None or not asked.narrowed:
        return [
            *(source_rows(context, subscriber, asked) if asked is not None else ()),
            *offered(context, subscriber, wanted.query),
        ]
    lines = []
    if not asked.is_of_days:
        every = Turn(Scope.SEARCH, ALL_WORDS, wanted.size, 0)
        lines.append([button(context.label("all_words", subscriber), every)])
    if asked.category:
        lines.append([readers_follow_button(context, subscriber, asked.category)])
    return lines


def source_rows(
    context: Context, subscriber: Subscriber, asked: Narrowed
) -> list[list[InlineKeyboardButton]]:
    """Return a button that lists all articles of the source that a search names; empty if none."""
    if not asked.called_so:
        return []
    name = in_common([source.name for source in asked.called_so]) or asked.words
    label = context.label("all_of_source", subscriber, source=shorten(name, LONGEST_NAME))
    return [[button(label, Turn(Scope.SEARCH, ALL_OF_SOURCE, DEFAULT_SIZE, 0))]]


def checked(wanted: Listing, context: Context) -> Listing:
    """Return the listing if a button could have asked for it; otherwise raise StaleTap."""
    known = wanted.scope is not Scope.CATEGORY or (
        wanted.category in context.services.taxonomy.categories
    )
    if not known or not 1 <= wanted.size <= MOST or wanted.offset > FURTHEST:
        raise StaleTap(str(wanted))
    return wanted
