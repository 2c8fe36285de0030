"""Which texts are copies, and which only share a template. Which pairs of headlines are one story,
and which only share words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality import filing
from news.stories.duplicates import Fingerprint, Match, Stories, same_news
from news.stories.text_sketches import sketch_of
from tests.news.conftest import NOW

if TYPE_CHECKING:
    import random

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


def same(one: str, other: str, apart: timedelta = timedelta(0)) -> bool:
    """Return whether two sources' headlines are one story, in either order."""
    first = Fingerprint("https://one.example/a", one, NOW, 1)
    second = Fingerprint("https://two.example/b", other, NOW + apart, 2)
    there, back = same_news(first, second), same_news(second, first)
    assert there == back
    return there is not None


def test_joined_pairs_are_nearly_all_right() -> None:
    tally = filing.joined(filing.labelled_pairs(filing.LABELLED / "pairs"))
    assert tally.precision >= 0.95
    assert tally.recall >= 0.45


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bomb wounds soldier in Quetta market", "Bomb wounds soldiers in Quetta market"),
        ("Syria's president visits Moscow", "Syria's president to visit Moscow"),
        ("Envoy returns to Moscow after talks", "Envoy returns from Moscow after talks"),
        ("Russia says Ukraine shelled reactor", "Ukraine says Russia shelled reactor"),
        ("North Korea unveils new missile", "North Korea launches new missile"),
        ("UN peacekeepers leave Golan post", "Peacekeepers leave Golan post"),
        ("Four die in Leeds coach crash", "Four in Leeds coach crash"),
        ("Soldier killed in Afghanistan attack", "Soldier killed in S. Afghanistan attack"),
        ("Rivals attacked by protesters in Lima", "Rivals attacked protesters in Lima"),
        ("Kering names Gucci head", "Gucci names Kering head"),
        ("Former Prada designer named Gucci head", "Former Gucci designer named Prada head"),
        ("Tokyo stocks close higher", "Tokyo stocks close higher on Friday"),
        ("Court clears Rossi in tax case", "Anna Rossi cleared in tax case by court"),
        ("England beat Wales in Cardiff final", "Britain beat Wales in Cardiff final"),
        ("Dollar falls against yen in Asia", "Euro falls against yen in Asia"),
        ("Museum plans new wing in Basel", "Museum plane wing in Basel"),
        ("9 killed, 40 injured in Lima blaze", "40 killed, 9 injured in Lima blaze"),
        ("12 killed in police raid on gang", "Gang raid kills 12 police"),
        ("Driver killed by officer in Texas", "Officer killed by driver in Texas"),
        ("Zegna names Dior executive CEO", "Zegna executive named Dior CEO"),
        ("Rebels free UN peacekeepers in Golan", "Rebels free UN peacekeeper in Golan"),
        ("Richemont's jewel sales rise 14%", "Richemont sales rise 14% on jewels"),
        ("Mayor arrested in Lima bribe case", "Fact check: mayor arrested in Lima bribe case"),
        ("Gucci schließt Filialen in China", "Gucci schließt alle Filialen in China"),
        ("School parents protest in Lima", "School owners protest in Lima"),
        ("Hotel fire in central Lima: many hurt", "Hotel fire in central Lima"),
        ("Turkey says jets violated its airspace", "Jets violated Turkish airspace: NATO"),
        ("Gucci chief Anna Rossi resigns", "Anna Gucci resigns as chief of Rossi"),
        ("Gunman attacked in Mali desert", "Gunman attacked by Mali in desert"),
        ("Apple sued over old batteries", "Apple sues over old batteries"),
        ("Iran arrests Briton over spying", "Britain arrests Iranian over spying"),
        ("Protesters leave Taksim Square", "Protesters to leave Taksim Square"),
        ("Senate votes on new tax bill", "Senate votes for new tax bill"),
        ("Kering sells Puma stake to Artemis", "Kering buys Puma stake from Artemis"),
        ("Kering sells Puma stake to Artemis", "Artemis sells Puma stake to Kering"),
        ("Former Dior chief named Prada head", "Former Prada chief named Dior head"),
        ("Exports fall in August on weak demand", "China's exports fall in August on weak demand"),
        ("AU troops attack Somali rebels", "Somali troops attack AU rebels"),
        ("Ferrari assume 20 operai a Maranello", "Ferrari assume 20.000 operai a Maranello"),
        ("博柏利将裁员1700人", "博柏利将裁员700人"),
        ("3死5伤 米兰发生车祸", "5死3伤 米兰发生车祸"),
        ("ロレックスが値上げを発表か", "ロレックスが値上げを発表"),
        ("カルティエがロレックスを提訴", "ロレックスがカルティエを提訴"),
        (
            "Bentley recalls hundreds of electric cars in northern Europe after garage fire",
            "Bentley recalls hundreds of electric cars in northern Europe after feared garage fire",
        ),
    ],
)
def test_small_differences_in_titles_make_other_news(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Watch exports fall 5 percent in May", "Watch exports down 5% in May"),
        ("Museum in Basel opens 3rd wing", "Museum opens third wing in Basel"),
        ("Parliament votes on labour law", "Parliament voted on labor law"),
        ("Bulgari launches Octo in white gold", "Bvlgari unveils Octo in white gold"),
        ("Coty buys mill for 5 million euros", "Coty buys mill for \u20ac5m"),
        ("N. Korea fires two missiles", "North Korea fires 2 missiles"),
        ("Ferry sinks off Samos, officials say", "Officials say ferry sinks off Samos"),
        ("Chanel sales up 3% in first quarter", "Chanel Q1 sales rise 3%"),
        ("Dior posts 1% revenue growth in May", "Dior revenue rises 1% in May"),
        ("Turkey lifts ban on Twitter after vote", "Turkey lifts Twitter ban after vote"),
        ("Luxury market to shrink 2% in May, Bain says", "Luxury market to shrink 2% in May"),
        ("Cholera death toll passes 5,000: WHO", "Cholera death toll passes 5,000"),
        ("Rosewood opens its doors in Amsterdam", "Rosewood opens in Amsterdam"),
        ("Chanel menswear show kicks off in Lima", "Chanel men's wear show begins in Lima"),
        ("Coroner: singer drowned in hotel bath", "Singer drowned in bath at hotel"),
        ("Spain's Rajoy rejects early election", "Rajoy rejects early election"),
        ("Swatch hikes prices by 5 percent in US", "Swatch raises US prices 5%"),
        ("Les ventes de Dior reculent de 5 %", "Dior : les ventes reculent de 5%"),
        ("Gucci apre una boutique a Milano", "Gucci inaugura la sua boutique a Milano"),
        ("Umsatz von Hugo Boss sinkt um 3 Prozent", "Hugo Boss: Umsatz sinkt um 3 Prozent"),
        ("卡地亚推出全新山度士腕表", "卡地亚发布全新山度士腕表"),
        ("エルメスが銀座に新店をオープン", "エルメス、銀座に新店を開業"),
    ],
)
def test_synonyms_of_headlines_make_one_story(one: str, other: str) -> None:
    assert same(one, other)


