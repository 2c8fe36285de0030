"""Sample values for every template, for each of its states.

A template without an entry fails its test. An entry takes a `Sample` and returns a list: a mapping
of values for each state of the template.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.alarms.declared import ALARMS
from bot.samples import GONE
from bot.texts.sample_conversations import CONVERSATIONS
from bot.texts.sample_corrections import WITHDRAWN, corrections_of, marks, why
from bot.texts.sample_desk import DESK
from news.health import TROUBLE, Condition, Health
from storage.model import (
    YOUR_WORDS,
    EditionStory,
    Show,
    Source,
    SourceKind,
    SourceState,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.alarms.alarm import Alarm
    from bot.samples import Sample

    Values = dict[str, Any]


def _masthead(sample: Sample) -> list[Values]:
    return [
        {
            "now": sample.now,
            "zone": sample.zone,
            "time_of_day": time,
            "evening": time == "evening",
            "count": count,
            "span": span,
            "added": added,
            "still": still,
            "catch_up": catch_up,
            "since": since,
            "minutes": min(count, 4),
            "names": sample.of("category" if count == 1 else "names") or "Motor",
        }
        for time, span in (
            ("morning", Span.DAY),
            ("afternoon", Span.DAYS),
            ("evening", Span.DAY),
            ("night", Span.DAY),
            ("morning", Span.WEEK),
        )
        for count in (0, 1, 12, 13)
        for added, still in {(0, 0), (count, 0), (0, count)}
        for catch_up, since in ((False, ""), (True, ""), (False, sample.of("since") or "08:00"))
    ]


def _story(sample: Sample) -> list[Values]:
    return [
        {
            "article": article,
            "also_in": sample.sources(others),
            "update": others == 4,
            "standfirsts": standfirsts,
            "number": others or None,
            "ran": (date(2026, 11, 13), date(2026, 11, 14 + others), others + 1)
            if others
            else None,
            "day": (date(2026, 11, 22), others < 4) if others != 1 else None,
            "mark": marks(sample)[others],
        }
        for article in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for others in (0, 1, 4, 9)
        for standfirsts in (True, False)
    ]


def _left_out(sample: Sample) -> list[Values]:
    all_stories = [EditionStory(each, also_in=sample.sources(5)) for each in sample.articles(12)]
    numbered = list(enumerate(all_stories, start=1))
    some = [("motor", numbered[:5]), ("", numbered[5:7]), (GONE, numbered[7:])]
    return [
        {"subscriber": sample.subscriber(), "due": sample.now, "sections": sections}
        for sections in (some, [])
    ]


def _card(sample: Sample) -> list[Values]:
    return [
        {
            "article": article,
            "also_in": sample.sources(5),
            "zone": sample.zone,
            "now": now,
            "corrected": corrected,
            "reason": why(sample),
            "under": "gucci" if corrected else "",
        }
        for article in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for corrected in (None, *corrections_of(sample)[:2])
        for now in (None, sample.now)
    ]


def _read(sample: Sample) -> list[Values]:
    return [
        {
            "article": sample.article(),
            "text": sample.of("body") or "…",
            "page": page,
            "pages": pages,
        }
        for page, pages in ((1, 1), (1, 2), (2, 2))
    ]


def _alarm(alarm: Alarm, sample: Sample) -> list[Values]:
    """Return the values of an alarm's beginning and of its end, for each of its sample facts."""
    return [
        {**facts, "since": since, "until": until, "now": sample.now, "zone": sample.zone}
        for facts in alarm.samples(sample)
        for since in (sample.now - timedelta(hours=2), sample.now - timedelta(days=2))
        for until in (None, sample.now)
    ]


def _offline_alarm(sample: Sample) -> list[Values]:
    return [
        {"since": sample.now - away, "until": sample.now, "zone": "Europe/Rome", "now": sample.now}
        for away in (timedelta(minutes=4), timedelta(hours=51), timedelta(hours=51, minutes=4))
    ]


def _new_senders(sample: Sample) -> list[Values]:
    sender = replace(_source(sample), url="mail:news@example.com", state=SourceState.PAUSED)
    return [{"senders": [sender] * count} for count in (1, 2, 13, 14)]


