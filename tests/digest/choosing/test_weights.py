"""The heaviest event that suits a reader leads, and what is no news comes last. The levels off,
less, normal and more: their effect on an edition, and the explanation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.output.reasons import place_of, why_not
from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.news_value import step_of
from digest.choosing.rank_points import (
    LAST,
    POINTS,
    SOFT,
    STEP,
    STEP_OF_WEIGHT,
    STEPS_OF_ONE,
    WEEKLY,
)
from digest.choosing.ranking import matches
from digest.editions.preview import explain
from storage.model import Article, Level, ReasonKind, StoryKind, Taste
from tests.digest.conftest import CATEGORIES, MONDAY, Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.model import Edition, Subject

    Make = Callable[..., Article]

READERS = Path(__file__).parents[3] / "docs" / "readers.md"
KINDS = CategoryKinds(
    frozenset({"prada", "versace", "gucci"}),
    sections=frozenset({"style", "motor", "business", "art", "beauty"}),
)
SOFT_KINDS = [StoryKind.LIST, StoryKind.NOTICE, StoryKind.FEATURE]
LEAD_NOTHING = {StoryKind.LIST, StoryKind.NOTICE, StoryKind.PEOPLE}
STYLE = Taste(follows=frozenset({"style"}))
ANY_CASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def shown(
    articles: Sequence[Article],
    taste: Taste = STYLE,
    size: int = 12,
    **values: Any,  # noqa: ANN401 - what `edition` takes
) -> list[int]:
    pool = CandidatePool(articles, now=MONDAY, kinds=KINDS)
    made = pool.edition(taste, size=size, place_from=0, **values)
    return [story.article.id for story in made.stories]


def signed(points: int) -> str:
    return f"{points:+}" if points else "0"


def style(make: Make, number: int, weight: float | None, **changes: object) -> Article:
    return make(number, categories=("style",), weight=weight, **changes)


@ANY_CASE
@given(data=st.data())
def test_no_story_is_heavier_than_the_lead(an_article: Make, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    articles = [
        an_article(
            number,
            event_id=data.draw(st.integers(1, number)),
            categories=("style",) if data.draw(st.booleans()) else ("style", "videos"),
            weight=data.draw(st.sampled_from([None, 0.2, 0.7, 1.3, 2.0, 3.0])),
            story_kind=data.draw(st.sampled_from([None, *SOFT_KINDS, *StoryKind])),
            language=data.draw(st.sampled_from(["en", "it", None])),
            source_weight=data.draw(st.integers(0, 100)),
            published=MONDAY - timedelta(hours=data.draw(st.integers(0, 70))),
            image=data.draw(st.sampled_from([None, "https://a.example/1.jpg"])),
        )
        for number in range(1, count + 1)
    ]
    first, *others = shown(articles, language="it", size=data.draw(st.integers(1, 12)))

    def reports(article: Article) -> list[Article]:
        return [each for each in articles if each.event == article.event]

    def heaviness(article: Article) -> int:
        return max(
            max(step_of(each.weight) - SOFT * (each.story_kind in SOFT_KINDS), 0)
            for each in reports(article)
        )

    def order(article: Article) -> tuple[bool, int, bool, int]:
        barred = article.story_kind in LEAD_NOTHING or "videos" in article.categories
        read = article.language in {"it", None}
        return not barred, heaviness(article), read, len(reports(article))

    by_id = {each.id: each for each in articles}
    assert all(order(by_id[each]) <= order(by_id[first]) for each in others)


@ANY_CASE
@given(weights=st.lists(st.floats(0, 3), min_size=2, max_size=8), heavier=st.floats(0, 3))
def test_no_story_falls_by_weighing_more(
    an_article: Make, weights: list[float], heavier: float
) -> None:
    articles = [style(an_article, number, each) for number, each in enumerate(weights, 1)]
    before = shown(articles)
    raised = replace(articles[-1], weight=max(heavier, weights[-1]))
    after = shown([*articles[:-1], raised])
    assert after.index(raised.id) <= before.index(raised.id)
    assert sorted(after) == sorted(before)


def test_a_deal_leads_before_an_opening_and_a_video(an_article: Make) -> None:
    title = "Prada to buy Versace for 1.25 billion euros"
    deal = [
        style(
            an_article,
            number,
            weight,
            title=title,
            event_id=1,
            story_kind=StoryKind.DEAL,
            source_weight=40,
            published=MONDAY - timedelta(hours=40),
        )
        for number, weight in ((1, 1.9), (2, 1.2))
    ]
    opening = style(an_article, 3, 0.9, story_kind=StoryKind.OPENING, source_weight=95)
    video = an_article(4, categories=("style", "videos"), weight=2.4, source_weight=95)
    assert shown([*deal, opening, video])[0] in {1, 2}


def test_a_race_over_layoffs_does_not_lead_before_a_deal(an_article: Make) -> None:
    motor = Taste(follows=frozenset({"motor"}))
    race = [
        an_article(number, event_id=1, weight=0.9, story_kind=StoryKind.SPORT, source_weight=90)
        for number in range(1, 5)
    ]
    deal = an_article(
        9,
        weight=1.7,
        story_kind=StoryKind.DEAL,
        source_weight=30,
        published=MONDAY - timedelta(hours=60),
    )
    assert shown([*race, deal], motor)[0] == 9


def test_of_equal_weight_the_story_that_the_reader_can_read_leads(an_article: Make) -> None:
    own = style(an_article, 1, 1.3, language="it", source_weight=10)
    other = style(an_article, 2, 1.3, language="zh", source_weight=90)
    heavier = style(an_article, 3, 1.7, language="zh")
    assert shown([own, other], language="it")[0] == 1
    assert shown([own, other], language="zh")[0] == 2
    assert shown([own, other, heavier], language="it")[0] == 3
    reads_both = replace(STYLE, languages=frozenset({"it", "zh"}))
    assert shown([own, other], reads_both, language="it")[0] == 2


def test_a_followed_house_leads_from_the_weight_of_ordinary_news(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"gucci", "style"}))
    heavy = style(an_article, 1, 2.5)
    of_house = an_article(2, "Gucci names a chief", categories=("gucci", "style"), weight=1.0)
    assert shown([heavy, of_house], taste) == [2, 1]
    assert shown([heavy, replace(of_house, weight=0.9)], taste) == [1, 2]


def test_more_lifts_a_story_by_two_steps(an_article: Make) -> None:
    taste = replace(STYLE, more_sources=frozenset({1}))
    wanted = style(an_article, 1, 0.9)
    two_steps, three_steps = (0.9 + steps / STEPS_OF_ONE for steps in (2, 3))
    assert shown([wanted, style(an_article, 2, 0.9)], taste)[0] == 1
    assert shown([wanted, style(an_article, 2, two_steps, source_weight=40)], taste)[0] == 1
    assert shown([wanted, style(an_article, 2, three_steps)], taste)[0] == 2


@pytest.mark.parametrize("kind", SOFT_KINDS)
def test_what_is_no_news_is_shown_only_if_nothing_else_is_new(
    kind: StoryKind, an_article: Make
) -> None:
    none = style(an_article, 1, 0.9, story_kind=kind, kind_certainty=0.9)
    news = style(an_article, 2, 0.1, story_kind=StoryKind.OPENING)
    assert shown([none, news]) == [2]
    assert shown([none]) == [1]
    assert sorted(shown([replace(none, kind_certainty=0.2), news])) == [1, 2]
    assert sorted(shown([replace(none, kind_certainty=None), news])) == [2]
    assert sorted(shown([replace(none, weight=1.0), news])) == [1, 2]


@pytest.mark.parametrize("kind", SOFT_KINDS)
def test_a_feature_comes_after_news_that_weighs_somewhat_less(
    kind: StoryKind, an_article: Make
) -> None:
    feature = style(an_article, 1, 1.4, story_kind=kind, kind_certainty=0.3)
    lead, news = style(an_article, 2, 2.0), style(an_article, 3, 1.0)
    assert shown([feature, lead, news], size=2) == [2, 3]
    assert shown([feature, lead, replace(news, weight=0.7)], size=2) == [2, 1]


def test_ordinary_news_of_a_followed_house_comes_first_and_lighter_news_by_its_weight(
    an_article: Make,
) -> None:
    taste = Taste(follows=frozenset({"gucci", "style", "art"}))
    heavy = [style(an_article, number, 1.6) for number in (1, 2)]
    of_house = an_article(3, "Gucci opens a shop", categories=("gucci", "style"), weight=1.0)
    assert shown([*heavy, of_house], taste, size=2) == [3, 1]
    assert shown([*heavy, replace(of_house, weight=0.7)], taste, size=2) == [1, 2]


def test_a_second_large_story_of_a_section_comes_before_small_news_of_another(
    an_article: Make,
) -> None:
    taste = Taste(follows=frozenset({"style", "art"}))
    of_style = [style(an_article, number, 1.6) for number in (1, 2, 3)]
    of_art = an_article(4, categories=("art",), weight=0.8)
    assert shown([*of_style, of_art], taste, size=2) == [1, 2]
    assert shown([*of_style, of_art], taste, size=3) == [1, 2, 4]
    assert shown([of_style[0], replace(of_style[1], weight=1.0), of_art], taste, size=2) == [1, 4]


def test_each_section_with_news_has_a_story_before_another_has_a_third(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"gucci", "style", "art", "motor", "beauty", "business"}))
    about = [
        an_article(number, "Gucci", categories=("gucci", "style"), weight=2.0)
        for number in range(10, 20)
    ]
    sections = [
        an_article(number, categories=(slug,), weight=0.6, source_weight=0)
        for number, slug in enumerate(("style", "art", "motor", "beauty", "business"), 1)
    ]
    found = shown([*about, *sections], taste, size=7)
    assert set(found) >= {1, 2, 3, 4, 5}
    weightless = replace(sections[1], weight=0.5)
    found = shown([*about[:3], sections[0], weightless, *sections[2:]], taste, size=7)
    assert 2 not in found


def test_each_reason_has_the_points_of_the_table(an_article: Make) -> None:
    articles = [
        replace(
            style(an_article, number, number / 2),
            title="Why?",
            unsure=True,
            image="https://a.example/1.jpg",
            categories=("style", "business", "gucci"),
            event_id=1,
        )
        for number in range(1, 7)
    ]
    for less in (frozenset({"gucci", "style"}), frozenset[str]()):
        taste = Taste(
            follows=frozenset({"style"}),
            less=less,
            more=frozenset({"business"}),
            less_sources=frozenset({6}),
        )
        (made,) = (
            CandidatePool(articles, now=MONDAY, kinds=KINDS)
            .edition(taste, size=1, place_from=0)
            .stories
        )
        for each in made.reasons:
            assert POINTS[each.kind].least <= each.points <= POINTS[each.kind].most, each
    assert POINTS.keys() == set(ReasonKind)


def test_operators_read_what_a_story_weighs(an_article: Make) -> None:
    pool = CandidatePool([style(an_article, 1, 1.7, story_kind=StoryKind.DEAL)], now=MONDAY)
    (made,) = pool.edition(STYLE, size=1, place_from=0).stories
    assert f"weighs 3, deal (+{4 * STEP})" in place_of(made.article, made.reasons, CATEGORIES)


def test_the_points_that_the_docs_name_are_those_of_the_program() -> None:
    page = READERS.read_text()
    rows = [
        f"| {each.counts} | {' to '.join(signed(n) for n in sorted({each.least, each.most}))} |"
        for each in POINTS.values()
    ]
    written = page.partition("| what counts, in a daily edition | points |\n| --- | --- |\n")[2]
    assert written.partition("\n\n")[0].splitlines() == rows
    assert f"A step of weight is {STEP_OF_WEIGHT} points; {1 / STEPS_OF_ONE} on a scale" in page
    weekly = f"each further source is worth {WEEKLY.carried} points, up to {WEEKLY.carried_most}"
    assert f"{weekly}, and freshness up to {WEEKLY.fresh}" in page


MOTOR = Taste(follows=frozenset({"motor"}))
FIELDS = {
    Level.OFF: ("muted_categories", "muted_sources"),
    Level.LESS: ("less", "less_sources"),
    Level.MORE: ("more", "more_sources"),
}
SUBJECTS: list[Subject] = ["china", "gucci", 1, 2]
OTHERS: list[Subject] = ["bentley", 3]
SCALE = (Level.MORE, Level.NORMAL, Level.LESS)


def wanting(level: Level, subject: Subject, taste: Taste = MOTOR) -> Taste:
    """Return a taste with this level of a subject."""
    if level is Level.NORMAL:
        return taste
    field = FIELDS[level][isinstance(subject, int)]
    changed: dict[str, Any] = {field: getattr(taste, field) | {subject}}
    return replace(taste, **changed)


def edition(articles: list[Article], taste: Taste, size: int = 30) -> Edition:
    return CandidatePool(
        articles, now=MONDAY, kinds=CategoryKinds(frozenset({"gucci", "bentley"}))
    ).edition(taste, size=size, place_from=0)


def ids(chosen: Edition) -> list[int]:
    """Return the articles' ids by rank; all are under one category."""
    return [story.article.id for story in chosen.stories]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_more_ranks_no_lower_than_normal_and_normal_no_lower_than_less(
    an_article: Make, data: st.DataObject
) -> None:
    others = st.lists(st.sampled_from(["china", "gucci", "bentley"]), unique=True, max_size=2)
    articles = [
        an_article(
            number,
            source_weight=data.draw(st.integers(0, 100)),
            categories=("motor", *data.draw(others)),
            published=MONDAY - timedelta(hours=data.draw(st.integers(0, 70))),
        )
        for number in range(1, data.draw(st.integers(1, 12)) + 1)
    ]
    subject: Subject = data.draw(st.sampled_from(SUBJECTS))
    base = wanting(data.draw(st.sampled_from(SCALE)), data.draw(st.sampled_from(OTHERS)))
    tastes = {level: wanting(level, subject, base) for level in (*SCALE, Level.OFF)}
    ranked = {level: ids(edition(articles, tastes[level])) for level in tastes}
    about = {
        each.id
        for each in articles
        if subject == each.source_id or (isinstance(subject, str) and subject in each.categories)
    }
    # However many there is room for, as many of them come with more of it.
    for size in (30, 3, 1):
        chosen = {level: ids(edition(articles, tastes[level], size)) for level in SCALE}
        counts = [len(about.intersection(chosen[level])) for level in SCALE]
        assert counts == sorted(counts, reverse=True)
    assert about.isdisjoint(ranked[Level.OFF])
    assert not any(matches(each, tastes[Level.OFF]) for each in articles if each.id in about)
    if subject == "gucci":
        assert len(about.intersection(ranked[Level.LESS])) <= 1
    for number in about:
        places = [
            ranked[level].index(number) if number in ranked[level] else len(articles)
            for level in SCALE
        ]
        if subject != "gucci" and not _capped(articles):
            assert places == sorted(places), (number, ranked)


