"""The reports of one event: the one that represents it in a list, and all, one below another."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from digest.choosing.ranking import DAY, best_for, let_in, matches, quality_in
from handlers.buttons.keyboards import button, numbers
from handlers.buttons.pages import Pages
from handlers.core.conversation import known_article, on_tap
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AllReports
from storage.model import Taste
from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context, Reply
    from storage.articles.article_filters import SearchFilter
    from storage.model import Article, Subscriber


@dataclass(frozen=True, slots=True)
class ListedStory:
    """One story of a list."""

    article: Article
    also_in: tuple[str, ...] = ()
    """Names of other sources that report it, the one with the most weight first."""
    newest: datetime | None = None
    """Publication time of the article that sets the story's place; None if it is the one shown."""

    @property
    def at(self) -> datetime:
        """The time that sets the story's place in the list."""
        return self.newest or self.article.published


def as_listed(
    found: Sequence[Article],
    reports: Iterable[Article],
    reader: Taste,
    fits: Callable[[Article], bool] | None,
    language: str,
    *,
    private: bool = True,
) -> list[ListedStory]:
    """Return the stories of a list, each with the other sources that report it. Pure.

    `found` is one article of each event, `reports` every article of these events. Sources that the
    reader hides are left out. `fits` says whether a report may be in the list; the best that may
    represents an event. None shows exactly those found. A private chat is shown more.
    """
    events: defaultdict[int, list[Article]] = defaultdict(list)
    for article in reports:
        events[article.event].append(article)
    best = best_for(reader, language, quality_in(private=private))
    stories = []
    for each in found:
        event = seen(each, events[each.event], reader)
        shown = each if fits is None else best_report(each, event, fits, best)
        stories.append(ListedStory(shown, other_sources(shown, event), each.published))
    return stories


def suits(taste: Taste) -> Callable[[Article], bool]:
    """Return whether an article suits a taste; one that follows nothing gets all it lets in."""
    return partial(matches if taste.follows_anything else let_in, taste=taste)


def answers(words: str, only: SearchFilter, languages: frozenset[str]) -> Callable[[Article], bool]:
    """Return whether a search finds an article by its title and standfirst."""
    phrases = search_words.phrases(words)
    # A search in another script finds articles in every language.
    reads = Taste(languages=frozenset() if search_words.beyond_latin(words) else languages)

    def found(article: Article) -> bool:
        return (
            (not only.sources or article.source_id in only.sources)
            and (not only.category or only.category in article.categories)
            and (only.since is None or article.published >= only.since)
            and (only.before is None or article.published < only.before)
            and let_in(article, reads)
            and search_words.matches(
                phrases,
                search_words.joined_tokens(article.title),
                search_words.joined_tokens(article.standfirst),
            )
        )

    return found


def muted_in(articles: Iterable[Article], taste: Taste) -> tuple[set[str], list[str], list[str]]:
    """Return the muted categories, sources (by name) and words of articles. Pure."""
    found = [*articles]
    return (
        {slug for each in found for slug in each.categories if slug in taste.muted_categories},
        sorted({each.source for each in found if each.source_id in taste.muted_sources}),
        [
            word
            for word in sorted(taste.muted_words)
            if not all(let_in(each, Taste(muted_words=frozenset({word}))) for each in found)
        ],
    )


def seen(article: Article, event: Iterable[Article], taste: Taste) -> list[Article]:
    """Return an event's reports without those of hidden sources, but with the article. Pure."""
    off = taste.muted_sources
    return [each for each in event if each.id == article.id or each.source_id not in off]


def best_report(
    article: Article,
    event: Iterable[Article],
    fits: Callable[[Article], bool],
    best: Callable[[Article], Any],
) -> Article:
    """Return the report that represents an event in a list. Pure.

    Only reports that fit the list and are at most a day older than the given article are
    considered: older ones may be out of date. `best` is their order
    (`digest.choosing.ranking.best_for`).
    """
    since = article.published - DAY
    return min(
        (article, *(each for each in event if each.published >= since and fits(each))), key=best
    )


def other_sources(article: Article, event: Iterable[Article]) -> tuple[str, ...]:
    """Return the names of the other sources that report an event, by falling weight."""
    others = (each for each in event if each.source_id != article.source_id)
    by_weight = sorted(others, key=lambda each: -each.source_weight)
    return tuple(dict.fromkeys(each.source for each in by_weight))


PAGE = 15
"""Reports on one page."""
_NAMED = 3
"""The most names and numbers shown that the reports have in common."""


def reports_button(
    context: Context, subscriber: Subscriber, article: Article, reports: int
) -> list[InlineKeyboardButton]:
    """Return the button that lists all reports of an event; empty if there is only one."""
    if reports < 2:
        return []
    label = "both_reports" if reports == 2 else "all_reports"
    return [button(context.label(label, subscriber, num=reports), AllReports(article.id))]


async def all_reports(update: Update, context: Context, tap: AllReports) -> None:
    """Show the reports of all sources about a card's event, the newest first."""
    subscriber = await context.subscriber(update)
    show = context.edit if tap.turn else context.reply
    await show(update, *await _page(context, subscriber, tap))


async def _page(context: Context, subscriber: Subscriber, tap: AllReports) -> Reply:
    article = await known_article(context, tap)
    every = await context.services.articles.of_events([article.event])
    found = seen(article, every, subscriber.taste)
    reports = sorted(found, key=lambda each: (each.published, each.id), reverse=True)
    shown = reports[tap.offset : tap.offset + PAGE]
    if not shown:
        raise StaleTap(tap.pack())
    message = context.render(
        "reports",
        subscriber,
        articles=shown,
        first=tap.offset + 1,
        count=len(reports),
        common=shared_evidence(reports),
        now=context.now,
    )
    turns = Pages(tap.offset // PAGE, len(reports), PAGE).turning(
        context, subscriber, lambda to: AllReports(article.id, to * PAGE, turn=True)
    )
    lines = [*numbers([each.id for each in shown], first=tap.offset + 1), turns]
    return message, lines


def shared_evidence(reports: Iterable[Article]) -> tuple[str, ...]:
    """Return names and numbers that most reports share: `("Prada", "1.25 billion")`. Pure."""
    times = Counter(part for each in reports for part in each.event_evidence.split(", ") if part)
    return tuple(part for part, _ in times.most_common(_NAMED))


TAPS = (on_tap(AllReports, all_reports),)
