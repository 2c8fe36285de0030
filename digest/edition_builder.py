"""Makes what a ledger row is to carry, once for all rows that carry the same."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from digest.first_edition import topped_up
from digest.ranking import OLDEST, window
from digest.reader_day import ALONE, LONGEST, reader_day
from digest.recent_articles import read_recent
from digest.request_body import RequestBody, prepare
from digest.schedule import zone_of
from storage.model import DeliveryKind, Kind, Taste

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.edition import Slate
    from digest.reader_day import ReaderDay
    from digest.recent_articles import RecentArticles
    from storage.articles import Articles
    from storage.deliveries import Deliveries
    from storage.model import Article, Category, Delivery, Edition
    from templates import Message, Renderer

log = logging.getLogger(__name__)

KEPT = 1024
"""Editions kept for the next reader; a body is some 10 kB."""
STALE = timedelta(minutes=1)
"""What an editor changes is in every edition that is made a minute later."""
BREATH = 0.002
"""Seconds of work after which others get their turn."""

MANY = 16
"""Rows of one time for which all articles are ranked together."""

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """A mapping that forgets what was longest not asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V:
        """Keep a value, and give it back."""
        self._kept[key] = value
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class Issue:
    """What a row carries."""

    parts: tuple[RequestBody, ...] = ()
    """Messages in sending order; none when there is nothing to tell."""
    articles: tuple[int, ...] = ()
    shown: str | None = None
    """The ids of the articles, as JSON for the ledger."""
    error: str | None = None
    """It cannot be made, and why."""


class EditionKeyboard(Protocol):
    """The buttons under an edition in a language, as Telegram's JSON in pieces."""

    def __call__(self, edition: Edition, language: str, /, *, first: bool) -> Sequence[str]:
        """Write them; `first` is a reader's first edition."""


NOTHING = Issue()
BROKEN = Issue(error="template")
WITHDRAWN = Issue(error="withdrawn")


async def _breathe() -> None:
    await asyncio.sleep(0)