def _capped(articles: list[Article]) -> bool:
    """Whether a house has more stories than an edition takes, so that some are left out."""
    return any(
        sum(house in each.categories for each in articles) > (1 if house == "bentley" else 3)
        for house in ("gucci", "bentley")
    )


def test_a_house_set_to_less_gets_one_story_and_only_if_there_is_room(an_article: Make) -> None:
    of_it = [an_article(n, source_weight=100, categories=("motor", "gucci")) for n in (1, 2)]
    others = [an_article(n, published=MONDAY - timedelta(days=2)) for n in (3, 4)]
    less = wanting(Level.LESS, "gucci")
    assert ids(edition([*of_it, *others], MOTOR)) == [1, 2, 3, 4]
    assert ids(edition([*of_it, *others], less)) == [3, 4, 1]
    assert ids(edition([*of_it, *others], less, size=2)) == [3, 4]
    assert ids(edition(of_it, less)) == [1]


def test_a_story_of_a_source_that_is_off_is_shown_by_another(an_article: Make) -> None:
    big = an_article(1, source_id=1, source_weight=90)
    small = an_article(2, source_id=2, source_weight=20, story_id=1)
    alone = an_article(3, source_id=1, published=MONDAY - timedelta(hours=9))
    three = [big, small, alone]
    assert ids(edition(three, MOTOR)) == [1, 3]
    for subject, level, expected in (
        (1, Level.OFF, [2]),
        (1, Level.LESS, [2, 3]),
        (2, Level.MORE, [2, 3]),
        (2, Level.OFF, [1, 3]),
        (1, Level.MORE, [1, 3]),
    ):
        assert ids(edition(three, wanting(level, subject))) == expected, (subject, level)


