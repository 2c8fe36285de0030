"""Which texts are copies, and which only share a template."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from news.stories.duplicates import Fingerprint, Match, Stories, same_news
from news.stories.text_sketches import sketch_of
from tests.news.conftest import NOW

ABOUT = (
    "For a hundred years the house has stood for fine craft, and its workshops for a know-how that "
    "goes from hand to hand. Its stores on four continents show leather goods, clothes, jewels "
    "and scents in rooms that were drawn for them. The house belongs to a group that helps it to "
    "grow and leaves it its own voice. More can be read on its pages, with pictures for all."
)
JOB = (
    "{house} looks for a {role} for its boutique in {city}. You welcome clients, show collections "
    "and see to it that every visit is a pleasure. You have worked in a store for three years, "
    "speak two languages and like to work with others. We offer a good salary, training at our own "
    "school and room to grow. Send us your letter, and tell us when you could begin. We read all."
)
LETTER = (
    "Every morning our editors bring you in one place what counts in the world of luxury, from "
    "fashion and watches to cars, yachts and hotels. Subscribe and have it in your inbox at eight, "
    "free of charge, or send it to a friend. Tell us what you would like to read more about, and "
    "what less, with the button below; your answer takes ten seconds and helps us a lot. "
)


def fingerprint(title: str, text: str, source: int = 1, **changes: object) -> Fingerprint:
    plain = Fingerprint(
        f"https://{source}.example/{abs(hash((title, text)))}",
        title,
        NOW,
        source,
        sketch=sketch_of(text),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def opening(city: str, metres: int) -> str:
    return (
        f"The house opens the doors of its new boutique in the heart of {city}. On {metres} square "
        "metres visitors find its bags, shoes and clothes, and a small room for its jewels. "
    ) + ABOUT


def results(months: str, percent: int, millions: int) -> str:
    return (
        f"The group tells how it fared in the {months}. Its revenue grew by {percent} per cent "
        f"to {millions} million. All regions had a part in it. The group will go on to choose with "
        "care where it spends, and keeps its costs low. These lines hold views on what comes, but "
        "what comes may be another thing; the whole report is to be read on the group's pages."
    )


def test_a_copy_is_recognised_under_another_title_and_with_an_added_line() -> None:
    text = opening("Milan", 400)
    one = fingerprint("The house opens a boutique in Milan", text)
    for title, copy in (
        ("Milan has a new address for bags and jewels", text),
        ("Boutique in Milan: four hundred metres of leather", "MILAN, 25 Nov 2026 - " + text),
        ("The house comes to Milan", "By our own reporter, with a picture. " + text),
        ("The house comes to Milan", text.replace("opens the doors of", "has opened")),
    ):
        assert same_news(one, fingerprint(title, copy, source=2)) == "text"


@pytest.mark.parametrize(
    "siblings",
    [
        [
            (f"The house opens boutique in {city}", opening(city, metres))
            for city, metres in (("Milan", 400), ("Rome", 400), ("Tokyo", 220))
        ],
        [(f"New {city} store", opening(city, 400)) for city in ("Milan", "Rome", "Tokyo")],
        [
            ("The group tells its results", results(months, percent, percent * 120))
            for months, percent in (("first quarter", 4), ("half-year", 6), ("third quarter", 9))
        ],
        [
            (f"{house} is hiring: {role}, {city}", JOB.format(house=house, role=role, city=city))
            for house, role, city in (
                ("Gucci", "store manager", "Milan"),
                ("Gucci", "tailor", "Milan"),
                ("Gucci", "tailor", "Rome"),
                ("Prada", "tailor", "Rome"),
            )
        ],
    ],
    ids=["openings", "stores", "results", "jobs"],
)
def test_texts_from_one_template_are_separate_stories(siblings: list[tuple[str, str]]) -> None:
    for other_source in (1, 2):
        for (title, text), (other_title, other_text) in combinations(siblings, 2):
            two = fingerprint(other_title, other_text, source=other_source)
            assert same_news(fingerprint(title, text), two) != "text"


def test_vague_titles_with_different_texts_are_separate_stories() -> None:
    title = "A new address for the house in the heart of town"
    one, two = (
        fingerprint(title, opening("Milan", 400)),
        fingerprint(title, opening("Rome", 400), source=2),
    )
    assert same_news(one, two) is None
    assert same_news(one, fingerprint(title, opening("Milan", 400), source=2)) == "text"
    assert (
        same_news(one, fingerprint(title, "Quite another text about the same shop.", 2)) == "title"
    )


def test_newsletters_with_the_same_opening_are_separate_stories() -> None:
    one = fingerprint(
        "Paris shows, Milan sells", LETTER + "In Paris the shows have begun with a storm."
    )
    two = fingerprint(
        "A yacht and its cook", LETTER + "Who cooks at sea needs a good stomach and knives."
    )
    assert same_news(one, two) is None


def test_the_same_text_under_other_titles_of_one_source_is_separate() -> None:
    one = fingerprint("Gucci's Jackie of fine leather", ABOUT)
    assert same_news(one, fingerprint("Prada's Galleria tote", ABOUT)) is None
    assert same_news(one, fingerprint("Gucci's new Jackie of fine leather", ABOUT)) == "text"
    assert same_news(one, fingerprint("A bag that all of Milan carries", ABOUT, source=2)) == "text"


def test_texts_about_different_houses_are_not_copies() -> None:
    text = opening("Milan", 400)
    one = fingerprint("A boutique in Milan", text, houses=frozenset({"gucci"}))
    assert same_news(one, fingerprint("New in Milan", text, 2, houses=frozenset({"prada"}))) is None
    assert same_news(one, fingerprint("New in Milan", text, 2)) == "text"


def test_a_shared_paywall_text_joins_no_stories() -> None:
    wall = (
        "To read on you need an account with one of our papers, which costs nothing for the first "
        "month. Have you one already? Then sign in above. Your name and address stay with us."
    )
    assert (
        same_news(fingerprint("Zegna grows", wall), fingerprint("Lexus in Lyon", wall, source=2))
        is None
    )


def test_a_shared_press_release_ending_joins_no_stories() -> None:
    hired = "Anna Rossi leads the house from Monday on. " + ABOUT
    sued = "In Lyon the house goes to court over a copied bag. " + ABOUT
    one = fingerprint("Anna Rossi named head of the house", hired)
    two = fingerprint("The house goes to court in Lyon", sued, source=2)
    assert same_news(one, two) is None


def test_similar_stories_are_not_chained_into_one() -> None:
    stories = Stories()
    cities = ("Milan", "Rome", "Tokyo", "Paris", "London", "Madrid")
    for number, city in enumerate(cities):
        one = fingerprint(f"New boutique in {city}", opening(city, 200 + number), source=number)
        assert stories.match(one) is None
        stories.add(replace(one, story_id=number))
    again = fingerprint("Where Tokyo buys its bags", opening("Tokyo", 202), source=9)
    assert stories.match(again) == Match(2, "text")


@pytest.mark.parametrize(
    "title",
    [
        "Deal of the day: the best of luxury for less",
        "The week in watches, from steel to gold",
        "Your horoscope for all twelve signs",
        "Five things to know before the shows begin",
        "Gold price today in Dubai and Sharjah",
        "Les photos de la semaine dans le monde",
        "L'oroscopo del giorno segno per segno",
    ],
)
def test_a_columns_title_does_not_join_stories(title: str) -> None:
    one = fingerprint(title, "")
    assert same_news(one, fingerprint(title, "", source=2)) is None
    text = opening("Milan", 400)
    assert same_news(fingerprint(title, text), fingerprint(title, text, source=2)) == "text"


def test_a_title_repeated_by_its_source_is_a_column() -> None:
    title = "Street style: what people wore in Milan and Paris"
    stories = Stories()
    for day in range(3):
        column = replace(fingerprint(title, f"{day}"), published=NOW + timedelta(days=day))
        assert stories.match(column) is None
        stories.add(replace(column, story_id=day + 1))
    again = fingerprint(title, "", source=2)
    assert stories.match(replace(again, published=NOW + timedelta(days=3))) is None
    assert stories.match(replace(again, published=NOW + timedelta(hours=50))) == Match(3, "title")


def test_daily_market_reports_are_joined_only_within_a_day() -> None:
    title = "Gold prices steady near record high as traders wait"
    one, two = fingerprint(title, ""), fingerprint(title, "", source=2)
    assert same_news(one, replace(two, published=NOW + timedelta(hours=3))) == "title"
    assert same_news(one, replace(two, published=NOW + timedelta(hours=24))) is None


def test_a_minhash_sketch_is_equal_in_every_process() -> None:
    sketch = sketch_of("one two three four five 66")
    assert sketch.hex() == "4245201b42327e70f0866c7a668aca11f4d8c5467c66c190caccb23c13167f070001"
    assert len(sketch_of(ABOUT * 9)) <= 8 * 64 + 4 * 136 + 2