def _source(sample: Sample) -> Source:
    return Source(
        id=1,
        name=sample.of("source"),
        url=sample.url,
        site=sample.url,
        kind=SourceKind.FEED,
        state=SourceState.ACTIVE,
        language=None,
        weight=50,
        categories=(),
        read_pages=False,
        full_text=Show.PRIVATE,
        pictures=Show.YES,
        paywall=None,
        selectors={},
        etag=None,
        last_modified=None,
        interval=3600,
        next_check=sample.now,
        failures=9,
        last_ok=None,
        last_new=None,
        last_error=sample.of("reason"),
        added=sample.now,
    )


def _sources_alarm(sample: Sample) -> list[Values]:
    source = _source(sample)
    bad = [Health(source, each, sample.now, sample.of("reason")) for each in TROUBLE]
    good = [Health(source, Condition.FINE)]
    return [
        {
            "bad": troubled,
            "good": well,
            "thin": thin,
            "cut_off": bool(troubled),
            "zone": sample.zone,
            "now": sample.now,
        }
        for troubled, well, thin in (
            (bad[:1], [], []),
            (bad, good, ["motor", GONE]),
            ([], [], ["motor"] * (sample.most + 10)),
            ([], [], ["motor"] * (sample.most + 11)),
            (bad * 3, good * sample.most, ["motor", "gucci", "china"][: sample.most]),
            ([], good, []),
        )
    ]


SAMPLE_VALUES: dict[str, Callable[[Sample], list[Values]]] = {
    # Parts of an edition
    "edition_masthead": _masthead,
    "edition_headline": lambda sample: [
        {"article": article, "others": others}
        for article in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for others in (0, 1, 8)
    ],
    "edition_under_headline": _story,
    "edition_lead": _story,
    "edition_section": lambda _: [
        {"category": slug} for slug in ("motor", "china", "gucci", "kering", GONE)
    ],
    "edition_story": _story,
    "edition_kicker": lambda _: [
        {"category": slug} for slug in ("motor", "china", "gucci", "kering", GONE)
    ],
    "edition_count": lambda _: [
        {"category": category, "count": count}
        for category, count in (*(("motor", 7), ("motor", 1), ("gucci", 1000), (GONE, 2), ("", 9)),)
    ],
    "edition_added": lambda _: [{}],
    "edition_unread": lambda _: [
        {"categories": ("china",), "languages": ("zh",)},
        {"categories": ("china", "motor", "italy", "style"), "languages": ("zh", "it")},
    ],
    "edition_footer": lambda sample: [{"counts": sample.of("counts") or "2"}],
    "left_out": _left_out,
    "layout_page": lambda sample: [
        {
            "edition": replace(
                sample.edition(stories=5),
                sections=sample.edition(stories=5).sections[:1],
                lead_category="motor",
            ),
            "now": sample.now,
            "zone": sample.zone,
        }
    ],
    # Single stories
    "alert": lambda sample: [
        {"article": article, "section": section, "words": words, "mark": mark}
        for mark in marks(sample).values()
        for article, section, words in zip(
            sample.articles(3),
            (None, YOUR_WORDS, "china"),
            ((), (sample.of("word"), "creative director"), ()),
            strict=True,
        )
    ],
    "card": _card,
    "read": _read,
    "corrections": lambda sample: [
        {"corrections": each, "first": first, "zone": sample.zone, "now": sample.now}
        for each in (corrections_of(sample), [])
        for first in (1, 11)
    ],
    **CONVERSATIONS,
    # Messages to operators
    "admission": lambda _: [
        {"outcome": outcome, "id": 1234, "allow": allow}
        for outcome in ("banned", "allowed", "operator", "")
        for allow in (True, False)
    ],
    "new_senders": _new_senders,
    "offline_alarm": _offline_alarm,
    "sources_alarm": _sources_alarm,
    **{f"alarm_{alarm.name}": partial(_alarm, alarm) for alarm in ALARMS},
    **DESK,
}
