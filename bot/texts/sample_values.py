"""Sample values for every template, for each of its states.

A template without an entry fails its test. An entry takes a `Sample` and returns a list: a mapping
of values for each state of the template.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.samples import GONE
from bot.texts.sample_alarms import ALARMS
from bot.texts.sample_conversations import CONVERSATIONS
from bot.texts.sample_desk import DESK
from storage.model import (
    YOUR_WORDS,
    ArticleState,
    Correction,
    EditionStory,
    Grade,
    Span,
    StoryMark,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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
            ("morning", Span.WEEK),
        )
        for count in (0, 1, 12, 13)
        for added, still in {(0, 0), (count, 0), (0, count)}
        for catch_up, since in ((False, ""), (True, ""), (False, sample.of("since") or "08:00"))
    ]


WITHDRAWN = ArticleState.WITHDRAWN


def _why(sample: Sample) -> str:
    """Return why a story was withdrawn."""
    return sample.of("reason") or "The deal was not signed."


def _marks(sample: Sample) -> dict[int, StoryMark | None]:
    """Return the marks of stories in copies that were edited, by the number of other sources."""
    return {
        0: None,
        1: StoryMark(Grade.FACT, sample.now, other_day=False),
        4: StoryMark(Grade.FACT, sample.now, other_day=True),
        9: StoryMark(Grade.WITHDRAWN, sample.now, other_day=False, reason=_why(sample)),
    }


def corrections_of(sample: Sample) -> list[Correction]:
    """Return corrections: of a headline, of a summary, and a withdrawal."""
    article = sample.article()
    headline = Correction(
        id=1,
        article_id=article.id,
        made=sample.now,
        grade=Grade.FACT,
        link=article.link,
        title_was=sample.of("headline") or "The former headline",
        standfirst_was=article.standfirst,
        title=article.title,
        standfirst=article.standfirst,
        reason=None,
        version=1,
        wrong_since=article.first_seen,
        undone=False,
        changed=2_003,
        waiting=1,
    )
    summary = replace(headline, title_was=article.title, standfirst_was="", changed=1, waiting=0)
    withdrawn = replace(headline, grade=Grade.WITHDRAWN, reason=_why(sample), changed=0, waiting=7)
    return [headline, summary, withdrawn]


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
            "mark": marks[others],
        }
        for marks in (_marks(sample),)
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
            "reason": corrections_of(sample)[2].reason,
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
                sample.edition(stories=5), sections=sample.edition(stories=5).sections[:1]
            ),
            "now": sample.now,
            "zone": sample.zone,
        }
    ],
    # Single stories
    "alert": lambda sample: [
        {"article": article, "section": section, "words": words, "mark": mark}
        for mark in _marks(sample).values()
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
    **ALARMS,
    **DESK,
}