def test_shared_candidates_serve_readers_of_different_tastes(an_article: Make) -> None:
    articles = [an_article(1, source_weight=60), an_article(2, categories=("motor", "china"))]
    candidates = CandidatePool(articles, now=MONDAY)
    for _ in range(2):
        for level, expected in ((Level.NORMAL, [1, 2]), (Level.MORE, [2, 1]), (Level.LESS, [1, 2])):
            found = candidates.edition(wanting(level, "china"), size=9, place_from=0)
            assert ids(found) == expected
            points = {
                story.article.id: sum(reason.points for reason in story.reasons)
                for story in found.stories
            }
            assert list(points) == sorted(points, key=points.__getitem__, reverse=True)


def test_points_and_reasons_name_the_subjects_of_more_and_less(an_article: Make) -> None:
    taste = Taste(
        follows=frozenset({"motor", "style"}),
        more=frozenset({"style"}),
        less=frozenset({"bentley"}),
        less_sources=frozenset({7}),
        more_sources=frozenset({8}),
        muted_sources=frozenset({9}),
    )
    articles = [
        an_article(1, categories=("motor", "style", "bentley"), source_id=7),
        an_article(2, categories=("motor", "bentley"), source_id=8),
        an_article(3, source_id=9),
    ]
    found = explain(articles, taste, now=MONDAY, size=9, place_from=0, categories=CATEGORIES)
    (only,) = found.edition.stories
    assert only.article.id == 2
    words = place_of(only.article, only.reasons, CATEGORIES)
    assert f"less of Bentley (-{LAST}), more of Source 8 (+{STEP})" in words
    why = {
        each.article.id: why_not(each, CATEGORIES, stories=1, oldest=found.oldest)
        for each in found.left_out
    }
    assert why == {
        1: "less of Bentley: one story at most",
        3: "the source Source 9 is off",
    }
    (outdone,) = (each for each in found.left_out if each.article.id == 1)
    words = place_of(outdone.article, outdone.reasons, CATEGORIES)
    assert f"more of Style (+{STEP})" in words
    assert f"less of Source 7 (-{STEP})" in words


@pytest.mark.parametrize("level", [Level.OFF, Level.LESS])
async def test_an_alert_of_a_source_that_is_off_is_sent_from_another(
    paper: Paper, level: Level
) -> None:
    reader = await paper.reader(1, "motor", minute=20 * 60)
    await paper.subscribers.follow(reader.id, "motor", alerts=True)
    first = await paper.article("It burns", source="One")
    article = await paper.articles.get(first)
    assert article is not None
    await paper.subscribers.set_level(reader.id, article.source_id, level)
    assert await paper.alerts.plan([first], paper.time.now) == (level is Level.LESS)
    copy = await paper.article("It burns", source="Two", story=first)
    assert await paper.alerts.plan([copy], paper.time.now) == (level is Level.OFF)
