"""Sample values for the templates of stories: lists, cards and the reasons for an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.texts.sample_corrections import WITHDRAWN, corrections_of, why
from bot.texts.sample_readers import BOTH, READER_AND_GROUP, readers, subscribers
from digest.editions.preview import Why
from handlers.stories.listing import MOST, lengths
from handlers.stories.reports import ListedStory
from handlers.taps.callback_data import Scope
from handlers.typed.search_filters import Narrowed
from storage.model import (
    ChatKind,
    EditionStory,
    Reason,
    ReasonKind,
    StoryKind,
    Taste,
)

if TYPE_CHECKING:
    from bot.samples import Sample

    Values = dict[str, Any]


def listed(sample: Sample) -> list[Values]:
    """Return sample values for lists of each kind, long and short."""
    reader = sample.subscriber()
    stranger = replace(reader, taste=Taste())
    pages = [(scope, 0, first, stranger) for scope in Scope for first in (1, 21)]
    pages += [(Scope.FOLLOWS, 0, 1, reader), (Scope.SEARCH, 1, 1, reader)]
    pages += [(Scope.CATEGORY, 0, 1, reader)]
    groups = [replace(each, kind=ChatKind.GROUP) for each in (stranger, reader)]
    pages += [(Scope.FOLLOWS, 0, 1, each) for each in groups]
    pages += [(Scope.CATEGORY, 0, 1, groups[1])]
    pages += [(Scope.CATEGORY, 1, 1, each) for each in (reader, groups[1])]
    pages += [(Scope.ALL, sample.most, 981, reader)]
    # A list too long to name the sources.
    pages += [(Scope.ALL, 12, 1, reader)]
    searches = [(Scope.SEARCH, count, 1, reader) for count in (0, 1)]
    one_word, today = sample.of("query"), sample.now.date()
    everything = Narrowed(sample.text, sample.sources(4), frozenset({1}), "china")
    since_today = replace(everything, since=today)
    one_day = replace(since_today, before=today + timedelta(days=1))
    return [
        {
            "subscriber": each,
            "scope": scope.name.lower(),
            "category": "gucci",
            "query": query,
            "stories": [
                ListedStory(each, also_in=sample.sources(each.id % 4))
                for each in sample.articles(count)
            ],
            "narrowed": narrowed if scope is Scope.SEARCH else None,
            "by_day": scope not in {Scope.SEARCH, Scope.SAVED},
            "cut": cut,
            "near": near,
            "muted": [sample.of("category")] if scope is Scope.CATEGORY and count else [],
            "first": first,
            "beside": beside,
            # The longest list shortens its lines, even if the sample shows only a few of them.
            "lengths": lengths(MOST if count == sample.most else max(count, 1)),
            "now": sample.now,
        }
        for shown, cut, query, near, narrowed in (
            (searches, True, one_word, (), since_today),
            (searches[:1], False, sample.of("words"), ("bentley",), since_today),
            (searches[:1], False, sample.of("words"), ("bentley", "bulgari"), since_today),
            (searches[:1], False, f"{one_word} {sample.of('word')}", (), since_today),
            (searches[:1], False, "", (), everything),
            (pages, False, one_word, (), since_today),
            (searches, False, "", (), since_today),
            (searches, False, "", (), one_day),
        )
        for scope, count, first, each in shown
        for beside in {False, scope is Scope.CATEGORY and not cut}
    ]


def shared(sample: Sample) -> list[Values]:
    """Return sample values for the list of stories that a reader sent to friends."""
    return [
        {"sent": [], "now": sample.now},
        {"sent": [(each, each.id - 1) for each in sample.articles(sample.most)], "now": sample.now},
    ]


def shared_card(sample: Sample) -> list[Values]:
    """Return sample values for a story as a friend gets it."""
    return [
        {
            "article": each,
            "reason": why(sample),
            "bot_link": "https://t.me/OnNewsBot?start=a1-abc",
            "now": sample.now,
        }
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
    ]


def friend_card(sample: Sample) -> list[Values]:
    """Return sample values for a story that a friend has sent, as its link shows it."""
    return [
        {
            "subscriber": reader["subscriber"],
            "article": each,
            "by_friend": by,
            "now": sample.now,
            "corrected": corrections_of(sample)[0] if by else None,
            "reason": why(sample),
        }
        for reader in readers(sample)
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for by in BOTH
    ]


def why_these(sample: Sample) -> list[Values]:
    """Return sample values for the reasons of an edition, with and without stories left out."""
    article = sample.article()
    first = _reasons(lead=1, source=85, carried=12, quick=5, more="gucci", more_of_source=1)
    second = _reasons(source=50, carried=1, less="motor", less_of_source=1)
    what = {Why.HOUSE: "gucci", Why.LESS: "gucci", Why.CATEGORY: "motor", Why.LANGUAGE: "it"}
    what |= {Why.WORD: sample.of("word")}
    groups = [
        (why.value, what.get(why, sample.of("source")), sample.articles(min(count, 3)), count)
        for why in Why
        for count in (1, 9)
    ]
    first += tuple(Reason(ReasonKind.WEIGHT, 3, 240, each) for each in ("", *StoryKind))
    second += (Reason(ReasonKind.WEIGHT, 2, 180, StoryKind.DEAL),)
    stories = [
        (1, EditionStory(article, reasons=first, update=True), "motor", (), False),
        (2, EditionStory(sample.article(2), reasons=second), "style", (), True),
        (3, EditionStory(sample.article(3)), "", (sample.of("word"), "creative director"), False),
    ]
    return [
        {
            "subscriber": each,
            "due": sample.now,
            "stories": stories,
            "left_out": left_out,
            "most": 3,
            "days": 8,
        }
        for each in subscribers(sample, *READER_AND_GROUP)
        # A few reasons at a time, as no edition has them all.
        for left_out in ([], *(groups[start : start + 6] for start in range(0, len(groups), 6)))
    ]


def _reasons(**kinds: int | str) -> tuple[Reason, ...]:
    """Return reasons, each with its figure, or with the category that it is about."""
    return tuple(
        Reason(
            ReasonKind(kind.replace("_", "-")),
            of if isinstance(of, int) else 0,
            5,
            of if isinstance(of, str) else "",
        )
        for kind, of in kinds.items()
    )
