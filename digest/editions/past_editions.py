"""Sent editions rebuilt from their ledger rows: the stories shown and those left out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds, sections_of_names
from digest.choosing.edition import CandidatePool
from digest.choosing.events import had_before
from digest.choosing.news_value import news_value
from digest.choosing.ranking import LEADS, Candidate, leading, matches, preferences, span, window
from digest.choosing.ranking import LONGEST as OLDEST_STILL
from digest.choosing.sections import TOP, section_of
from digest.editions.correction_marks import mark_of, marked
from digest.editions.edition_choice import already_had
from digest.editions.first_edition import FIRST, POOL, homes_of, was_filled, widened
from digest.editions.preview import not_chosen
from digest.editions.recent_articles import MOST
from digest.editions.still_worth import as_still, count_still
from digest.editions.translating import foreign_in, translated
from digest.timing.reader_day import LONGEST, reader_day
from digest.timing.schedule import midnight, zone_of
from storage.model import STILL_WORTH, Edition, EditionSection, Span, Taste

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from digest.editions.preview import LeftOutStory
    from storage.articles.articles import Articles
    from storage.articles.translations import Translations
    from storage.desk.corrections import Corrections
    from storage.desk.pins import Pins
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category, Delivery, EditionStory, Form, Subscriber


@dataclass(frozen=True, slots=True)
class ExplainedEdition:
    """A sent edition with the reasons for its choice."""

    edition: Edition
    """The edition; its sections do not count the stories left out, which `left_out` lists."""
    taste: Taste
    """The reader's choices at that time; empty if they are no longer stored."""
    left_out: tuple[LeftOutStory, ...]
    oldest: timedelta
    """The greatest age that a story could have."""


LOOKS = 20
BETWEEN_LOOKS = 0.1
"""Seconds between two looks at a ledger row that may still be written."""


