"""Editions and alerts made for ledger rows, once for all rows that get the same."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from digest.choosing.edition_choice import Choice, FrontPage, already_had
from digest.choosing.first_edition import topped_up
from digest.choosing.kinds import Kinds
from digest.choosing.ranking import OLDEST, covered_since, window
from digest.choosing.recent_articles import read_recent
from digest.making.alert_issues import AlertIssues
from digest.making.issue import BROKEN, NOTHING, Issue, front_page_issue, plain_edition, plain_issue
from digest.making.rich_messages import RichMessages
from digest.timing.reader_day import ALONE, LONGEST, reader_day
from digest.timing.schedule import zone_of
from digest.timing.time_slices import TimeSlices, yield_to_others
from storage.model import DeliveryKind, Form, Layout, Taste
from templates.edition.lru_cache import LruCache
from templates.rich.front_page import Figures, pictured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.edition import CandidatePool
    from digest.choosing.recent_articles import RecentArticles
    from digest.making.issue import AlertKeyboard, EditionKeyboard
    from digest.timing.reader_day import ReaderDay
    from storage.articles.articles import Articles
    from storage.ledger.deliveries import Deliveries
    from storage.model import Category, Delivery, Edition
    from templates import Renderer

log = logging.getLogger(__name__)

KEPT = 1024
"""Maximum number of editions cached for other readers; a message body takes about 10 kB."""
STALE = timedelta(minutes=1)
"""How long articles are cached: editions made a minute after a change include it."""
MORE = 10
"""Maximum number of left-out stories of a section that unfold on a front page."""
MANY = 16
"""Rows of one time from which on all articles are ranked together for them."""


class EditionBuilder:
    """Chooses and renders editions and alerts for ledger rows.

    Args:
        deliveries: The ledger, for tastes, alerts and earlier editions.
        articles: The archive.
        renderer: The renderer of messages.
        categories: The taxonomy, by slug.
        edition_size: Maximum number of stories of an edition.
        keyboard: Makes the buttons under an edition, as pieces of Telegram's JSON.
        alert_keyboard: Makes the buttons under an alert.
        rich: Pictures for front pages, and whether the server supports rich messages.
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
        alert_keyboard: AlertKeyboard | None = None,
        rich: RichMessages | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._renderer = renderer
        self._size = edition_size
        self._keyboard = keyboard
        self._alerts = AlertIssues(articles, renderer, alert_keyboard)
        self._rich = RichMessages() if rich is None else rich
        self._kinds = Kinds.among(categories)
        self._day: RecentArticles | None = None
        self._week: RecentArticles | None = None
        self._tastes: LruCache[str, Taste] = LruCache(4 * KEPT)
        self._editions: LruCache[tuple[Any, ...], Edition] = LruCache(KEPT)
        self._candidate_pools: LruCache[tuple[Any, ...], CandidatePool] = LruCache(4)
        self._issues: LruCache[tuple[Any, ...], Issue] = LruCache(KEPT)

    async def make(
        self,
        rows: Sequence[Delivery],
        now: datetime,
        *,
        let_others: Callable[[], Awaitable[None]] = yield_to_others,
    ) -> dict[int, Issue]:
        """Make the messages that ledger rows carry.

        Args:
            rows: Rows of the ledger.
            now: The current time.
            let_others: Lets other tasks run between two slices of work.

        Returns:
            Row id → its messages.
        """
        alerts = [row for row in rows if row.kind is DeliveryKind.ALERT]
        editions = [row for row in rows if row.kind is not DeliveryKind.ALERT]
        made = await self._alerts.make(alerts, await self._tastes_of(alerts)) if alerts else {}
        if editions:
            made.update(await self._make_editions(editions, now, let_others))
        return made

    async def _make_editions(
        self, rows: Sequence[Delivery], now: datetime, let_others: Callable[[], Awaitable[None]]
    ) -> dict[int, Issue]:
        tastes = await self._tastes_of(rows)
        recent = await self._recent_for(rows, now)
        since = min(each.since for each in recent.values())
        alerted = await self._deliveries.alerted({row.subscriber_id for row in rows}, since)
        shown = await self._deliveries.shown_otherwise([row.id for row in rows], since)
        days = await self._days_of(rows)
        of_one_place = Counter((row.due, row.place_to) for row in rows)
        choices = [
            Choice(
                row,
                tastes[row.taste_key],
                already_had(row, alerted, shown),
                days.get(row.id, ALONE),
                recent[window(row.since, row.due) > OLDEST],
                many=of_one_place[row.due, row.place_to] >= MANY,
            )
            for row in rows
        ]
        slices = TimeSlices(let_others)
        # Choose all editions, then render all: each step alone runs faster on the processor.
        for choice in choices:
            if not self._is_made(choice):
                choice.edition = self._edition(choice)
            await slices.pause()
        pictures = await self._pictures_for(choices, slices)
        made: dict[int, Issue] = {}
        for choice in choices:
            if choice.row.layout is Layout.FRONT_PAGE:
                made[choice.row.id] = self._front_page(choice, pictures.get(choice.row.id, {}))
            else:
                made[choice.row.id] = self._plain(choice)
            await slices.pause()
        return made

    def _is_made(self, choice: Choice) -> bool:
        """Return whether a plain edition that looks the same is cached already."""
        plain = choice.row.layout is not Layout.FRONT_PAGE
        return plain and self._issues.get(choice.looks) is not None

    async def _pictures_for(
        self, choices: Iterable[Choice], slices: TimeSlices
    ) -> Mapping[int, Mapping[str, str]]:
        """Return row id → the pictures of its front page that Telegram has already."""
        wanted: dict[int, tuple[str, ...]] = {}
        for choice in choices:
            row = choice.row
            if row.layout is Layout.FRONT_PAGE and self._rich.are_known:
                wanted[row.id] = pictured(self._edition(choice), private=row.chat_id > 0)
                await slices.pause()
        every = {address for addresses in wanted.values() for address in addresses}
        there = await self._rich.pictures(every) if every else {}
        return {
            row_id: {each: there[each] for each in addresses if each in there}
            for row_id, addresses in wanted.items()
        }

    def _plain(self, choice: Choice) -> Issue:
        """Return a plain edition, cached for all rows that look the same."""
        key = choice.looks
        issue = self._issues.get(key)
        if issue is None:
            edition = self._edition(choice)
            nothing = edition.lead is None and not choice.empty_note
            made = NOTHING if nothing else self._rendered(edition, choice.row)
            issue = self._issues.put(key, made)
        return issue

    def _edition(self, choice: Choice) -> Edition:
        if choice.edition is not None:
            return choice.edition
        row = choice.row
        more = MORE if row.layout is Layout.FRONT_PAGE else 0
        key = (*choice.chosen_by, more)
        edition = self._editions.get(key)
        if edition is None:
            candidates = self._candidates_for(row, choice.taste, choice.recent, many=choice.many)
            edition = candidates.edition(
                choice.taste,
                size=choice.day.share(self._size),
                place_from=row.place_from,
                since=row.since,
                exclude=choice.had,
                shown_earlier=choice.recent.among(choice.day.shown),
                more=more,
                language=row.language,
            )
            if not row.place_from:
                edition = topped_up(
                    edition,
                    choice.taste,
                    choice.recent.up_to(row.place_to),
                    size=self._size,
                    now=row.due,
                    oldest=window(row.since, row.due),
                    kinds=self._kinds,
                    exclude=choice.had,
                    language=row.language,
                )
            self._editions.put(key, edition)
        return edition

    def _front_page(self, choice: Choice, there: Mapping[str, str]) -> Issue:
        """Return a front page in the form to send next, with the pictures available."""
        row, edition = choice.row, self._edition(choice)
        if edition.lead is None:
            return self._plain(choice)
        sources = choice.recent.sources(row.place_from, row.place_to)
        page = FrontPage(row, edition, choice.looks, sources)
        if row.part or not self._rich.are_known:
            return self._in_form(page, Form.HTML)
        # Keep the form that was tried, or start with the best.
        form = row.form or Form.PICTURED
        return self._in_form(page, form if there or form is Form.HTML else Form.RICH, there)

    def _in_form(
        self, page: FrontPage, form: Form, pictures: Mapping[str, str] | None = None
    ) -> Issue:
        """Return a front page in one of its forms, cached for all rows that look the same."""
        shown = pictures if pictures and form is Form.PICTURED else {}
        key = (*page.looks, form, tuple(shown.items()))
        issue = self._issues.get(key)
        if issue is None:
            made = None if form is Form.HTML else self._laid_out(page, shown)
            if made is None:
                made = replace(self._rendered(page.edition, page.row), form=Form.HTML)
            issue = self._issues.put(key, made)
        return issue

    def _laid_out(self, page: FrontPage, pictures: Mapping[str, str]) -> Issue | None:
        """Lay out a front page in blocks, or return None if it can only be a plain edition."""
        edition, row = page.edition, page.row
        articles = tuple(story.article.id for story in edition.stories)
        try:
            blocks = self._renderer.front_pages.page(
                edition,
                language=row.language,
                zone=zone_of(row.zone).key,
                now=row.due,
                catch_up=row.kind is DeliveryKind.CATCH_UP,
                pictures=pictures,
                figures=Figures(page.sources, covered_since(edition.since, row.due)),
                private=row.chat_id > 0,
            )
            if blocks is None:
                return None
            keyboard = self._buttons(edition, row, front_page=True)
            return front_page_issue(blocks, keyboard, articles, partial(self._in_form, page))
        except Exception:
            # The plain edition is rendered by other code and may still work.
            log.exception("The front page with the articles %s cannot be laid out", list(articles))
            return None

    def _candidates_for(
        self, row: Delivery, taste: Taste, recent: RecentArticles, *, many: bool
    ) -> CandidatePool:
        """Return the candidate pool for a row's edition."""
        oldest = window(row.since, row.due)
        key = (row.due, row.place_to, oldest, recent.read_at)
        candidates = self._candidate_pools.get(key)
        if candidates is not None:
            return candidates
        if many:
            return self._candidate_pools.put(
                key,
                recent.candidates(
                    now=row.due, oldest=oldest, place_to=row.place_to, kinds=self._kinds
                ),
            )
        return recent.small_pool(
            taste,
            now=row.due,
            oldest=oldest,
            place_from=row.place_from,
            place_to=row.place_to,
            kinds=self._kinds,
        )

    def _rendered(self, edition: Edition, row: Delivery) -> Issue:
        articles = tuple([story.article.id for story in edition.stories])
        try:
            message = plain_edition(self._renderer, edition, row)
            return plain_issue(message, self._buttons(edition, row), articles)
        except Exception:
            # One edition that cannot be rendered must not hold up the others.
            log.exception("The edition with the articles %s cannot be rendered", list(articles))
            return BROKEN

    def _buttons(
        self, edition: Edition, row: Delivery, *, front_page: bool = False
    ) -> Sequence[str]:
        if self._keyboard is None:
            return ()
        return self._keyboard(
            edition,
            row.language,
            first=not row.place_from,
            front_page=front_page,
            public=row.public,
        )

    async def _tastes_of(self, rows: Sequence[Delivery]) -> dict[str, Taste]:
        """Return taste key → taste for rows; an unknown key gets an empty taste."""
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
        """Return row id → the reader's day, for readers who get two editions a day."""
        # An edition that a reader asked for does not count towards a day.
        twice = [row for row in rows if row.evening_minute is not None and not row.asked]
        if not twice:
            return {}
        since = min(row.due for row in twice) - LONGEST
        shown = await self._deliveries.shown_before({row.subscriber_id for row in twice}, since)
        return {
            row.id: reader_day(
                row.due, row.zone, row.evening_minute, shown.get(row.subscriber_id, ())
            )
            for row in twice
        }

    async def _recent_for(
        self, rows: Sequence[Delivery], now: datetime
    ) -> dict[bool, RecentArticles]:
        """Return the articles for these rows: False → of a daily window, True → of longer windows.

        Longer windows are read separately, since most passes need none.
        """
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
        """Return the articles of these rows' windows, the known ones if sufficient and fresh."""
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
        # Read a little more, so that slightly older rows can use it too.
        since = min(since, now - longest - timedelta(hours=1))
        return await read_recent(self._articles, since=since, now=now)
