"""A first edition with little news is topped up: with which stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import OLDEST, matches
from digest.editions.first_edition import (
    FIRST,
    FurtherArticles,
    homes_of,
    topped_up,
    widened,
    with_stories,
)
from storage.model import Edition, EditionStory, Taste

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from storage.model import Article

    Make = Callable[..., Article]

NOW = datetime(2026, 6, 2, 6, tzinfo=UTC)


def first(
    articles: list[Article],
    taste: Taste,
    *,
    size: int = 12,
    exclude: Collection[int] = (),
    private: bool = True,
    homes: Mapping[str, str] = MappingProxyType({}),
    houses: frozenset[str] = frozenset(),
) -> Edition:
    edition = CandidatePool(articles, now=NOW, kinds=CategoryKinds(houses)).edition(
        taste, size=size, place_from=0, exclude=exclude
    )
    sections = homes_of(taste, homes)
    wide = widened(taste, sections)
    since = NOW - FIRST
    chosen = {each.event for each in articles if matches(each, wide) and each.published >= since}
    return topped_up(
        edition,
        taste,
        FurtherArticles(
            [each for each in articles if each.event in chosen],
            sections,
            [each for each in articles if each.published >= NOW - OLDEST] if private else (),
        ),
        size=size,
        now=NOW,
        kinds=CategoryKinds(houses),
        exclude=exclude,
        language="fr",
    )


def ids(edition: Edition) -> list[int]:
    return [story.article.id for story in edition.stories]


def follows(*categories: str) -> Taste:
    return Taste(follows=frozenset(categories))


def some(an_article: Make, first_id: int, *categories: str, count: int = 3) -> list[Article]:
    """Return this number of articles, an hour old."""
    return [
        an_article(
            number,
            source_id=number,
            categories=categories,
            published=NOW - timedelta(hours=1, minutes=number),
        )
        for number in range(first_id, first_id + count)
    ]


def test_a_first_edition_with_five_stories_is_not_topped_up(an_article: Make) -> None:
    chosen = first(
        [*some(an_article, 1, "yachts", count=5), *some(an_article, 11, "style")],
        follows("yachts"),
    )
    assert (len(chosen.stories), chosen.added) == (5, 0)


def test_a_first_edition_goes_seven_days_back_in_what_was_chosen(an_article: Make) -> None:
    archive = [
        an_article(
            days,
            source_id=days,
            categories=("motor",),
            published=NOW - timedelta(days=days),
        )
        for days in range(1, 10)
    ]
    chosen = first(archive, follows("motor"), private=False)
    assert ids(chosen) == [1, 2, 3, 4, 5, 6, 7]
    assert chosen.added == 0


def test_a_first_edition_adds_the_section_of_a_followed_house(an_article: Make) -> None:
    archive = [
        *some(an_article, 1, "style", count=9),
        *some(an_article, 11, "motor", count=9),
        *some(an_article, 21, "bentley", "motor", count=1),
    ]
    homes = {"bentley": "motor"}
    for private in (True, False):
        chosen = first(
            archive,
            follows("bentley"),
            private=private,
            homes=homes,
            houses=frozenset({"bentley"}),
        )
        assert ids(chosen) == [21, 11, 12, 13, 14]
        assert chosen.added == 0
        assert [section.category for section in chosen.sections] == ["motor"]


def test_at_most_three_unchosen_stories_are_added_and_only_in_private_chats(
    an_article: Make,
) -> None:
    archive = [
        *some(an_article, 1, "art", count=9),
        *some(an_article, 11, "yachts", count=1),
        *some(an_article, 21, "motor", count=2),
    ]
    chosen = first(archive, follows("yachts"))
    assert ids(chosen) == [11, 21, 22, 1]
    assert (chosen.lead_category, chosen.added) == ("yachts", 3)
    assert [section.category for section in chosen.sections] == ["motor", "art"]
    assert ids(chosen.own) == [11]
    assert ids(first(archive, follows("yachts"), private=False)) == [11]


def test_a_first_edition_without_followed_news_shows_three_others(an_article: Make) -> None:
    chosen = first(some(an_article, 1, "style", count=9), follows("yachts"))
    assert (ids(chosen), chosen.added, chosen.lead_category) == ([1, 2, 3], 3, "style")
    assert chosen.own is chosen


def test_a_first_edition_may_use_a_sources_first_round(an_article: Make) -> None:
    archive = [an_article(1, categories=("yachts",), published=NOW, backlog=True)]
    chosen = first(archive, follows("yachts"), private=False)
    assert (ids(chosen), chosen.added) == ([1], 0)


def test_topping_up_leaves_out_muted_foreign_and_old_stories(an_article: Make) -> None:
    archive = [
        an_article(1, categories=("style",), published=NOW - timedelta(days=4)),
        an_article(2, categories=("style", "gucci"), published=NOW),
        an_article(3, categories=("style",), title="A lawsuit", published=NOW),
        an_article(4, categories=("style",), language="fr", published=NOW),
        an_article(5, categories=("style",), language="en", published=NOW),
    ]
    taste = Taste(
        frozenset({"yachts"}), frozenset({"gucci"}), frozenset({"lawsuit"}), frozenset({"en"})
    )
    assert ids(first(archive, taste)) == [5]


def test_topping_up_leaves_out_the_story_just_read(an_article: Make) -> None:
    archive = [
        an_article(1, categories=("style",), published=NOW),
        an_article(2, story_id=1, source_id=2, categories=("style",), published=NOW),
        an_article(3, categories=("style",), published=NOW),
    ]
    assert ids(first(archive, follows("yachts"), exclude={1})) == [3]


def test_a_source_at_its_limit_leaves_stories_out_and_nothing_is_added_for_them(
    an_article: Make,
) -> None:
    archive = [
        an_article(
            number, source_id=1, categories=("style",), published=NOW - timedelta(minutes=number)
        )
        for number in range(1, 7)
    ] + some(an_article, 11, "motor")
    chosen = first(archive, follows("style"))
    assert (ids(chosen), chosen.added) == ([1, 2, 3], 0)
    assert chosen.sections[0].left_out == 3


def test_added_stories_are_in_the_readers_language_if_possible(an_article: Make) -> None:
    archive = [
        an_article(number, event_id=1, language=language, categories=("style",), published=NOW)
        for number, language in enumerate(("en", "fr", "it"), start=1)
    ]
    assert ids(first(archive, follows("yachts"))) == [2]


def test_a_small_edition_is_topped_up_to_its_size(an_article: Make) -> None:
    chosen = first(some(an_article, 1, "style", count=9), follows("yachts"), size=2)
    assert ids(chosen) == [1, 2]


def test_a_house_at_its_limit_gets_no_more_stories_from_another_section(an_article: Make) -> None:
    archive = [
        *some(an_article, 1, "yachts", count=1),
        *(
            an_article(
                number,
                source_id=number,
                categories=("style", "gucci"),
                published=NOW - timedelta(hours=number),
            )
            for number in range(11, 20)
        ),
    ]
    chosen = first(archive, follows("yachts", "gucci"), houses=frozenset({"gucci"}))
    assert len(ids(chosen)) == len(set(ids(chosen))) == 4
    assert chosen.added == 0


def test_the_section_of_a_lead_among_added_stories_is_the_first(an_article: Make) -> None:
    order = ("business", "motor", "style", "business")
    stories = [
        (category, EditionStory(an_article(number))) for number, category in enumerate(order, 1)
    ]
    filled = with_stories(Edition(None, ()), stories)
    assert filled.lead_category == "business"
    assert [section.category for section in filled.sections] == ["business", "motor", "style"]