class PastEditions:
    """The sent editions that the ledger knows, rebuilt on request."""

    def __init__(
        self,
        deliveries: Deliveries,
        articles: Articles,
        categories: Mapping[str, Category],
        pins: Pins | None = None,
        corrections: Corrections | None = None,
        *,
        translations: Translations | None = None,
    ) -> None:
        self._translations = translations
        self._pins = pins
        self._corrections = corrections
        self._deliveries = deliveries
        self._articles = articles
        self._kinds = CategoryKinds.among(categories)
        self._sections_of_names = sections_of_names(categories)

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """Return the edition that a message in a subscriber's chat belongs to, or None.

        A reader may tap a button before the ledger has recorded the message. So this waits up to
        two seconds while a delivery is in progress.
        """
        for _ in range(LOOKS):
            # Query this first: the second query finds what arrives between the two.
            is_sending = await self._deliveries.is_sending(subscriber_id)
            row = await self._deliveries.sent_as(subscriber_id, message_id)
            if row is not None or not is_sending:
                return row
            await asyncio.sleep(BETWEEN_LOOKS)
        return None

    async def all_written(self, subscriber_id: int) -> None:
        """Wait up to two seconds for a subscriber's deliveries in progress to be recorded."""
        for _ in range(LOOKS):
            if not await self._deliveries.is_sending(subscriber_id):
                return
            await asyncio.sleep(BETWEEN_LOOKS)

    async def of(self, subscriber_id: int, delivery_id: int) -> Delivery | None:
        """Return the delivery with this id, or None if it is not this subscriber's."""
        row = await self._deliveries.get(delivery_id)
        return row if row is not None and row.subscriber_id == subscriber_id else None

    async def note_form(self, row: Delivery, form: Form) -> None:
        """Record the form to which a reader changed an edition, so that a correction keeps it."""
        await self._deliveries.note_form(row.id, form)

    async def is_newest(self, row: Delivery) -> bool:
        """Return whether the reader has received no edition since this one."""
        return await self._deliveries.newest_sent(row.subscriber_id) == row.id

    async def edition(self, row: Delivery, *, more: int = 0) -> Edition:
        """Rebuild the edition: its stories, as far as the archive has them, with current texts."""
        taste, shown = await self._taste(row), await self.shown(row.id)
        had = frozenset[int]().union(*await self._had(row))
        others = await self._others(row, taste, shown, had)
        left_out = {each.category: len(each.stories) for each in others}
        edition = await self._rebuilt(row, taste, shown, left_out, had)
        if not more:
            return edition
        further = {each.category: each.stories[:more] for each in others}
        sections = (
            each._replace(more=tuple(further.get(each.category, ()))) if each.left_out else each
            for each in edition.sections
        )
        return replace(edition, sections=tuple(sections))

    async def shown_in(self, row: Delivery) -> Edition:
        """Rebuild the edition as `edition` does, without counting the stories left out."""
        taste, shown = await self._taste(row), await self.shown(row.id)
        had = frozenset[int]().union(*await self._had(row))
        return await self._rebuilt(row, taste, shown, {}, had)

    async def others(self, row: Delivery) -> tuple[EditionSection, ...]:
        """Return the stories that the edition left out, the best of each category first."""
        had = frozenset[int]().union(*await self._had(row))
        return await self._others(row, await self._taste(row), await self.shown(row.id), had)

    async def explained(self, row: Delivery) -> ExplainedEdition:
        """Rebuild the edition with the reasons for each story shown and each story left out."""
        taste, shown = await self._taste(row), await self.shown(row.id)
        oldest = FIRST if self._was_filled(row, shown, taste) else window(row.since, row.due)
        recent = await self._articles.recent(row.due - oldest, most=MOST)
        siblings = await self._articles.of_events({each.event for each in recent})
        by_then = {each.id: each for each in (*siblings, *recent) if each.id <= row.place_to}
        alerted, otherwise = await self._had(row)
        before = await self._deliveries.shown_before({row.subscriber_id}, row.due - LONGEST)
        day = reader_day(
            row.due,
            row.zone,
            None if row.asked else row.evening_minute,
            before.get(row.subscriber_id, ()),
        )
        left_out, _ = not_chosen(
            (by_then[number] for number in sorted(by_then)),
            taste,
            shown,
            now=row.due,
            oldest=oldest,
            place_from=row.place_from,
            alerted=alerted,
            shown_otherwise=otherwise,
            shown_earlier=await self._articles.many(day.shown) if day.shown else (),
            kinds=self._kinds,
        )
        edition = await self._rebuilt(row, taste, shown, {}, alerted | otherwise)
        return ExplainedEdition(edition, taste, left_out, oldest)

    async def on(self, subscriber: Subscriber, day: date, most: int) -> list[Delivery]:
        """Return the last `most` editions that a subscriber got on a local day, oldest first."""
        begins, ends = (midnight(each, subscriber.zone) for each in (day, day + timedelta(days=1)))
        found = await self._deliveries.sent_editions(
            subscriber.id, since=begins, until=ends, most=most
        )
        rows = [await self._deliveries.get(number) for number, _ in reversed(found)]
        return [row for row in rows if row is not None]

    async def latest(
        self, subscriber_id: int, most: int, *, since: datetime | None = None
    ) -> list[tuple[int, datetime]]:
        """Return id and due time of the last `most` editions that reached a subscriber."""
        return await self._deliveries.sent_editions(subscriber_id, since=since, most=most)

    async def shown(self, delivery_id: int) -> list[Article]:
        """Return the articles that a sent edition showed, in reading order."""
        return await self._articles.many(await self._deliveries.shown(delivery_id))

    async def missing(self, row: Delivery, edition: Edition) -> int:
        """Return how many stories of a sent edition are missing from the rebuilt one."""
        return len(await self._deliveries.shown(row.id)) - len(edition.stories)

    async def _rebuilt(
        self,
        row: Delivery,
        taste: Taste,
        shown: Sequence[Article],
        left_out: Mapping[str, int],
        had: frozenset[int],
    ) -> Edition:
        siblings = await self._articles.of_events({each.event for each in shown})
        entries = []
        pins = () if self._pins is None else await self._pins.active(row.due)
        leads = leading(pins, taste, row.due)
        chosen = bool(shown) and shown[0].id in leads
        still = count_still(shown[1:] if chosen else shown, row)
        for place, article in enumerate(shown):
            old = place >= len(shown) - still
            oldest = OLDEST_STILL if old else window(row.since, row.due)
            last = row.place_from if old else row.place_to
            copies = [each for each in siblings if each.event == article.event and each.id <= last]
            preferred = preferences(article, taste, self._kinds.houses)
            suiting = [each for each in copies if not each.backlog and matches(each, taste)]
            update = bool(had_before(copies, suiting, place_from=row.place_from, exclude=had))
            if chosen and not place:
                preferred, update = (LEADS, *preferred), False
            # Reports from hidden sources do not count.
            seen = [each for each in copies if each.source_id not in taste.muted_sources]
            value = news_value(article, self._kinds, copies)
            candidate = Candidate(
                article, seen or [article], row.due, oldest, preferred, value=value, update=update
            )
            entries.append(candidate)
        homes = frozenset[str]() if row.place_from else homes_of(taste, self._sections_of_names)
        edition = edition_of(row, entries, taste, left_out, homes=homes, still=still)
        return await self._marked(row, await self._translated(row, edition, taste))

    async def _translated(self, row: Delivery, edition: Edition, taste: Taste) -> Edition:
        foreign = [each.id for each in foreign_in(edition, taste, row.language)]
        if self._translations is None or not foreign:
            return edition
        found = await self._translations.look(row.language, foreign)
        return translated(edition, taste, row.language, found)

    async def _marked(self, row: Delivery, edition: Edition) -> Edition:
        if self._corrections is None:
            return edition
        stories = {each.article.id: each.article for each in edition.stories}
        found = await self._corrections.of_articles(stories)
        if not found:
            return edition
        zone = zone_of(row.zone)
        marks = {
            number: mark_of(
                stories[number],
                those,
                [each for each in those if each.made >= row.due],
                zone=zone,
                day=row.due.astimezone(zone).date(),
            )
            for number, those in found.items()
        }
        return marked(edition, marks)

    async def _others(
        self, row: Delivery, taste: Taste, shown: Sequence[Article], had: frozenset[int]
    ) -> tuple[EditionSection, ...]:
        if self._was_filled(row, shown, taste):
            oldest = FIRST
            found = await self._articles.first_candidates(
                widened(taste, homes_of(taste, self._sections_of_names)),
                place_to=row.place_to,
                since=row.due - oldest,
                most=POOL,
            )
            siblings = [replace(each, backlog=False) for each in found]
        else:
            oldest = window(row.since, row.due)
            candidates = await self._articles.candidates(
                taste, place_from=row.place_from, place_to=row.place_to, since=row.due - oldest
            )
            siblings = await self._articles.of_events({each.event for each in candidates})
        pool = CandidatePool(
            (each for each in siblings if each.id <= row.place_to),
            now=row.due,
            oldest=oldest,
            kinds=self._kinds,
        )
        return pool.others(
            taste,
            shown={each.event for each in shown},
            place_from=row.place_from,
            exclude=had,
            language=row.language,
        )

    @staticmethod
    def _was_filled(row: Delivery, shown: Sequence[Article], taste: Taste) -> bool:
        return not row.place_from and was_filled(shown, taste, row.due)

    async def _had(self, row: Delivery) -> tuple[frozenset[int], frozenset[int]]:
        """Return the ids of articles that the reader had had as alerts, and in other editions."""
        since = row.due - window(row.since, row.due)
        alerted = await self._deliveries.alerted({row.subscriber_id}, since)
        otherwise = await self._deliveries.shown_otherwise([row.id], since)
        return already_had(row, alerted), otherwise.get(row.subscriber_id, frozenset())

    async def _taste(self, row: Delivery) -> Taste:
        return (await self._deliveries.tastes({row.taste_key})).get(row.taste_key, Taste())


