"""Lead stories that editors chose come first in the editions of their readers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from digest.choosing.edition import CandidatePool
from digest.editions.past_editions import PastEditions
from storage.model import Article, ChatKind, Edition, ReasonKind, Taste
from storage.model.desk_model import Pin
from tests.digest.conftest import CATEGORIES, MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.digest.conftest import Paper

    Make = Callable[..., Article]

HOUR = timedelta(hours=1)
MOTOR, STYLE = (Taste(follows=frozenset({slug})) for slug in ("motor", "style"))


def pin(number: int, *categories: str, until: timedelta = HOUR) -> Pin:
    return Pin(number, MONDAY + until, frozenset(categories), MONDAY - HOUR)


def chosen(articles: list[Article], taste: Taste, *pins: Pin, **values: Any) -> Edition:  # noqa: ANN401 - what `edition` takes
    pool = CandidatePool(articles, now=MONDAY, pins=pins)
    return pool.edition(taste, **{"size": 3, "place_from": 0, **values})


def ids(edition: Edition) -> list[int]:
    return [story.article.id for story in edition.stories]


def test_a_lead_story_comes_first_for_those_who_follow_one_of_its_categories(
    an_article: Make,
) -> None:
    articles = [an_article(number, source_weight=90) for number in range(1, 6)]
    articles.append(an_article(6, source_weight=1))
    assert 6 not in ids(chosen(articles, MOTOR))
    edition = chosen(articles, MOTOR, pin(6, "motor", "style"))
    assert ids(edition)[0] == 6
    assert len(edition.stories) == 3
    assert edition.lead is not None
    assert ReasonKind.LEAD in {each.kind for each in edition.lead.reasons}
    assert ids(edition)[1:] == ids(chosen(articles, MOTOR))[:2]


def test_a_lead_story_is_for_no_other_readers_unless_it_is_for_all(an_article: Make) -> None:
    articles = [an_article(1, categories=("style",)), an_article(2)]
    assert ids(chosen(articles, STYLE, pin(2, "motor"))) == [1]
    edition = chosen(articles, STYLE, pin(2))
    assert ids(edition) == [2, 1]
    assert edition.lead_category == "motor"
    assert ids(chosen(articles[1:], STYLE, pin(2))) == [2]


@pytest.mark.parametrize(
    "out",
    [
        {"place_from": 2},
        {"exclude": {2}},
        {"taste": Taste(follows=STYLE.follows, muted_categories=frozenset({"motor"}))},
        {"pins": [pin(2, until=-HOUR)]},
        {"pins": [Pin(2, MONDAY + 2 * HOUR, frozenset(), MONDAY + HOUR)]},
    ],
)
def test_a_lead_story_never_comes_twice_nor_against_a_readers_choice_nor_out_of_its_time(
    an_article: Make, out: dict[str, Any]
) -> None:
    articles = [an_article(3, categories=("style",)), an_article(2)]
    taste, pins = out.pop("taste", STYLE), out.pop("pins", [pin(2)])
    assert ids(chosen(articles, taste, *pins, **out)) == [3]


def test_a_lead_story_of_an_earlier_day_comes_first_for_readers_who_missed_it(
    an_article: Make,
) -> None:
    articles = [an_article(3, categories=("style",)), an_article(2)]
    missed = {"place_from": 2, "missed": {2}}
    assert ids(chosen(articles, STYLE, pin(2), **missed)) == [2, 3]
    assert ids(chosen(articles[1:], STYLE, pin(2), **missed)) == [2]
    assert ids(chosen(articles, STYLE, pin(2, "motor"), **missed)) == [3]


def test_of_two_lead_stories_the_one_pinned_last_comes_first(an_article: Make) -> None:
    articles = [an_article(1, source_weight=90), an_article(2), an_article(3)]
    assert ids(chosen(articles, MOTOR, pin(3, "motor"), pin(2, "motor")))[0] == 3


async def test_mornings_have_a_lead_story_of_any_age_once_for_those_who_missed_it(
    paper: Paper,
) -> None:
    shown = await paper.article("Prada buys Versace", "style")
    old = await paper.article("A house changes hands", "style", age=timedelta(days=20))
    readers = [await paper.reader(7, "style"), await paper.reader(8, "motor")]
    for number in range(6):
        # Enough that the first edition is not filled with what its reader did not choose.
        await paper.article(f"Maker {number} raises its forecast", "motor", source=f"{number}")
    await paper.morning()
    for number in (old, shown):
        await paper.pins.lead(
            number, MONDAY + timedelta(days=9), (), person_id=1, now=paper.time.now
        )

    past = PastEditions(paper.deliveries, paper.articles, CATEGORIES, paper.pins)
    mornings: list[list[list[int]]] = []
    for _ in range(3):
        now = paper.time.pass_(days=1)
        expected = [ids(await paper.preview(each.id)) for each in readers]
        await paper.morning()
        rows = sorted(await paper.ledger(), key=lambda row: row.chat_id)
        sent = [row for row in rows if row.due == now]
        mornings.append([list(await paper.deliveries.shown(row.id)) for row in sent])
        assert mornings[-1] == expected
        assert [ids(await past.edition(row)) for row in sent] == expected
        await paper.article("News", "motor", "style")
    assert mornings == [[[old], [shown]], [[9], [old, 9]], [[10], [10]]]


async def test_a_lead_for_everybody_comes_once_to_a_forum_where_it_is_due_first(
    paper: Paper,
) -> None:
    topic = ChatKind.TOPIC
    before = await paper.article("Before", "motor")
    # Two are due together; the first may not get the lead, nor does the channel share with them.
    await paper.reader(
        -7, "style", kind=topic, thread_id=1, place=before, languages=frozenset({"it"})
    )
    for thread_id, slug in enumerate(("style", "motor"), start=2):
        await paper.reader(-7, slug, kind=topic, thread_id=thread_id, place=before)
    group = await paper.reader(-7, "china", kind=ChatKind.GROUP, minute=9 * 60, place=before)
    await paper.reader(-8, "style", kind=ChatKind.CHANNEL, place=before)
    await paper.reader(9, "motor", place=before)
    lead = await paper.article("Prada buys Versace", "motor")
    await paper.pins.lead(lead, MONDAY + timedelta(days=3), (), person_id=1, now=paper.time.now)
    own = await paper.article("A coat", "style")
    await paper.pins.lead(
        own, MONDAY + timedelta(days=3), ("style",), person_id=1, now=paper.time.now
    )
    for _ in range(3):
        await paper.article(f"A car of {paper.time.now:%A}", "motor")
        await paper.article(f"A coat of {paper.time.now:%A}", "style")
        await paper.article(f"A mall of {paper.time.now:%A}", "china")
        await paper.morning()
        paper.time.pass_(hours=1, minutes=1)
        assert lead not in ids(await paper.preview(group.id))
        await paper.morning()
        paper.time.pass_(hours=22, minutes=59)
    leads = [
        (sent.chat_id, sent.thread_id)
        for sent in paper.outbox.sent
        if "Prada buys Versace" in sent.text
    ]
    # The topic of style begins with the lead of style, which is for no other.
    assert sorted(leads) == [(-8, 0), (-7, 3), (9, 0)]
    assert len(paper.outbox.sent) == 3 * 5