def test_equal_titles_are_one_story_even_if_one_lacks_its_house() -> None:
    one = Fingerprint("https://one.example/a", "Hermès to raise US prices in May", NOW, 1)
    other = Fingerprint("https://two.example/b", "Hermes to hike U.S. prices in May", NOW, 2)
    named, tagged = frozenset({"hermes"}), frozenset({"hermes", "lvmh"})
    for ours, theirs in ((named, frozenset()), (named, tagged)):
        stories = Stories()
        stories.add(replace(one, houses=ours, story_id=7))
        assert stories.match(replace(other, houses=theirs)) == Match(7, "title")
    for ours, theirs in ((named, frozenset({"lvmh"})), (frozenset({"lvmh"}), frozenset())):
        assert same_news(replace(one, houses=ours), replace(other, houses=theirs)) is None


def test_a_light_word_more_in_a_short_title_needs_a_house() -> None:
    one = Fingerprint("https://one.example/a", "Armani dies at 91", NOW, 1)
    other = Fingerprint("https://two.example/b", "Fashion designer Armani dies aged 91", NOW, 2)
    assert same_news(one, other) is None
    housed = frozenset({"armani"})
    assert same_news(replace(one, houses=housed), replace(other, houses=housed)) == "title"


def test_recurring_news_is_joined_only_within_a_day() -> None:
    for title in ("Tokyo stocks close higher on tech gains", "Soldier killed near Kabul"):
        assert same(title, title, timedelta(hours=6))
        assert not same(title, title, timedelta(hours=26))
    dated = "Tokyo stocks close 1.2% higher on tech gains"
    assert same(dated, dated, timedelta(hours=26))


WORDS = """
    Prada Versace buys bought by from to says names fall falls killed 5 five dead leaves
    people soldiers soldier Monday luxury not stocks bail out bailout the UN S. Korea leave
"""
SOME = st.sampled_from(WORDS.split())
TITLES = st.lists(SOME, min_size=1, max_size=9).map(" ".join)


@given(TITLES, TITLES)
def test_comparing_headlines_is_symmetric(one: str, other: str) -> None:
    same(one, other)


@given(st.lists(SOME, min_size=4, max_size=9), st.randoms(use_true_random=False))
def test_comparing_headlines_handles_any_order_and_case(
    words: list[str], chance: random.Random
) -> None:
    shuffled = chance.sample(words, len(words))
    same(" ".join(words), " ".join(shuffled))
    same(" ".join(words), " ".join(words).upper())


@given(TITLES)
def test_a_headline_is_its_own_story_unless_it_is_too_short(title: str) -> None:
    fingerprint = Fingerprint("https://one.example/a", title, NOW, 1)
    assert same(title, title) or len(fingerprint.counted) < 3
