"""Writer of rounds to the archive, which stores rounds that are ready together.

While a transaction is in progress, other rounds wait and share the next one. Each round is decided
with the stories of the rounds before it, so that copies in one transaction join one story.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from news.entry import Report
from news.ingest.decide import (
    ArticleEvent,
    article_of,
    decide,
    fingerprint_of,
    fingerprint_of_known,
)
from news.stories.duplicates import WINDOW, Stories
from news.stories.events import Events
from news.stories.matters import event_words, nearest_of
from news.stories.report import report_of
from storage.db.outage import DatabaseUnavailableError
from storage.model import NewArticle, houses_among

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from news.entry import Entry
    from news.ingest.decide import Decision
    from news.stories.duplicates import Fingerprint
    from storage.articles.articles import Articles
    from storage.model import Article, Category, Known, Round, Source, Stored

TOGETHER = 12
"""Most rounds in one transaction, so that other writers get their turn."""
LINGER = 0.25
"""Seconds that a transaction waits for more rounds; a dozen together take 2/3 of the time."""

_READ_AGAIN = timedelta(hours=1)
"""Time after which the stories in memory are read again; other processes may have added some."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Batcher(Generic[T]):
    """Collects items from several callers and processes them in batches.

    A batch waits up to `LINGER` seconds until half of the expected items are waiting. So batches
    shrink towards the end, and little is left to do when the last item arrives.

    Args:
        coming: Returns how many items are waiting, in process or expected.
    """

    def __init__(
        self,
        do: Callable[[list[T]], Awaitable[object]],
        most: int = 500,
        *,
        coming: Callable[[], int] | None = None,
    ) -> None:
        self._do = do
        self._most = most
        self._coming = coming
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._free = asyncio.Event()
        self._free.set()
        self._enough = asyncio.Event()

    async def done(self, thing: T) -> None:
        """Wait until `thing` was processed, alone if its batch fails; raise what that raised."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, mine))
        self.look()
        try:
            # Let items that become ready in the same turn of the loop join the batch.
            await asyncio.sleep(0)
            while not mine.done():
                if not self._free.is_set():
                    # All waiters wake at once: most find that their items are done.
                    await self._free.wait()
                    continue
                self._free.clear()
                try:
                    await self._enough_there()
                    group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                    await self._together(group)
                finally:
                    self._free.set()
            await mine
        finally:
            # A waiter that was cancelled never retrieves the exception; asyncio must not log it.
            if not mine.cancel() and not mine.cancelled():
                mine.exception()

    def look(self) -> None:
        """Check again whether enough items are waiting; call it when fewer are expected."""
        if self._are_enough():
            self._enough.set()

    def _are_enough(self) -> bool:
        coming = 0 if self._coming is None else self._coming()
        return len(self._waiting) >= min(self._most, (coming + 1) // 2)

    async def _enough_there(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while not self._are_enough():
                    self._enough.clear()
                    await self._enough.wait()

    async def _together(self, group: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            await self._do([thing for thing, _ in group])
        except asyncio.CancelledError:
            for _, future in group:
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 — it is passed to the callers
            if len(group) == 1 or isinstance(error, DatabaseUnavailableError):
                for _, future in group:
                    _end(future, error)
                return
            # One item is at fault; the others must not fail with it.
            log.warning("a batch of %d writes failed (%s); retrying each alone", len(group), error)
            for one in group:
                await self._together([one])
        else:
            for _, future in group:
                _end(future)


def _end(future: asyncio.Future[None], error: Exception | None = None) -> None:
    # The caller may have stopped waiting.
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(None)


@dataclass(slots=True)
class PendingRound:
    """A round that is ready to be decided and stored."""

    source: Source
    entries: Sequence[Entry]
    known: Sequence[Known]
    round_: Round
    """The round without its articles."""
    titled: Sequence[Known] = ()
    """Articles of the source in the archive with the titles of unknown entries."""
    decision: Decision | None = None
    stored: Stored | None = None


class RoundWriter:
    """Decides on rounds and stores them, one batch after another."""

    def __init__(
        self,
        articles: Articles,
        categories: Mapping[str, Category],
        clock: Callable[[], datetime],
        under_way: Callable[[], int],
    ) -> None:
        self._articles = articles
        self._categories = categories
        self._houses = houses_among(categories)
        self._clock = clock
        self._rounds: Batcher[PendingRound] = Batcher(self._write_all, TOGETHER, coming=under_way)
        self._stories: Stories | None = None
        self._events = Events()
        self._stories_read = datetime.min.replace(tzinfo=UTC)
        self._begun: datetime | None = None
        self._stand_ins = 0
        self._turn = asyncio.Lock()
        """Held while the stories and events in memory are used: that happens in a thread."""

    async def write(self, pending: PendingRound) -> tuple[Stored, Decision]:
        """Decide on a round, store it, and return what was stored and the decision."""
        await self._rounds.done(pending)
        if pending.stored is None or pending.decision is None:
            raise RuntimeError("the batch did not process this round")
        return pending.stored, pending.decision

    async def likeness(self, entry: Entry) -> tuple[int, str] | None:
        """Return the first article of the story or event that an entry would join, and why."""
        async with self._turn:
            now = self._clock()
            stories = await self._recent_stories(now)
            article = article_of(entry, None, now)
            fingerprint = fingerprint_of(article, 0, self._houses, entry)
            report = _known_report(article, fingerprint, self._categories)
            return await asyncio.to_thread(self._like, stories, fingerprint, report)

    def _like(
        self, stories: Stories, fingerprint: Fingerprint, report: Report
    ) -> tuple[int, str] | None:
        match = stories.match(fingerprint)
        if match is not None and match.story_id > 0:
            return match.story_id, ""
        joined = self._events.find(report)
        if joined is None or self._events.settled(joined.event) <= 0:
            return None
        return self._events.settled(joined.event), ", ".join(joined.why)

    def forget(self) -> None:
        """Read the stories from the archive again at the next round: another writer added some."""
        self._stories = None

    def look(self) -> None:
        """Note that a round has ended, so that no batch waits for it."""
        self._rounds.look()

    async def _write_all(self, group: Sequence[PendingRound]) -> None:
        async with self._turn:
            await self._write_in_turn(group)

    async def _write_in_turn(self, group: Sequence[PendingRound]) -> None:
        try:
            stories = await self._recent_stories(self._clock())
            if self._begun is None and any(one.source.last_ok is None for one in group):
                self._begun = await self._articles.begun()
            left = [one for one in group if one.stored is None]
            for one in left:
                one.decision = None
            while left:
                # In a thread: a first round with hundreds of entries would block the loop too long.
                ready = await asyncio.to_thread(self._decide, left, stories)
                await self._store(left[:ready], stories)
                del left[:ready]
        except BaseException:
            # The stories in memory may include some that were not stored.
            self._stories = None
            raise

    def _decide(self, group: Sequence[PendingRound], stories: Stories) -> int:
        """Decide rounds up to the first that joins a story not stored yet; return how many."""
        for place, one in enumerate(group):
            if one.decision is None:
                one.decision = decide(
                    one.source,
                    one.entries,
                    one.known,
                    stories,
                    houses=self._houses,
                    now=one.round_.now,
                    begun=self._begun,
                    titled=one.titled,
                )
                self._stand_in(one.decision, stories)
                one.decision = self._with_events(one.decision, one.round_.now)
            found = {link: stories.settled(one_) for link, one_ in one.decision.stories.items()}
            if place and any(story < 0 for story in found.values()):
                return place
            # A placeholder of a story that was not stored cannot be joined.
            found = {link: story for link, story in found.items() if story > 0}
            one.decision = replace(one.decision, stories=found)
        return len(group)

    def _stand_in(self, decision: Decision, stories: Stories) -> None:
        for fingerprint in decision.fingerprints:
            self._stand_ins -= 1
            fingerprint.story_id = self._stand_ins
            stories.add(fingerprint)

    def _with_events(self, decision: Decision, now: datetime) -> Decision:
        events = _match_events(decision, self._events, self._categories, since=now - WINDOW)
        return replace(decision, events=events, reports={})

    async def _store(self, group: Sequence[PendingRound], stories: Stories) -> None:
        rounds, words = [], {}
        openers = {
            each.story_id: each.link
            for one in group
            if one.decision
            for each in one.decision.fingerprints
        }
        for one in group:
            decision = one.decision
            if decision is None:
                raise RuntimeError("a round has no decision")
            rounds.append(
                replace(
                    one.round_,
                    articles=decision.articles,
                    stories=decision.stories,
                    events={
                        link: joined.link(self._events.settled(joined.event), openers, link)
                        for link, joined in decision.events.items()
                    },
                    figures=decision.figures,
                    backlog=decision.backlog,
                    waiting=decision.waiting,
                )
            )
            words.update({each.link: each.words for each in one.entries if each.words})
        all_stored = await self._articles.store_all(rounds, words, nearest_of)
        for one, stored in zip(group, all_stored, strict=True):
            one.stored = stored
            fingerprints = one.decision.fingerprints if one.decision else ()
            numbers = stored.stories
            own = {
                each.story_id: numbers[each.link] for each in fingerprints if each.link in numbers
            }
            stories.settle(own)
            self._events.settle(own)

    async def _recent_stories(self, now: datetime) -> Stories:
        if self._stories is None or now - self._stories_read >= _READ_AGAIN:
            stories, events = Stories(), Events()
            recent = await self._articles.recent(now - WINDOW)
            begun = await self._begun_before(recent)
            await asyncio.to_thread(_remember_all, stories, events, recent, begun, self._categories)
            self._stories, self._stories_read = stories, now
            self._events = events
        return self._stories

    async def _begun_before(self, recent: Sequence[Article]) -> Mapping[int, datetime]:
        events = {one.event for one in recent} - {one.id for one in recent}
        return {one.id: one.published for one in await self._articles.many(sorted(events))}


def _remember_all(
    stories: Stories,
    events: Events,
    articles: Sequence[Article],
    begun: Mapping[int, datetime],
    categories: Mapping[str, Category],
) -> None:
    houses = houses_among(categories)
    for article in articles:
        fingerprint = fingerprint_of_known(article, houses)
        stories.add(fingerprint)
        report = _known_report(article, fingerprint, categories)
        number = article.event
        events.add(report, story=article.story_id, event=number, begun=begun.get(number))


def _match_events(
    decision: Decision,
    events: Events,
    categories: Mapping[str, Category],
    *,
    since: datetime,
) -> dict[str, ArticleEvent]:
    """Match the new articles of a round to events, the oldest first; return link → event.

    Those from before `since`, as in a source's first round, stay events of their own. In
    `decision`, each fingerprint's `story_id` is a placeholder.
    """
    articles = {article.link: article for article in decision.articles}
    by_link: dict[str, ArticleEvent] = {}
    fresh = (one for one in decision.fingerprints if one.published >= since)
    for fingerprint in sorted(fresh, key=lambda one: one.published):
        packed = decision.reports.get(fingerprint.link)
        if packed is None:
            article = articles[fingerprint.link]
            filed = {one.category for one in article.filings}
            report = _report(fingerprint, article, filed, categories)
        else:
            report = Report.opened(packed, fingerprint.published)
        joined = events.match(report, fingerprint.story_id, decision.stories.get(fingerprint.link))
        by_link[fingerprint.link] = ArticleEvent(
            fingerprint.story_id if joined is None else joined.event,
            "" if joined is None else ", ".join(joined.why),
            report.figures,
            event_words(report) if joined is None else None,
        )
    return by_link


def _known_report(
    article: Article | NewArticle, fingerprint: Fingerprint, categories: Mapping[str, Category]
) -> Report:
    """Return the report of an article of the archive, or of one that is not stored yet."""
    filed = (
        {one.category for one in article.filings}
        if isinstance(article, NewArticle)
        else article.categories
    )
    return _report(fingerprint, article, filed, categories)


def _report(
    fingerprint: Fingerprint,
    article: Article | NewArticle,
    filed: Collection[str],
    categories: Mapping[str, Category],
) -> Report:
    # The archive may have categories that the taxonomy no longer has.
    known = [categories[slug] for slug in sorted(filed) if slug in categories]
    return report_of(
        fingerprint.title,
        article.standfirst,
        fingerprint.published,
        known,
        fingerprint.order,
        language=article.language,
    )
