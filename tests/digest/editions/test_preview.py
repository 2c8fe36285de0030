from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.output.reasons import why_not
from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import OLDEST
from digest.editions.preview import EditionPreview, Why, explain, preview
from storage.ledger.delivery_stats import Ledger
from storage.model import ReasonKind, State, Taste
from tests.digest.conftest import CATEGORIES, MONDAY, Paper

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.model import Article, Subscriber

    Make = Callable[..., Article]

READS = Taste(
    follows=frozenset({"motor", "style"}),
    muted_categories=frozenset({"china"}),
    muted_words=frozenset({"recall", "horse"}),
    languages=frozenset({"en"}),
)


def explained(articles: list[Article], taste: Taste = READS, **changes: Any) -> EditionPreview:  # noqa: ANN401 - what `explain` takes
    values: dict[str, Any] = {"now": MONDAY, "size": 12, "place_from": 0, **changes}
    return explain(articles, taste, categories=CATEGORIES, **values)


def why(found: EditionPreview) -> dict[int, str]:
    stories = len(found.edition.stories)
    return {
        each.article.id: why_not(each, CATEGORIES, stories=stories, oldest=found.oldest)
        for each in found.left_out
    }


def test_preview_says_what_a_taste_keeps_out(an_article: Make) -> None:
    found = explained(
        [
            an_article(1),
            an_article(2, categories=("art",)),
            an_article(3, categories=("motor", "china")),
            an_article(4, "A huge RECALL begins"),
            an_article(5, language="it"),
        ]
    )
    assert why(found) == {
        3: "China is muted",
        4: "the word “recall” is muted",
        5: "it is in a language that the reader did not choose: it",
    }
    assert found.elsewhere == 1
    assert [story.article.id for story in found.edition.stories] == [1]


def test_preview_says_what_an_edition_leaves_out(an_article: Make) -> None:
    found = explained(
        [
            an_article(1),
            an_article(2, backlog=True),
            an_article(3, published=MONDAY - OLDEST - timedelta(minutes=1)),
            an_article(4),
            an_article(5, story_id=1),
        ],
        place_from=1,
        alerted=frozenset({4}),
    )
    assert why(found) == {
        2: "it came with the first round of a new source",
        3: "it is older than 3 days",
        4: "it was sent as an alert",
        5: "it was available for an earlier edition, from Source 1",
    }
    assert found.edition.lead is None
    muted_and_old = an_article(1, "Recall", published=MONDAY - OLDEST - timedelta(hours=1))
    assert why(explained([muted_and_old])) == {1: "it is older than 3 days"}


def test_preview_says_what_is_shown_only_if_nothing_else_is_new(an_article: Make) -> None:
    podcast = an_article(2, filler=True)
    doubtful = an_article(3, general=True, unsure=True)
    assert why(explained([an_article(1), podcast, doubtful])) == {
        2: "its headline is not news: a podcast, a round-up, bargains",
        3: "a general paper's report that the trade may not want",
    }
    assert not why(explained([doubtful]))
    leading = an_article(4, general=True, unsure=True, source_weight=100)
    confirming = an_article(5, event_id=4, source_weight=1)
    assert set(why(explained([leading, confirming, podcast, doubtful]))) == {2, 3}
    assert why(explained([leading, confirming, podcast]))[2].startswith("its headline is not news")


def test_preview_says_which_rank_an_outranked_story_had(an_article: Make) -> None:
    of_one_source = [an_article(n, source_id=70, source="Daily") for n in range(1, 5)]
    of_one_house = [an_article(n, categories=("motor", "bentley")) for n in range(5, 9)]
    found = explained([*of_one_source, *of_one_house, an_article(9)], size=7)
    chosen = {story.article.id for story in found.edition.stories}
    (source,) = {1, 2, 3, 4} - chosen
    (house,) = {5, 6, 7, 8} - chosen
    assert why(found)[source] == "the edition already has 3 stories from Daily"
    assert why(found)[house] == "the edition already has 3 stories about Bentley"
    assert all(each.reasons[0].kind is ReasonKind.AGE for each in found.left_out)
    crowded = explained([an_article(n) for n in range(1, 4)], size=1)
    assert set(why(crowded).values()) == {"no room: 1 others rank higher"}