class EditionBuilder:
    """Chooses and renders editions and alerts for ledger rows.

    Args:
        deliveries: For tastes, and for what was sent as an alert.
        articles: The archive.
        renderer: How messages look.
        categories: The taxonomy, by slug.
        edition_size: Most stories of an edition.
        keyboard: The buttons under an edition, as Telegram's JSON in pieces.
        alert_keyboard: The buttons under an alert.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        articles: Articles,
        renderer: Renderer,
        *,
        categories: Mapping[str, Category],
        edition_size: int,
        keyboard: EditionKeyboard | None = None,
        alert_keyboard: Callable[[Article, str], Sequence[str]] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._renderer = renderer
        self._size = edition_size
        self._keyboard = keyboard
        self._alert_keyboard = alert_keyboard
        self._houses = frozenset(
            slug for slug, category in categories.items() if category.kind is Kind.HOUSE
        )
        self._day: RecentArticles | None = None
        self._week: RecentArticles | None = None
        self._tastes: LruCache[str, Taste] = LruCache(4 * KEPT)
        self._editions: LruCache[tuple[Any, ...], Edition] = LruCache(KEPT)
        self._slates: LruCache[tuple[Any, ...], Slate] = LruCache(4)
        self._issues: LruCache[tuple[Any, ...], Issue] = LruCache(KEPT)

    async def make(
        self,
        rows: Sequence[Delivery],
        now: datetime,
        *,
        breathe: Callable[[], Awaitable[None]] = _breathe,
    ) -> dict[int, Issue]:
        """Make what rows are to carry.

        Args:
            rows: Rows of the ledger.
            now: This moment.
            breathe: Lets others have their turn, between a little work and the next.

        Returns:
            Row's id → what it carries.
        """
        alerts = [row for row in rows if row.kind is DeliveryKind.ALERT]
        editions = [row for row in rows if row.kind is not DeliveryKind.ALERT]
        made = await self._make_alerts(alerts) if alerts else {}
        if editions:
            made.update(await self._make_editions(editions, now, breathe))
        return made

    async def _make_editions(
        self, rows: Sequence[Delivery], now: datetime, breathe: Callable[[], Awaitable[None]]
    ) -> dict[int, Issue]:
        tastes = await self._tastes_of(rows)
        recent = await self._recent_for(rows, now)
        since = min(each.since for each in recent.values())
        alerted = await self._deliveries.alerted({row.subscriber_id for row in rows}, since)
        days = await self._days_of(rows)
        of_one_place = Counter((row.due, row.place_to) for row in rows)
        made: dict[int, Issue] = {}
        began = time.perf_counter()
        for row in rows:
            had = alerted.get(row.subscriber_id, frozenset())
            if row.article_id is not None:
                had |= {row.article_id}
            made[row.id] = self._edition_issue(
                row,
                tastes[row.taste_key],
                had,
                days.get(row.id, ALONE),
                recent[window(row.since, row.due) > OLDEST],
                many=of_one_place[row.due, row.place_to] >= MANY,
            )
            if time.perf_counter() - began > BREATH:
                await breathe()
                began = time.perf_counter()
        return made

    def _edition_issue(
        self,
        row: Delivery,
        taste: Taste,
        had: frozenset[int],
        day: ReaderDay,
        recent: RecentArticles,
        *,
        many: bool,
    ) -> Issue:
        chosen_by = (
            row.taste_key,
            row.place_from,
            row.place_to,
            row.since,
            row.due,
            had,
            None if day is ALONE else day,  # what most have, without its hash
            recent.read_at,
        )
        # An edition looks alike wherever the wall shows the same date and time.
        wall = row.due.astimezone(zone_of(row.zone)).replace(tzinfo=None)
        empty_note = row.empty_note and not day.silent
        key = (*chosen_by, row.language, row.layout, wall, row.kind, empty_note)
        issue = self._issues.get(key)
        if issue is not None:
            return issue
        edition = self._editions.get(chosen_by)
        if edition is None:
            slate = self._slate_for(row, taste, recent, many=many)
            edition = slate.edition(
                taste,
                size=day.share(self._size),
                place_from=row.place_from,
                since=row.since,
                exclude=had,
                shown_earlier=recent.among(day.shown),
            )
            if not row.place_from:
                edition = topped_up(
                    edition,
                    taste,
                    recent.up_to(row.place_to),
                    size=self._size,
                    now=row.due,
                    oldest=window(row.since, row.due),
                    houses=self._houses,
                    exclude=had,
                )
            self._editions.put(chosen_by, edition)
        if edition.lead is None and not empty_note:
            return self._issues.put(key, NOTHING)
        return self._issues.put(key, self._rendered(edition, row))

    def _slate_for(
        self, row: Delivery, taste: Taste, recent: RecentArticles, *, many: bool
    ) -> Slate:
        """What a row's edition is chosen from."""
        oldest = window(row.since, row.due)
        key = (row.due, row.place_to, oldest, recent.read_at)
        slate = self._slates.get(key)
        if slate is not None:
            return slate
        if many:
            return self._slates.put(
                key,
                recent.slate(
                    now=row.due, oldest=oldest, place_to=row.place_to, houses=self._houses
                ),
            )
        return recent.small_slate(
            taste,
            now=row.due,
            oldest=oldest,
            place_from=row.place_from,
            place_to=row.place_to,
            houses=self._houses,
        )

    def _rendered(self, edition: Edition, row: Delivery) -> Issue:
        articles = [story.article for story in edition.stories]
        try:
            message = self._renderer.edition(
                edition,
                language=row.language,
                layout=row.layout,
                zone=zone_of(row.zone).key,
                now=row.due,
                catch_up=row.kind is DeliveryKind.CATCH_UP,
            )
            keyboard = (
                self._keyboard(edition, row.language, first=not row.place_from)
                if self._keyboard
                else ()
            )
            return _issue(message, keyboard, articles)
        except Exception:
            # One edition that cannot be rendered must not keep the others back.
            log.exception(
                "The edition with the articles %s cannot be rendered", [a.id for a in articles]
            )
            return BROKEN

    async def _make_alerts(self, rows: Sequence[Delivery]) -> dict[int, Issue]:
        wanted = dict.fromkeys(row.article_id for row in rows if row.article_id is not None)
        found = {article.id: article for article in await self._articles.many(list(wanted))}
        made: dict[int, Issue] = {}
        rendered: dict[tuple[int | None, str], Issue] = {}
        for row in rows:
            key = (row.article_id, row.language)
            if key not in rendered:
                article = found.get(row.article_id or 0)
                rendered[key] = (
                    WITHDRAWN if article is None else self._alert_issue(article, row.language)
                )
            made[row.id] = rendered[key]
        return made

    def _alert_issue(self, article: Article, language: str) -> Issue:
        try:
            message = self._renderer.alert(article, language=language)
            keyboard = self._alert_keyboard(article, language) if self._alert_keyboard else ()
            return _issue(message, keyboard, [article])
        except Exception:
            # As with editions.
            log.exception("The alert with the article %d cannot be rendered", article.id)
            return BROKEN

    async def _tastes_of(self, rows: Sequence[Delivery]) -> dict[str, Taste]:
        """The tastes of rows; one that is unknown follows nothing."""
        found: dict[str, Taste] = {}
        unknown: set[str] = set()
        for row in rows:
            taste = self._tastes.get(row.taste_key)
            if taste is None:
                unknown.add(row.taste_key)
            else:
                found[row.taste_key] = taste
        if unknown:
            for key, taste in (await self._deliveries.tastes(unknown)).items():
                found[key] = self._tastes.put(key, taste)
            for key in unknown - found.keys():
                found[key] = Taste()
        return found

    async def _days_of(self, rows: Sequence[Delivery]) -> dict[int, ReaderDay]:
        """Of the rows of those who get two editions a day, what stands around them."""
        twice = [row for row in rows if row.evening_minute is not None]
        if not twice:
            return {}
        since = min(row.due for row in twice) - LONGEST
        shown = await self._deliveries.shown_before({row.subscriber_id for row in twice}, since)
        # What was asked for, and had to wait, counts on no day.
        asked_for = await self._deliveries.asked_for([row.id for row in twice])
        return {
            row.id: reader_day(
                row.due, row.zone, row.evening_minute, shown.get(row.subscriber_id, ())
            )
            for row in twice
            if row.id not in asked_for
        }

    async def _recent_for(
        self, rows: Sequence[Delivery], now: datetime
    ) -> dict[bool, RecentArticles]:
        """The articles of these rows; those of more than a day's apart, which most never need."""
        found: dict[bool, RecentArticles] = {}
        days = [row for row in rows if window(row.since, row.due) <= OLDEST]
        if days:
            found[False] = self._day = await self._read(self._day, days, now)
        if len(days) < len(rows):
            longer = [row for row in rows if window(row.since, row.due) > OLDEST]
            found[True] = self._week = await self._read(self._week, longer, now)
        elif self._week is not None and now - self._week.read_at >= STALE:
            self._week = None
        return found

    async def _read(
        self, known: RecentArticles | None, rows: Iterable[Delivery], now: datetime
    ) -> RecentArticles:
        """The window that these rows' articles are in: the known one while it holds them."""
        longest = max(window(row.since, row.due) for row in rows)
        since = min(row.due - window(row.since, row.due) for row in rows)
        newest = max(row.place_to for row in rows)
        if (
            known is not None
            and known.since <= since
            and known.newest >= newest
            and now - known.read_at < STALE
        ):
            return known
        # A little more than is asked for, so that rows which are a little older find it too.
        since = min(since, now - longest - timedelta(hours=1))
        return await read_recent(self._articles, since=since, now=now)


def _issue(message: Message, keyboard: Sequence[str], articles: list[Article]) -> Issue:
    """A message's parts: the preview belongs to the first, the buttons to the last."""
    last = len(message.parts) - 1
    ids = tuple(article.id for article in articles)
    return Issue(
        tuple(
            prepare(
                text,
                pieces=message.pieces[number] if message.pieces else (),
                preview=message.preview if number == 0 else None,
                keyboard=keyboard if number == last else (),
            )
            for number, text in enumerate(message.parts)
        ),
        ids,
        json.dumps(ids),
    )
