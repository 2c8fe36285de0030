"""The levels off, less, normal and more: their effect on an edition, and the explanation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.output.reasons import place_of, why_not
from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.rank_points import LAST, STEP
from digest.choosing.ranking import matches
from digest.editions.preview import explain
from storage.model import Level, Taste
from tests.digest.conftest import CATEGORIES, MONDAY, Paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.model import Article, Edition, Subject

    Make = Callable[..., Article]

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
