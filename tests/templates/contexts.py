"""Example values for every template: a template without an entry fails its test.

An entry takes a `Sample`, whose words are as hostile as the test wants them, and gives the
values that the template is rendered with. A template may have several entries' worth of states:
give a list of values, one for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from storage.model import (
    Article,
    Category,
    ChatKind,
    Edition,
    EditionSection,
    EditionStory,
    Kind,
    Layout,
    Span,
    State,
    Subscriber,
    Taste,
)
from tests.templates.conversations import CONVERSATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

Values = dict[str, Any]

CATEGORIES = {
    "motor": Category("motor", "Motor", Kind.SECTION),
    "style": Category("style", "Style", Kind.SECTION),
    "china": Category("china", "China", Kind.MARKET),
    "real-estate": Category("real-estate", "Real Estate", Kind.SECTION),
    "gucci": Category("gucci", "Gucci", Kind.HOUSE, group="kering"),
    "kering": Category("kering", "Kering", Kind.GROUP),
}


@dataclass(frozen=True)
class Sample:
    """What a test renders templates with."""

    text: str
    """Whatever a source or a reader may write."""
    url: str
    now: datetime
    zone: str = "Europe/Rome"

    def article(self, number: int = 1, *, categories: tuple[str, ...] = ("motor",)) -> Article:
        """An article whose every word is the sample's."""
        return Article(
            id=number,
            story_id=number,
            source_id=1,
            source=self.text,
            source_weight=50,
            link=self.url,
            title=self.text,
            standfirst=self.text,
            image=self.url,
            author=self.text,
            language="en",
            published=self.now,
            first_seen=self.now,
            categories=categories,
            pinned=False,
            backlog=False,
            has_body=True,
        )

    def articles(self, count: int) -> list[Article]:
        """Several articles, some of them in no category that the taxonomy knows."""
        filed = (("motor", "gucci", "china"), (), ("no-longer-here",))
        return [self.article(each, categories=filed[each % 3]) for each in range(1, count + 1)]

    def subscriber(self) -> Subscriber:
        """A reader who follows, and mutes a word of the sample; `replace` makes other states."""
        return Subscriber(
            id=1,
            chat_id=42,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            state=State.ACTIVE,
            language="en",
            zone=self.zone,
            digest_minute=480,
            days=127,
            layout=Layout.SUMMARIES,
            empty_note=False,
            quiet_from=None,
            quiet_to=None,
            paused_until=None,
            next_at=self.now,
            place=0,
            taste=Taste(
                frozenset({"motor", "gucci"}), frozenset({"style"}), frozenset({self.text})
            ),
            created=self.now,
        )

    def edition(self, *, stories: int = 12) -> Edition:
        """An edition with a lead and two sections."""
        told = [EditionStory(each, also_in=(self.text,) * 5) for each in self.articles(stories)]
        middle = 1 + (len(told) - 1) // 2
        return Edition(
            told[0],
            (
                EditionSection("motor", tuple(told[1:middle]), left_out=7),
                EditionSection("gucci", tuple(told[middle:]), left_out=1),
            ),
        )


MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def article(number: int, title: str, **changes: object) -> Article:
    """A story of that morning."""
    sample = Sample(title, f"https://example.com/{number}", MORNING).article(number)
    plain_words = {"standfirst": "What happened.", "source": "WWD", "image": None, "author": None}
    return replace(sample, **{**plain_words, **changes})  # type: ignore[arg-type]


def _masthead(sample: Sample) -> list[Values]:
    return [
        {
            "now": sample.now,
            "zone": sample.zone,
            "time_of_day": time,
            "count": count,
            "span": span,
            "added": added,
            "catch_up": catch_up,
            "names": sample.text or "Motor",
        }
        for time, span in (
            ("morning", Span.DAY),
            ("afternoon", Span.DAYS),
            ("evening", Span.DAY),
            ("morning", Span.WEEK),
        )
        for count in (0, 1, 12, 13)
        for added in {0, 1, count}
        for catch_up in (False, True)
    ]


def _story(sample: Sample) -> list[Values]:
    return [
        {
            "article": article,
            "also_in": (sample.text,) * others,
            "update": others == 4,
            "standfirsts": standfirsts,
            "number": others or None,
            "ran": (date(2026, 11, 13), date(2026, 11, 14 + others), others) if others else None,
        }
        for article in sample.articles(3)
        for others in (0, 1, 4, 9)
        for standfirsts in (True, False)
    ]


def _left_out(sample: Sample) -> list[Values]:
    told = [EditionStory(each, also_in=(sample.text,) * 5) for each in sample.articles(12)]
    numbered = list(enumerate(told, start=1))
    some = [("motor", numbered[:5]), ("", numbered[5:7]), ("no-longer-here", numbered[7:])]
    return [
        {"subscriber": sample.subscriber(), "due": sample.now, "sections": sections}
        for sections in (some, [])
    ]


def _card(sample: Sample) -> list[Values]:
    return [
        {"article": article, "also_in": (sample.text,) * 5, "zone": sample.zone, "now": now}
        for article in sample.articles(3)
        for now in (None, sample.now)
    ]


def _read(sample: Sample) -> list[Values]:
    return [
        {"article": sample.article(), "text": sample.text or "…", "page": page, "pages": pages}
        for page, pages in ((1, 1), (1, 2), (2, 2))
    ]


CONTEXTS: dict[str, Callable[[Sample], list[Values]]] = {
    # Pieces of an edition
    "edition_masthead": _masthead,
    "edition_lead": _story,
    "edition_section": lambda _: [{"category": slug} for slug in (*CATEGORIES, "no-longer-here")],
    "edition_story": _story,
    "edition_kicker": lambda _: [{"category": slug} for slug in (*CATEGORIES, "no-longer-here")],
    "edition_count": lambda _: [
        {"category": category, "count": count}
        for category, count in (
            *(("motor", 7), ("motor", 1), ("gucci", 1000), ("no-longer-here", 2), ("", 9)),
        )
    ],
    "edition_footer": lambda sample: [{"counts": sample.text or "2"}],
    "left_out": _left_out,
    "layout_page": lambda sample: [
        {
            "edition": replace(
                sample.edition(stories=5), sections=sample.edition(stories=5).sections[:1]
            ),
            "now": sample.now,
            "zone": sample.zone,
        }
    ],
    # Single stories
    "alert": lambda sample: [{"article": article} for article in sample.articles(3)],
    "card": _card,
    "read": _read,
    **CONVERSATIONS,
}
