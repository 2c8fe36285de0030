"""The way of rounds into the archive: those that are ready at the same time go together.

While one transaction is under way, the rounds that become ready wait for the next, which takes
them all. Each sees what the others before it told, so that one story stays one.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from news.ingest.decide import decide, fingerprint_of_known
from news.ingest.match_events import known_report, match_events
from news.stories.events import Events
from news.stories.matching import WINDOW, Stories
from storage.db.outage import DatabaseUnavailableError
from storage.model import houses_among

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from news.entry import Entry
    from news.ingest.decision import Decision
    from storage.articles.articles import Articles
    from storage.model import Article, Category, Known, Round, Source, Stored

TOGETHER = 12
"""Rounds of one transaction at most: other writers want their turn."""
LINGER = 0.25
"""Seconds that rounds wait for others under way: a dozen together take two thirds of the time."""

_READ_AGAIN = timedelta(hours=1)
"""How long the stories are kept before the archive is asked for what other processes added, such as
`onnews fetch`."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Batcher(Generic[T]):
    """Things that are done one by one for the asker, and together in truth.

    Args:
        do: Does several at once.
        most: So many at a time.
        coming: How many things there are that are done, wait, or may soon want to be done; until
            half of them wait, those that do so wait for a moment longer. So the last few that go
            are ever fewer, and hardly anything is left to be done once the last one is there.
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
        """Wait until `thing` is done.

        Where several fail together, each is tried alone.

        Raises:
            Exception: Whatever doing it raised.
        """
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, mine))
        self.look()
        try:
            # What becomes ready in the same turn of the loop is to come along.
            await asyncio.sleep(0)
            while not mine.done():
                if not self._free.is_set():
                    # All who wait wake at once: most of them find that their things are done.
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
            # Who stopped waiting does not ask how it ended, which is nothing to be logged.
            if not mine.cancel() and not mine.cancelled():
                mine.exception()

    def look(self) -> None:
        """Look again whether anything more is coming."""
        if self._are_enough():
            self._enough.set()

    def _are_enough(self) -> bool:
        coming = 0 if self._coming is None else self._coming()
        return len(self._waiting) >= min(self._most, (coming + 1) // 2)

    async def _enough_there(self) -> None:
        """Wait a moment for half of those that are coming, as far as there is room for them."""
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
        except Exception as error:  # noqa: BLE001 — whatever it is, it is handed to who asked
            if len(group) == 1 or isinstance(error, DatabaseUnavailableError):
                for _, future in group:
                    _end(future, error)
                return
            # One of them is at fault, and the others are not to suffer for it.
            log.warning("%d writes at once failed (%s); each is tried alone", len(group), error)
            for one in group:
                await self._together([one])
        else:
            for _, future in group:
                _end(future)


def _end(future: asyncio.Future[None], error: Exception | None = None) -> None:
    # Who asked may have stopped waiting.
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(None)


@dataclass(slots=True)
class PendingRound:
    """What a source pending: ready to be decided on and stored."""

    source: Source
    entries: Sequence[Entry]
    known: Sequence[Known]
    round_: Round
    """Without its articles."""
    titled: Sequence[Known] = ()
    """What the archive holds of the source under the titles of those that are not known."""
    decision: Decision | None = None
    stored: Stored | None = None


class RoundWriter:
    """Decides on rounds and stores them, one group after the other.

    Args:
        articles: The archive.
        categories: The taxonomy, by slug.
        clock: The present.
        under_way: How many rounds are under way, those that are here included.
    """

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

    async def write(self, pending: PendingRound) -> tuple[Stored, Decision]:
        """Put into the archive what a source pending."""
        await self._rounds.done(pending)
        if pending.stored is None or pending.decision is None:
            raise RuntimeError("a round was left out")
        return pending.stored, pending.decision

    def look(self) -> None:
        """Be told that a round has ended."""
        self._rounds.look()

    async def _write_all(self, group: Sequence[PendingRound]) -> None:
        try:
            stories = await self._recent_stories(self._clock())
            if self._begun is None and any(one.source.last_ok is None for one in group):
                self._begun = await self._articles.begun()
            left = [one for one in group if one.stored is None]
            for one in left:
                one.decision = None
            while left:
                # In a thread: a first round of hundreds would hold the loop for too long.
                ready = await asyncio.to_thread(self._decide, left, stories)
                await self._store(left[:ready], stories)
                del left[:ready]
        except BaseException:
            # They may know of stories that never came to be.
            self._stories = None
            raise

    def _decide(self, group: Sequence[PendingRound], stories: Stories) -> int:
        """Decide on rounds up to the first that tells a story which is not stored yet.

        Returns:
            How many rounds can be stored now.
        """
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
            # A story that never came to be is none to join.
            found = {link: story for link, story in found.items() if story > 0}
            one.decision = replace(one.decision, stories=found)
        return len(group)

    def _stand_in(self, decision: Decision, stories: Stories) -> None:
        """Let those that come after see these fingerprints, under numbers that stand in."""
        for fingerprint in decision.fingerprints:
            self._stand_ins -= 1
            fingerprint.story_id = self._stand_ins
            stories.add(fingerprint)

    def _with_events(self, decision: Decision, now: datetime) -> Decision:
        """Tell which events its articles are of."""
        events = match_events(decision, self._events, self._categories, since=now - WINDOW)
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
                raise RuntimeError("a round was not decided on")
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
                )
            )
            words.update({each.link: each.words for each in one.entries if each.words})
        all_stored = await self._articles.store_all(rounds, words)
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
        """What was told in the last days: read from the archive now and then, else as kept."""
        if self._stories is None or now - self._stories_read >= _READ_AGAIN:
            stories, events = Stories(), Events()
            recent = await self._articles.recent(now - WINDOW)
            begun = await self._begun_before(recent)
            await asyncio.to_thread(_tell_all, stories, events, recent, begun, self._categories)
            self._stories, self._stories_read = stories, now
            self._events = events
        return self._stories

    async def _begun_before(self, recent: Sequence[Article]) -> Mapping[int, datetime]:
        """When those events of articles began that are told of for longer than these."""
        events = {one.event for one in recent} - {one.id for one in recent}
        return {one.id: one.published for one in await self._articles.many(sorted(events))}


def _tell_all(
    stories: Stories,
    events: Events,
    articles: Sequence[Article],
    begun: Mapping[int, datetime],
    categories: Mapping[str, Category],
) -> None:
    """Know again what the archive says of the last days, and of which events it is."""
    houses = houses_among(categories)
    for article in articles:
        fingerprint = fingerprint_of_known(article, houses)
        stories.add(fingerprint)
        report = known_report(article, fingerprint, categories)
        number = article.event
        events.add(report, story=article.story_id, event=number, begun=begun.get(number))
