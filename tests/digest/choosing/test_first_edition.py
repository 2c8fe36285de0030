"""A first edition with little news is topped up: with what, and with what not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from digest.choosing.edition import CandidatePool
from digest.choosing.first_edition import topped_up
from digest.choosing.kinds import Kinds
from digest.choosing.ranking import OLDEST
from storage.model import Taste

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from storage.model import Article, Edition

    Make = Callable[..., Article]

NOW = datetime(2026, 6, 2, 6, tzinfo=UTC)


def first(
    articles: list[Article], taste: Taste, *, size: int = 12, exclude: Collection[int] = ()
) -> Edition:
    edition = CandidatePool(articles, now=NOW).edition(
        taste, size=size, place_from=0, exclude=exclude
    )
    return topped_up(
        edition,
        taste,
        articles,
        size=size,
        now=NOW,
        oldest=OLDEST,
        kinds=Kinds(),
        exclude=exclude,
        language="fr",
    )


def ids(edition: Edition) -> list[int]:
    return [story.article.id for story in edition.stories]


def follows(*categories: str) -> Taste:
    return Taste(follows=frozenset(categories))


def some(an_article: Make, first_id: int, *categories: str, count: int = 3) -> list[Article]:
    """Articles of so many sources, an hour old."""
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


def test_starter_categories_come_between_followed_stories_and_the_latest(an_article: Make) -> None:
    archive = [
        *some(an_article, 1, "art", count=9),
        *some(an_article, 11, "yachts", count=2),
        *some(an_article, 21, "motor", count=2),
    ]
    chosen = first(archive, follows("yachts"))
    assert ids(chosen) == [11, 12, 21, 22, 1]
    assert (chosen.lead_category, chosen.added) == ("yachts", 3)
    assert [section.category for section in chosen.sections] == ["yachts", "motor", "art"]


def test_a_first_edition_without_followed_news_shows_other_stories(an_article: Make) -> None:
    chosen = first(some(an_article, 1, "style", count=9), follows("yachts"))
    assert (ids(chosen), chosen.added, chosen.lead_category) == ([1, 2, 3, 4, 5], 5, "style")


def test_a_first_edition_may_use_a_sources_first_round(an_article: Make) -> None:
    archive = [an_article(1, categories=("style",), published=NOW, backlog=True)]
    assert ids(first(archive, follows("yachts"))) == [1]


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


def test_topping_up_leaves_out_stories_over_a_limit(an_article: Make) -> None:
    archive = [
        an_article(
            number, source_id=1, categories=("style",), published=NOW - timedelta(minutes=number)
        )
        for number in range(1, 7)
    ]
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


def test_added_stories_join_a_section_that_was_only_counted(an_article: Make) -> None:
    archive = [
        *some(an_article, 1, "yachts", count=2),
        *(
            an_article(
                number,
                source_id=number % 2,
                categories=("style", "gucci"),
                published=NOW - timedelta(hours=number),
            )
            for number in range(11, 20)
        ),
    ]
    chosen = topped_up(
        CandidatePool(archive, now=NOW, kinds=Kinds(frozenset({"gucci"}))).edition(
            follows("yachts", "gucci"), size=12, place_from=0
        ),
        follows("yachts", "gucci"),
        archive,
        size=12,
        now=NOW,
        oldest=OLDEST,
        kinds=Kinds(frozenset({"gucci"})),
        exclude=(),
        language="",
    )
    assert len(ids(chosen)) == len(set(ids(chosen))) == 5
    assert chosen.added == 0