def edition_of(
    row: Delivery,
    shown: Sequence[Candidate],
    taste: Taste,
    left_out: Mapping[str, int],
    *,
    homes: frozenset[str] = frozenset(),
    still: int = 0,
) -> Edition:
    """Build an edition of these stories; earlier ones had left out the last `still`. Pure."""
    wide = widened(taste, homes)
    old = {each.article.id for each in shown[len(shown) - still :]}

    def category_of(entry: Candidate) -> str:
        article = entry.article
        if article.id in old and still < len(shown):
            return STILL_WORTH
        section = section_of(article, taste) or section_of(article, wide)
        # Its first category where the reader followed none of them.
        return section or next(iter(article.categories), "")

    def story_of(entry: Candidate) -> EditionStory:
        story = entry.story()
        return as_still(story) if entry.article.id in old else story

    if not shown:
        return Edition(None, ())
    covers = span(window(row.since, row.due))
    top = max(1, min(TOP, len(shown) - still)) if covers is Span.WEEK else 1
    lead, *biggest = shown[:top]
    counts = dict(left_out)
    sections = [
        # A category may come twice if articles were refiled since; count what it left out once.
        EditionSection(category, tuple(map(story_of, under)), counts.pop(category, 0))
        for category, under in groupby(shown[top:], category_of)
    ]
    sections += [EditionSection(category, (), count) for category, count in sorted(counts.items())]
    return Edition(
        story_of(lead),
        tuple(sections),
        top=tuple(EditionSection(category_of(each), (each.story(),)) for each in biggest),
        span=covers,
        since=row.since,
        lead_category=category_of(lead),
        # Only a first edition is filled with stories that its reader does not follow.
        added=0
        if row.place_from
        else sum(section_of(each.article, wide) is None for each in shown),
        still=still,
    )
