"""The input from which a delivery's edition is chosen, and its cache keys."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from digest.choosing.ranking import covered_since, leading, let_in
from digest.editions.first_edition import FurtherArticles
from digest.timing.reader_day import ALONE
from digest.timing.schedule import zone_of
from storage.model import Delivery, DeliveryKind, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from digest.editions.recent_articles import RecentArticles
    from digest.timing.reader_day import ReaderDay
    from storage.ledger.deliveries import Deliveries
    from storage.model import Edition, Subscriber, Taste

EARLY = timedelta(days=1)
"""How long before its time of publication, which may be still to come, a story may be shown."""

_NONE = frozenset[int]()


def already_had(row: Delivery, *had: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """Return the ids of articles that a row's reader has received: alerts, editions, just read."""
    named = frozenset[int]() if row.article_id is None else frozenset((row.article_id,))
    return named.union(*(each.get(row.subscriber_id, frozenset()) for each in had))


async def missed_leads(
    deliveries: Deliveries,
    rows: Iterable[tuple[Delivery, Taste, RecentArticles]],
    until: datetime,
) -> Mapping[int, frozenset[int]]:
    """Return the lead stories that came before a reader's last edition and that the reader missed.

    An edition left them out, or they were made lead stories after it. The reader received no report
    of the same event.

    Returns:
        Row id → article ids; rows without any are left out.
    """
    earlier = [
        (row, leads, recent)
        for row, taste, recent in rows
        if (leads := recent.earlier_leads(taste, row))
    ]
    if not earlier:
        return {}
    since = min(lead.published for _, leads, _ in earlier for lead in leads) - EARLY
    shown = await deliveries.shown_to([row for row, _, _ in earlier], since, until)
    alerted = await deliveries.alerted({row.subscriber_id for row, _, _ in earlier}, since)
    missed: dict[int, frozenset[int]] = {}
    for row, leads, recent in earlier:
        had = shown.get(row.subscriber_id, _NONE) | alerted.get(row.subscriber_id, _NONE)
        left = frozenset(each.id for each in leads if had.isdisjoint(recent.reports_of(each)))
        if left:
            missed[row.id] = left
    return missed


async def led_elsewhere(
    deliveries: Deliveries,
    rows: Iterable[tuple[Delivery, RecentArticles]],
    tastes_of: Callable[[Iterable[Delivery]], Awaitable[Mapping[str, Taste]]],
) -> Mapping[int, frozenset[int]]:
    """Return everybody's lead stories that come to a forum in an edition due before a row's.

    Returns:
        Row id → article ids; rows without any are left out.
    """
    for_all = [
        (row, recent, pins)
        for row, recent in rows
        if row.chat_id < 0
        and (pins := [each for each in recent.pins if not each.categories and each.until > row.due])
    ]
    if not for_all:
        return {}
    since = min(pin.created for _, _, pins in for_all for pin in pins)
    others = await deliveries.of_chats({row.chat_id for row, _, _ in for_all}, since)
    tastes = await tastes_of([other for other, _ in others])
    found: dict[int, frozenset[int]] = {}
    for row, recent, pins in for_all:
        led: set[int] = set()
        for other, recorded in others:
            mine = other.subscriber_id == row.subscriber_id or other.chat_id != row.chat_id
            if mine or (other.due, other.id) >= (row.due, row.id):
                continue
            taste = tastes[other.taste_key]
            numbers = leading(recent.pins, taste, other.due)
            shown = recorded
            if shown is None:
                # It is still to be made: it begins with the first story that may lead it.
                may_lead = (
                    each.id
                    for each in recent.among(numbers)
                    if each.id <= other.place_to and each.id not in led and let_in(each, taste)
                )
                shown = frozenset(islice(may_lead, 1))
            led |= shown.intersection(numbers)
        led &= {pin.article_id for pin in pins}
        if led:
            found[row.id] = frozenset(led)
    return found


def unwritten(subscriber: Subscriber, now: datetime, taste_key: str, place_to: int) -> Delivery:
    """Return a row of an edition that a subscriber might ask for now; the ledger has none."""
    return Delivery(
        id=0,
        subscriber_id=subscriber.id,
        chat_id=subscriber.chat_id,
        thread_id=subscriber.thread_id,
        kind=DeliveryKind.EDITION,
        due=now,
        state=DeliveryState.PLANNED,
        language=subscriber.language,
        zone=subscriber.zone,
        layout=subscriber.layout,
        empty_note=False,
        taste_key=taste_key,
        place_from=subscriber.place,
        place_to=place_to,
        article_id=None,
        part=0,
        attempts=0,
        since=subscriber.edition_at,
        asked=True,
    )


def said_since(row: Delivery) -> datetime | None:
    """Return the start of the news that an edition says it covers; None unless it was asked for."""
    return covered_since(row.since, row.due) if row.asked else None


class Choice:
    """The input from which one delivery's edition is chosen, and its cache keys."""

    __slots__ = (
        *("chosen_by", "day", "edition", "empty_note", "further", "had", "looks", "many"),
        *("missed", "recent", "row", "taste"),
    )

    def __init__(
        self,
        row: Delivery,
        taste: Taste,
        had: frozenset[int],
        day: ReaderDay,
        recent: RecentArticles,
        *,
        many: bool,
        missed: frozenset[int] = frozenset(),
    ) -> None:
        self.row = row
        self.taste = taste
        self.had = had
        self.missed = missed
        """Ids of lead stories of earlier days that the reader has not received."""
        self.day = day
        self.empty_note = row.empty_note and not day.silent
        """Whether the edition says in one line that there is no news, rather than being skipped."""
        self.recent = recent
        self.many = many
        self.further = FurtherArticles()
        """What a first edition is filled from."""
        self.edition: Edition | None = None
        """The edition; None until it is chosen."""
        self.chosen_by = (
            row.taste_key,
            row.place_from,
            row.place_to,
            row.since,
            row.due,
            row.language,
            had,
            missed,
            None if day is ALONE else day,  # most have it; None hashes faster
            recent.read_at,
        )
        # Editions look the same if their local date and time, the rules for their pictures, and
        # whether a reader asked for them are the same.
        wall = row.due.astimezone(zone_of(row.zone)).replace(tzinfo=None)
        place = (row.public, row.chat_id > 0, row.asked)
        self.looks: tuple[Any, ...] = (
            *self.chosen_by,
            row.layout,
            wall,
            row.kind,
            self.empty_note,
            place,
        )


class FrontPage(NamedTuple):
    """The input of a front page in any form. It is cached, so it holds nothing large."""

    row: Delivery
    """One of the deliveries that carry it."""
    edition: Edition
    looks: tuple[Any, ...]
    sources: int
    """Number of sources with something new."""
