"""Finding a time zone by a city's name in any language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from docs.cities import packed
from handlers.settings.declared import language_name
from handlers.typed.places import (
    CITIES,
    FoundCity,
    Places,
    cities_in,
    city_of,
    folded,
    folded_names,
    is_zone,
    listed,
    settled,
)

if TYPE_CHECKING:
    from workers.pool import Workers


@pytest.fixture
def places(workers: Workers) -> Places:
    return Places(workers)


async def test_a_city_is_found_by_any_of_its_names(places: Places) -> None:
    for name, zone in {
        "München": "Europe/Berlin",
        "monaco di baviera": "Europe/Berlin",
        "北京": "Asia/Shanghai",
        "sao paulo": "America/Sao_Paulo",
        "Санкт-Петербург": "Europe/Moscow",
    }.items():
        found = await places.find(name)
        assert {place.zone for place in found} == {zone}, name


async def test_the_cities_of_the_journey_need_no_worker() -> None:
    class Nobody:
        async def run(self, *_: object, **__: object) -> None:
            raise AssertionError("no worker is needed")

    places = Places(Nobody())  # type: ignore[arg-type]  # a fake
    for city in CITIES:
        for name in city.names:
            assert [place.zone for place in await places.find(name)] == [city.zone]
    assert [place.zone for place in await places.find("Europe/Madrid")] == ["Europe/Madrid"]
    assert await places.find("") == ()
    assert await places.find("x" * 1000) == ()


async def test_a_misspelt_city_is_never_taken_without_asking(places: Places) -> None:
    near = await places.find("Milna")
    assert near[0] == FoundCity("Milan", "IT", "Europe/Rome", near[0].people, id=3173435)
    assert len(near) > 1


async def test_a_country_after_a_comma_distinguishes_cities_of_the_same_name(
    places: Places,
) -> None:
    assert [place.zone for place in await places.find("London, CA")] == ["America/Toronto"]
    assert [place.zone for place in await places.find("Paris, Texas")] == ["America/Chicago"]
    ontario = {place.zone for place in await places.find("Paris, Ontario")}
    assert {"Europe/Paris", "America/Chicago"} <= ontario
    assert await places.find("qwxzqwxz, IT") == ()


async def test_a_city_is_shown_by_the_name_that_was_typed(places: Places) -> None:
    for name, called in {
        "Genève": "Genève",
        "genève": "Genève",
        "Geneve": "Geneve",
        "san francisco": "San Francisco",
        "北京": "北京",
        "roma": "Roma",
        "pechino": "Pechino",
    }.items():
        found = await places.find(name)
        assert found[0].called == called
        assert await places.get(found[0].id) == replace(found[0], called="")
    assert await places.get(1) is None


async def test_cities_of_the_same_name_are_distinguished_by_their_states(places: Places) -> None:
    found = await places.find("Springfield")
    assert {"Illinois", "Missouri", "Massachusetts"} <= {place.state for place in found}
    assert [place.state for place in await places.find("Springfield, Illinois")] == ["Illinois"]


async def test_a_place_at_sea_has_a_zone_too(places: Places) -> None:
    assert await places.at(45.46, 9.19) == "Europe/Rome"
    assert await places.at(0.0, -160.0) is not None


@pytest.mark.parametrize(
    "names",
    [
        ("Kano", "kanw  nyjryh", "Kánò", "كانو، نیجریه", ""),
        ("Saint-Étienne", " Sankt - Stefan ", "-", "Straße", "ＮＹＣ", "A\u3000B\u2028C"),
        ("Ἀθῆναι", "\u0301Athen", "がく", "톄링 시", "साण्टा फे", "İzmir"),
    ],
)
def test_all_names_of_a_city_are_folded_as_each_alone(names: tuple[str, ...]) -> None:
    main, *others = names
    line = f"{main}\tUS\tNY New York\tAmerica/New_York\t1\t2\t{'|'.join(others)}"
    assert folded_names(line.encode()).decode().split("\t")[1:-1] == list(map(folded, names))


def test_a_city_much_larger_than_its_namesakes_is_chosen() -> None:
    paris, texas = (
        FoundCity("Paris", "FR", "Europe/Paris", 2_000_000),
        FoundCity("Paris", "US", "America/Chicago", 25_000),
    )
    assert settled((paris, texas)) == (paris,)
    rival = FoundCity("Paris", "XX", "Asia/Tokyo", 1_900_000)
    assert settled((paris, rival)) == (paris, rival)
    assert settled(()) == ()


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "/", "Europe", "a\0b"])
def test_an_unknown_zone_is_rejected(name: str) -> None:
    assert not is_zone(name)


def test_a_zone_is_shown_by_its_city_in_the_readers_language() -> None:
    assert city_of("Europe/Rome", "it") == "Roma"
    assert city_of("America/New_York", "zh") == "纽约"
    assert city_of("America/Argentina/Buenos_Aires", "en") == "Buenos Aires"


def test_a_language_with_its_script_has_its_own_names_of_cities_and_languages() -> None:
    assert city_of("Europe/Paris", "zh-Hant") == "巴黎"
    assert language_name("zh-Hant") == "中文 (繁體)"
    assert language_name("it", "zh-Hant") == "義大利文"
    assert (language_name("en"), language_name("it", "it")) == ("English", "Italiano")


def test_the_generated_list_of_cities_reads_back_with_the_largest_first() -> None:
    cities = [next(each for each in listed() if each.id == id_) for id_ in (5128581, 3173435)]
    raw = {
        str(each.id): {
            "geonameid": each.id,
            "name": each.names[0],
            "countrycode": each.country,
            "admin1code": "NY" if each.state else "09",
            "timezone": each.zone,
            "population": each.people,
            "alternatenames": list(each.names[1:]),
        }
        for each in reversed(cities)
    }
    made = packed(raw, {"NY": {"code": "NY", "name": "New York"}})
    assert list(cities_in(made)) == cities
    assert [each.state for each in cities] == ["New York", ""]
