"""What is one story, and what only looks like one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from news.story import Match, Stories, Telling, same_news, sketch_of
from tests.news.conftest import NOW

PRESS = " ".join(
    f"Sentence number {n} of the press release tells of the new boutique in Milan."
    for n in range(30)
)


def telling(title: str = "Gucci opens its largest boutique in Milan", **changes: object) -> Telling:
    plain = Telling("https://one.example/a", title, NOW, 1, frozenset({"gucci"}), b"", 7)
    return replace(plain, **changes)  # type: ignore[arg-type]


def other(title: str = "Gucci Opens Its Largest Boutique In Milan", **changes: object) -> Telling:
    return telling(title, link="https://two.example/b", source_id=2, **changes)


def test_the_same_address_is_the_same_story() -> None:
    one = telling(link="https://www.one.example/a/")
    assert same_news(one, telling("Another headline altogether, four words more")) == "link"


def test_the_same_text_is_the_same_story() -> None:
    one = telling(sketch=sketch_of(PRESS))
    two = other("Milan has a new address", sketch=sketch_of(PRESS + " And a last line of our own."))
    assert same_news(one, two) == "text"


@pytest.mark.parametrize(
    "title",
    [
        "Gucci Opens Its Largest Boutique In Milan",
        "Gucci to open largest boutique in Milan",
        "In Milan, Gucci opens its largest boutique",
        "GUCCI OPENS LARGEST BOUTIQUE IN MILAN",
    ],
)
def test_titles_that_differ_in_nothing_that_counts_are_one_story(title: str) -> None:
    assert same_news(telling(), other(title)) == "title"


@pytest.mark.parametrize(
    "title",
    [
        "Gucci opens its largest boutique in Rome",
        "Gucci opens its second boutique in Milan",
        "Gucci closes its largest boutique in Milan",
        "Gucci opens boutique",
        "Gucci never opens its largest boutique in Milan",
        "Gucci opens its largest boutique in Milan after 3 years",
    ],
)
def test_titles_that_differ_in_one_word_that_counts_are_two_stories(title: str) -> None:
    assert same_news(telling(), other(title)) is None


def test_who_does_what_to_whom_counts() -> None:
    assert (
        same_news(
            telling("Kering sues LVMH over watch advertising", houses=frozenset()),
            other("LVMH sues Kering over watch advertising", houses=frozenset()),
        )
        is None
    )


def test_a_column_with_one_title_every_day_is_a_story_every_day() -> None:
    column = telling("The five best openings of the day", houses=frozenset())
    next_day = telling(
        "The five best openings of the day",
        link="https://one.example/next",
        published=NOW - timedelta(days=1),
        houses=frozenset(),
    )
    assert same_news(column, next_day) is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "LVMH to buy two Swiss watchmakers for $1bn",
            "LVMH acquires 2 watchmakers in Switzerland for $1 bn",
        ),
        ("U.S. luxury sales fall again in June", "US luxury sales fall again in June"),
        (
            "Chanel names a new chief executive officer",
            "Chanel appoints new chief executive officer",
        ),
    ],
)
def test_what_editors_write_differently_and_mean_alike_is_one_story(one: str, two: str) -> None:
    assert same_news(telling(one), other(two)) == "title"


def test_other_houses_or_another_week_make_another_story() -> None:
    assert same_news(telling(), other(houses=frozenset({"prada"}))) is None
    assert same_news(telling(), other(published=NOW - timedelta(days=4))) is None


def test_a_short_title_is_no_evidence() -> None:
    assert same_news(telling("Bentley news", sketch=b""), other("Bentley news")) is None


def test_chinese_titles_are_compared_by_their_letters() -> None:
    one = telling("爱马仕在上海开设全球最大旗舰店")
    assert same_news(one, other("爱马仕在上海开设全球最大旗舰店！")) == "title"
    assert same_news(one, other("爱马仕在北京开设全球最大旗舰店")) is None


def test_a_story_is_found_among_thousands() -> None:
    stories = Stories()
    for n in range(3000):
        stories.add(
            telling(
                f"House number {n} shows collection {n} in city {n % 50}",
                link=f"https://x.example/{n}",
                story_id=n,
                houses=frozenset(),
            )
        )
    stories.add(telling(sketch=sketch_of(PRESS)))
    assert stories.match(other()) == Match(7, "title")
    copied = other("Quite another line of words", sketch=sketch_of(PRESS), houses=frozenset())
    assert stories.match(copied) == Match(7, "text")
    assert stories.match(other("Something that nobody has told yet today")) is None


def test_old_stories_are_forgotten() -> None:
    stories = Stories()
    stories.add(telling(published=NOW - timedelta(days=5)))
    stories.add(other())
    assert len(stories.since(NOW - timedelta(days=3))) == 1


def test_an_article_under_a_new_address_is_known_by_its_title_and_time() -> None:
    stories = Stories()
    stories.add(telling())
    moved = telling(link="https://one.example/new")
    assert stories.retold(moved, dated=True)
    assert not stories.retold(replace(moved, published=NOW - timedelta(days=1)), dated=True)
    assert stories.retold(replace(moved, published=NOW - timedelta(days=1)), dated=False)
    assert not stories.retold(replace(moved, source_id=2), dated=True)


def test_a_sketch_is_the_same_in_every_process() -> None:
    assert sketch_of("one two three four five six seven").hex() == "7accd1109ebcd727"
    assert len(sketch_of(PRESS)) <= 256
