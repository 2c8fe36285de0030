"""Filters of a search, as people type them, and how to widen it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.phrases import listed
from handlers.typed.search_filters import Narrowed, narrowed
from news.filing import taxonomy
from storage.model import NewSource, SourceState
from tests.handlers.conftest import ask, press
from tests.plugins.records import a_source

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

TODAY = date(2026, 11, 27)  # a Friday
CATEGORIES = taxonomy.load()
SHOWN = {
    "it": {"china": "Cina", "watches": "Orologi", "style": "Stile"},
    "zh": {"china": "中国", "watches": "腕表", "style": "时尚"},
    "fr": {"china": "Chine", "watches": "Horlogerie", "style": "Mode"},
}


SOURCES = [
    a_source(number, datetime(2026, 11, 27, tzinfo=UTC), name=name)
    for number, name in enumerate(
        ["Vogue", "Vogue Italia", "Robb Report", "Robb Report Marine", "The Fashion Law", "Style"],
        start=1,
    )
]


def read(query: str, language: str = "en") -> Narrowed:
    return narrowed(
        query,
        sources=SOURCES,
        taxonomy=CATEGORIES,
        shown=lambda slug: SHOWN.get(language, {}).get(slug, slug),
        language=language,
        today=TODAY,
    )


MONDAY = date(2026, 11, 23)
LAST_FRIDAY = date(2026, 11, 20)
VOGUES = Narrowed("", ("Vogue", "Vogue Italia"), frozenset({1, 2}))


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("results vogue", replace(VOGUES, words="results")),
        ("Vogue prada results", replace(VOGUES, words="prada results")),
        ("prada from Vogue", replace(VOGUES, words="prada")),
        ("prada since monday", Narrowed("prada", since=date(2026, 11, 23))),
        ("prada last week", Narrowed("prada", since=date(2026, 11, 20))),
        ("since 3 november prada", Narrowed("prada", since=date(2026, 11, 3))),
        ("tourbillon in watches", Narrowed("tourbillon", category="watches")),
        ("China prada", Narrowed("prada", category="china")),
        (
            "results china vogue since yesterday",
            replace(VOGUES, words="results", category="china", since=date(2026, 11, 26)),
        ),
        ("boats robb report marine", Narrowed("boats", ("Robb Report Marine",), frozenset({4}))),
        # In whichever order, at either end.
        ("prada from vogue in watches", replace(VOGUES, words="prada", category="watches")),
        ("in watches from vogue prada", replace(VOGUES, words="prada", category="watches")),
        ("prada the fashion law", Narrowed("prada", ("The Fashion Law",), frozenset({5}))),
        # All that it is narrowed to is wanted where no word is left.
        ("since monday", Narrowed("", since=MONDAY)),
        ("vogue since monday", replace(VOGUES, since=MONDAY)),
        (
            "yachts robb report marine",
            Narrowed("", ("Robb Report Marine",), frozenset({4}), category="yachts"),
        ),
        ("watches since monday", Narrowed("", category="watches", since=MONDAY)),
        ("in fashion since monday", Narrowed("", category="style", since=MONDAY)),
        ("from vogue", VOGUES),
        ("in watches", Narrowed("", category="watches")),
        ("from vogue in watches this week", replace(VOGUES, category="watches", since=LAST_FRIDAY)),
        # The words left for the search.
        ("prada since monday in watches", Narrowed("prada", category="watches", since=MONDAY)),
        ("fashion since monday", Narrowed("fashion", since=MONDAY)),
        ("the fashion law", Narrowed("the fashion law", called_so=(SOURCES[4],))),
        ("monday", Narrowed("monday")),
        ("vogue", Narrowed("vogue", called_so=tuple(SOURCES[:2]))),
        ("robb report marine", Narrowed("robb report marine", called_so=(SOURCES[3],))),
        ("real estate", Narrowed("real estate")),
        ("gucci", Narrowed("gucci")),
        # Phrases, houses and filters in the middle are search words.
        ("milan fashion week", Narrowed("milan fashion week")),
        ("fashion week", Narrowed("fashion week")),
        ("gucci garden", Narrowed("gucci garden")),
        ("prada vogue results", Narrowed("prada vogue results")),
        ("since prada", Narrowed("since prada")),
    ],
)
def test_search_filters_are_parsed_as_people_type_them(query: str, understood: Narrowed) -> None:
    assert read(query) == understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("prada da lunedì", Narrowed("prada", since=date(2026, 11, 23))),
        ("prada dall’altro ieri", Narrowed("prada", since=date(2026, 11, 25))),
        ("prada la settimana scorsa", Narrowed("prada", since=date(2026, 11, 20))),
        ("tourbillon orologi", Narrowed("tourbillon", category="watches")),
        ("risultati su vogue", replace(VOGUES, words="risultati")),
    ],
)
def test_search_filters_are_parsed_in_italian(query: str, understood: Narrowed) -> None:
    assert read(query, "it") == understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("业绩 vogue 周一以来", replace(VOGUES, words="业绩", since=date(2026, 11, 23))),
        ("古驰 自昨天", Narrowed("古驰", since=date(2026, 11, 26))),
        ("古驰 上周", Narrowed("古驰", since=date(2026, 11, 20))),
        ("古驰 11月3日 至今", Narrowed("古驰", since=date(2026, 11, 3))),
        ("陀飞轮 腕表", Narrowed("陀飞轮", category="watches")),
        ("自然堂 业绩", Narrowed("自然堂 业绩")),
        ("周一以来", Narrowed("周一以来")),
    ],
)
def test_search_filters_are_parsed_in_chinese(query: str, understood: Narrowed) -> None:
    assert read(query, "zh") == understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("résultats vogue depuis lundi", replace(VOGUES, words="résultats", since=MONDAY)),
        ("prada depuis hier", Narrowed("prada", since=date(2026, 11, 26))),
        ("prada depuis le 3 novembre", Narrowed("prada", since=date(2026, 11, 3))),
        ("prada la semaine dernière", Narrowed("prada", since=date(2026, 11, 20))),
        ("prada depuis une semaine", Narrowed("prada", since=date(2026, 11, 20))),
        ("prada en Chine", Narrowed("prada", category="china")),
        ("tourbillon horlogerie", Narrowed("tourbillon", category="watches")),
        ("prada dans vogue", replace(VOGUES, words="prada")),
        ("semaine de la mode", Narrowed("semaine de la mode")),
    ],
)
def test_search_filters_are_parsed_in_french(query: str, understood: Narrowed) -> None:
    assert read(query, "fr") == understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("resultados vogue desde el lunes", replace(VOGUES, words="resultados", since=MONDAY)),
        ("prada desde ayer", Narrowed("prada", since=date(2026, 11, 26))),
        ("prada después del 3 de noviembre", Narrowed("prada", since=date(2026, 11, 3))),
        ("prada la semana pasada", Narrowed("prada", since=date(2026, 11, 20))),
        ("prada este mes", Narrowed("prada", since=date(2026, 10, 28))),
        ("prada en China", Narrowed("prada", category="china")),
        ("tourbillon en relojes", Narrowed("tourbillon", category="watches")),
        ("prada en vogue", replace(VOGUES, words="prada")),
        ("semana de la moda", Narrowed("semana de la moda")),
    ],
)
def test_search_filters_are_parsed_in_spanish(query: str, understood: Narrowed) -> None:
    assert read(query, "es") == understood


@given(
    st.lists(
        st.sampled_from(
            ["vogue", "since", "monday", "last", "week", "china", "in", "from", "prada", "da", "’"]
        ),
        min_size=1,
        max_size=8,
    ).map(" ".join)
)
def test_parsing_a_search_drops_no_word(query: str) -> None:
    understood = read(query)
    assert understood.words or understood.narrowed
    assert set(understood.words.split()) <= set(query.split())
    if "vogue" not in query:
        assert not understood.sources
    if "china" not in query:
        assert not understood.category
    if not {"last", *listed("filters", "since")}.intersection(query.split()):
        assert understood.since is None


async def test_a_search_shows_its_filters_and_a_tap_removes_them(bureau: Bureau) -> None:
    sources = bureau.onnews.archive.sources
    vogue = await sources.add(NewSource("Vogue", "https://vogue.example/feed"), bureau.clock.now)
    await sources.set_state(vogue.id, SourceState.PAUSED, bureau.clock.now)
    desk = bureau.desk
    await desk.print_("Silk in Shanghai", "china", source_id=vogue.id)
    await desk.print_("Silk in Milan", "style", source_id=vogue.id)
    await desk.print_("Silk at home", "china")
    await desk.print_("Silk of last month", "china", source_id=vogue.id, hours_ago=24 * 30)
    await desk.print_("Vogue, china and silk since Tuesday", "style", hours_ago=24 * 40)
    ana = await bureau.reader()
    found = await ask(ana, "/search silk china vogue since tuesday")
    assert "Results for “silk”\n\nChina · from Vogue · since Tuesday 17 November" in found.text
    assert "Silk in Shanghai" in found.text
    assert found.text.count("Silk ") == 1
    assert found.labels == ["1", "Search for all these words", "Follow China"]
    wide = await press(ana, "Search for all these words", found)
    assert wide.edited
    assert "Vogue, china and silk since Tuesday" in wide.text
    assert "In China" not in wide.text
    found = await ask(ana, "/search silk since yesterday")
    assert "Results for “silk”\n\nSince Monday 23 November" in found.text
    assert found.text.count("Silk ") == 3
    found = await ask(ana, "/search from vogue")
    assert "The latest\n\nFrom Vogue\n" in found.text
    assert found.text.count("Silk ") == 3
    assert "engine" not in found.text
    found = await ask(ana, "/search in china since yesterday")
    assert "The latest\n\nChina · since Monday 23 November\n" in found.text
    assert "Silk in Shanghai" in found.text
    assert "Silk at home" in found.text
    assert "Milan" not in found.text
    await ana.send("/search from vogue in motor")
    assert (await ana.next()).text == "Motor · from Vogue\n\nNo stories yet."


async def test_searching_for_a_sources_name_offers_all_of_that_source(bureau: Bureau) -> None:
    sources, desk = bureau.onnews.archive.sources, bureau.desk
    for name in ("Vogue France", "Vogue Italia"):
        added = await sources.add(
            NewSource(name, f"https://{name[6:]}.example/feed"), bureau.clock.now
        )
        await sources.set_state(added.id, SourceState.PAUSED, bureau.clock.now)
        for number in range(5):
            await desk.print_(f"Silk {number} of {name}", "style", source_id=added.id)
    await desk.print_("What Vogue wears", "style")
    ana = await bureau.reader()
    found = await ask(ana, "/search vogue")
    assert "What Vogue wears" in found.text
    everything = await press(ana, "All of Vogue", found)
    assert everything.text.startswith("The latest\n\nFrom Vogue France and Vogue Italia\n")
    assert "What Vogue wears" not in everything.text
    older = await press(ana, "Older", everything)
    assert "8 Silk" in older.text
    assert "What Vogue wears" in (await press(ana, "Search for all these words", older)).text
    # Typed without the command, it is one tap as well; of one edition, the name is whole.
    await ana.send("vogue")
    await ana.tap("All of Vogue", await ana.next())
    assert "From Vogue France and Vogue Italia" in (await ana.next()).text
    await ana.send("vogue italia")
    await ana.tap("All of Vogue Italia", await ana.next())
    assert "From Vogue Italia\n" in (await ana.next()).text


async def test_a_word_for_a_section_opens_that_section_and_can_be_followed(bureau: Bureau) -> None:
    ana = await bureau.reader()
    answer = await ask(ana, "couture")
    assert answer.labels == ["Style", "Search the news", "Follow “couture”"]
