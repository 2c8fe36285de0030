"""What is one story, and what only resembles one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from news.stories.duplicates import Fingerprint, Match, Stories, same_news
from news.stories.text_sketches import sketch_of
from tests.news.conftest import NOW

PRESS = " ".join(
    f"Sentence number {n} of the press release tells of the new boutique in Milan."
    for n in range(30)
)


def fingerprint(
    title: str = "Gucci opens its largest boutique in Milan", **changes: object
) -> Fingerprint:
    plain = Fingerprint("https://one.example/a", title, NOW, 1, frozenset({"gucci"}), b"", 7)
    return replace(plain, **changes)  # type: ignore[arg-type]


def other(
    title: str = "Gucci Opens Its Largest Boutique In Milan", **changes: object
) -> Fingerprint:
    return fingerprint(title, link="https://two.example/b", source_id=2, **changes)


def test_the_same_address_is_the_same_story() -> None:
    one = fingerprint(link="https://www.one.example/a/")
    assert same_news(one, fingerprint("Another headline altogether, four words more")) == "link"


def test_the_same_text_is_the_same_story() -> None:
    one = fingerprint(sketch=sketch_of(PRESS))
    two = other("Milan has a new address", sketch=sketch_of(PRESS + " And a last line of our own."))
    assert same_news(one, two) == "text"


@pytest.mark.parametrize(
    "title",
    [
        "Gucci Opens Its Largest Boutique In Milan",
        "Gucci inaugurates largest Milan boutique",
        "In Milan, Gucci opens its largest boutique",
        "GUCCI OPENS LARGEST BOUTIQUE IN MILAN",
    ],
)
def test_titles_differing_only_in_details_are_one_story(title: str) -> None:
    assert same_news(fingerprint(), other(title)) == "title"


@pytest.mark.parametrize(
    "title",
    [
        "Gucci opens its largest boutique in Rome",
        "Gucci opens its second boutique in Milan",
        "Gucci closes its largest boutique in Milan",
        "Gucci to open its largest boutique in Milan",
        "Gucci opens boutique",
        "Gucci never opens its largest boutique in Milan",
        "Gucci opens its largest boutique in Milan after 3 years",
    ],
)
def test_titles_differing_in_a_significant_word_are_two_stories(title: str) -> None:
    assert same_news(fingerprint(), other(title)) is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Prada acquired by Versace for $1 billion", "Prada acquires Versace for $1 billion"),
        (
            "Designer moves from Dior to Prada in surprise switch",
            "Designer moves from Prada to Dior in surprise switch",
        ),
        (
            "LVMH first-quarter sales rise 5 percent in Asia",
            "LVMH third-quarter sales rise 5 percent in Asia",
        ),
        ("LVMH sales rise in Asia in 2025", "LVMH sales rise in Asia in 2026"),
        (
            "Kering shares rise after Gucci sales report",
            "Kering shares fall after Gucci sales report",
        ),
        ("Rolex opens second flagship in London", "Rolex opens flagship boutique in London"),
        ("Gucci may sell its beauty business to Coty", "Gucci to sell beauty business to Coty"),
        ("Bentley recalls 500 cars in China", "Bentley recalls 800 cars in China"),
        (
            "Gucci shows its spring collection in Milan",
            "Gucci shows its autumn collection in Milan",
        ),
        ("Luxury sales fall again in June", "China's luxury sales fall again in June"),
        (
            "Mandarin Oriental opens hotel in Vienna",
            "Mandarin Oriental to open hotel in Vienna next year",
        ),
        ("Versace denies its sale to Prada", "Versace confirms its sale to Prada"),
        (
            "Ferrari hires engineer from McLaren to lead new electric car team",
            "Ferrari hires another engineer from McLaren to lead new electric car team",
        ),
    ],
)
def test_titles_of_nearly_the_same_words_are_two_stories(one: str, two: str) -> None:
    assert same_news(fingerprint(one), other(two)) is None
    assert same_news(fingerprint(two), other(one)) is None


def test_a_column_with_one_title_every_day_is_a_story_every_day() -> None:
    column = fingerprint("The five best openings of the day", houses=frozenset())
    next_day = fingerprint(
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
        ("Gucci opens a new flagship in Shanghai", "Gucci Opens New Shanghai Flagship"),
        (
            "LVMH names Pharrell Williams creative director of Louis Vuitton menswear",
            "LVMH appoints Pharrell Williams as artistic director of Louis Vuitton menswear",
        ),
        (
            "Kering CEO steps down after three years",
            "Kering chief executive to step down after 3 years",
        ),
        (
            "Prada in talks to buy Versace for 1.5 billion euros: sources",
            "Prada in talks to acquire Versace for \u20ac1.5bn",
        ),
        (
            "Burberry shares jump after strong Christmas sales",
            "Burberry Shares Climb After Strong Christmas Sales",
        ),
        ("Exclusive: Richemont weighs sale of Watchfinder", "Richemont weighs Watchfinder sale"),
        (
            "Luxury group Richemont reports record first-half sales",
            "Richemont reports record first-half sales",
        ),
        (
            "Bugatti unveils final hypercar with sixteen cylinders at Pebble Beach",
            "Bugatti unveils final hypercar with sixteen cylinders at Pebble Beach on Sunday",
        ),
        ("Cartier recalls 1,000 watches in Europe", "Cartier recalls 1000 watches in Europe"),
    ],
)
def test_synonymous_titles_are_one_story(one: str, two: str) -> None:
    assert same_news(fingerprint(one), other(two)) == "title"


def test_other_houses_or_another_week_make_another_story() -> None:
    assert same_news(fingerprint(), other(houses=frozenset({"prada"}))) is None
    assert same_news(fingerprint(), other(published=NOW - timedelta(days=4))) is None


def test_short_titles_do_not_join_stories() -> None:
    assert same_news(fingerprint("Bentley news", sketch=b""), other("Bentley news")) is None


def test_chinese_titles_are_compared_by_their_letters() -> None:
    one = fingerprint("爱马仕在上海开设全球最大旗舰店")
    assert same_news(one, other("爱马仕在上海开设全球最大旗舰店！")) == "title"
    assert same_news(one, other("爱马仕在北京开设全球最大旗舰店")) is None


def test_a_story_is_found_among_thousands() -> None:
    stories = Stories()
    for n in range(3000):
        stories.add(
            fingerprint(
                f"House number {n} shows collection {n} in city {n % 50}",
                link=f"https://x.example/{n}",
                story_id=n,
                houses=frozenset(),
            )
        )
    stories.add(fingerprint(sketch=sketch_of(PRESS)))
    assert stories.match(other()) == Match(7, "title")
    copied = other("Quite another line of words", sketch=sketch_of(PRESS), houses=frozenset())
    assert stories.match(copied) == Match(7, "text")
    assert stories.match(other("Something that nobody has told yet today")) is None


def test_an_article_under_a_new_address_is_known_by_its_title_and_time() -> None:
    stories = Stories()
    stories.add(fingerprint())
    moved = fingerprint(link="https://one.example/new")
    assert stories.is_repeat(moved, dated=True)
    assert not stories.is_repeat(replace(moved, published=NOW - timedelta(days=1)), dated=True)
    assert stories.is_repeat(replace(moved, published=NOW - timedelta(days=1)), dated=False)
    assert not stories.is_repeat(replace(moved, source_id=2), dated=True)