def test_preview_lists_the_newest_left_out_story_first(an_article: Make) -> None:
    articles = [an_article(n, published=MONDAY - timedelta(hours=n)) for n in range(1, 6)]
    found = explained(articles, size=1)
    times: list[datetime] = [each.article.published for each in found.left_out]
    assert times == sorted(times, reverse=True)
    assert len(times) == 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_preview_accounts_for_every_new_story_of_the_real_edition(
    an_article: Make, data: st.DataObject
) -> None:
    slugs = st.lists(
        st.sampled_from([*CATEGORIES, "art"]), min_size=1, max_size=3, unique=True
    ).map(tuple)
    articles = [
        an_article(
            number,
            data.draw(st.sampled_from(["A horse", "A car", "Recall of cars"])),
            story_id=data.draw(st.integers(1, number)),
            source_id=data.draw(st.integers(1, 3)),
            categories=data.draw(slugs),
            language=data.draw(st.sampled_from([None, "en", "it"])),
            backlog=data.draw(st.booleans()),
            filler=data.draw(st.booleans()),
            general=data.draw(st.booleans()),
            unsure=data.draw(st.booleans()),
            published=MONDAY - timedelta(hours=data.draw(st.integers(0, 80))),
        )
        for number in range(1, data.draw(st.integers(1, 12)) + 1)
    ]
    values: dict[str, Any] = {
        "size": data.draw(st.integers(0, 4)),
        "place_from": data.draw(st.integers(0, 12)),
    }
    alerted, otherwise = (data.draw(st.frozensets(st.integers(1, 12), max_size=2)) for _ in "12")
    found = explained(articles, **values, alerted=alerted, shown_otherwise=otherwise)
    candidates = CandidatePool(
        articles, now=MONDAY, oldest=OLDEST, kinds=CategoryKinds.among(CATEGORIES)
    )
    assert found.edition == candidates.edition(READS, **values, exclude=alerted | otherwise)
    new = {each.story_id for each in articles if each.id > values["place_from"]}
    chosen = {story.article.story_id for story in found.edition.stories}
    left_out = [each.article.story_id for each in found.left_out]
    assert len(left_out) == len(set(left_out))
    assert chosen.isdisjoint(left_out)
    assert chosen | set(left_out) <= new
    assert len(chosen) + len(left_out) + found.elsewhere == len(new)
    shown = [story.article for story in found.edition.stories]
    reasons = {each.why for each in found.left_out if each.article.filler}
    if any(each.filler for each in shown):
        assert reasons.isdisjoint({Why.FILLER, Why.DOUBTFUL})
    elif shown:
        assert reasons.isdisjoint({Why.ROOM, Why.SOURCE, Why.HOUSE, Why.MATTER, Why.LESS})


async def look(paper: Paper, reader: Subscriber, at: datetime | None = None) -> list[str]:
    now = paper.time.now
    found = await preview(
        paper.articles,
        paper.deliveries,
        Ledger(paper.db),
        reader,
        at=at or now,
        now=now,
        size=12,
        categories=CATEGORIES,
    )
    return [story.article.title for story in found.edition.stories]


async def test_preview_shows_the_edition_that_is_then_sent(paper: Paper) -> None:
    reader = await paper.reader(7)
    await paper.article("Of Monday")
    assert await look(paper, reader) == ["Of Monday"]
    first = paper.time.now
    await paper.morning()
    assert "Of Monday" in paper.outbox.to(7)[0]

    paper.time.pass_(days=1)
    await paper.article("Of Tuesday")
    again = await paper.subscriber(reader.id)
    assert await look(paper, again) == ["Of Tuesday"]
    second = paper.time.now
    await paper.morning()
    paper.time.pass_(hours=5)
    again = await paper.subscriber(reader.id)
    assert await look(paper, again) == []
    assert await look(paper, again, second) == ["Of Tuesday"]
    assert await look(paper, again, first) == ["Of Monday"]
    # For a future time: the articles of now, with their age at that time.
    assert await look(paper, again, paper.time.now + timedelta(days=1)) == []


async def test_preview_changes_nothing(paper: Paper) -> None:
    reader = await paper.reader(7)
    await paper.article("Of Monday")
    await look(paper, reader)
    assert await paper.subscribers.get(reader.id) == reader
    assert await paper.ledger() == []
    assert reader.state is State.ACTIVE
