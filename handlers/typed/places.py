"""Time zones by a city's name or a location.

The lists of the world's cities and zones are large, so only worker processes hold them. The cities
of the newcomer's journey need no list.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.typed.folding import bounded
from news.text.letters import without_accents
from templates.language.languages import locale_of, primary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.pool import Workers

PATIENCE = 20.0
"""Seconds that one lookup may take.

A worker's first lookup takes up to half a second, and the next ones 10 to 30 milliseconds.
"""
MOST_CANDIDATES = 6
MAIN_CITY = 8
"""How many times more people a city needs than its namesakes to be chosen without asking."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class City:
    """A city that the journey offers, and its names."""

    key: str
    """Key of the city; its label is `city_<key>`."""
    zone: str
    names: tuple[str, ...]
    language: str = ""
    """Language of the newcomers to whom this city is offered first; empty for none."""


CITIES = (
    City("milan", "Europe/Rome", ("Milan", "Milano", "Mailand", "Milán", "米兰"), "it"),
    City("paris", "Europe/Paris", ("Paris", "Parigi", "París", "巴黎"), "fr"),
    City("madrid", "Europe/Madrid", ("Madrid", "马德里"), "es"),
    City("london", "Europe/London", ("London", "Londra", "Londres", "伦敦"), "en"),
    City("new-york", "America/New_York", ("New York", "NYC", "Nueva York", "纽约")),
    City("dubai", "Asia/Dubai", ("Dubai", "Dubái", "Dubaï", "迪拜")),
    City("shanghai", "Asia/Shanghai", ("Shanghai", "Sciangai", "Shanghái", "上海"), "zh"),
    City("hong-kong", "Asia/Hong_Kong", ("Hong Kong", "Hongkong", "香港")),
    City("tokyo", "Asia/Tokyo", ("Tokyo", "Tokio", "东京", "東京")),
)
ELSEWHERE = "Europe/Rome"
"""The zone of newcomers whose language has no city in the list."""


@dataclass(frozen=True, slots=True)
class FoundCity:
    """A city with its time zone."""

    name: str
    country: str
    """Two-letter code; empty for the journey's cities and for names of zones."""
    zone: str
    people: int = 0
    called: str = ""
    """The name as it was typed: `北京` rather than `Beijing`; empty if no name was typed."""
    state: str = ""
    """State of a city in the United States, such as `Illinois`; empty elsewhere."""
    id: int = 0
    """GeoNames id."""


class Places:
    """Looks up cities and zones in a worker process; raises WorkerError if that takes too long."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def find(self, name: str) -> tuple[FoundCity, ...]:
        """Return the cities that a name may mean, the largest first; empty if there are none.

        Only one is returned if it is much larger than the others, or if all share its zone.
        """
        name = bounded(name)
        wanted = folded(name)
        if not wanted or len(wanted) > LONGEST_NAME:
            return ()
        for city in CITIES:
            if wanted in {folded(written) for written in city.names}:
                return (FoundCity(city.names[0], "", city.zone),)
        if is_zone(name.strip()):
            return (FoundCity(city_of(name.strip(), "en"), "", name.strip()),)
        called, places = await self._workers.run(cities_like, name.strip(), timeout=PATIENCE)
        if called:
            return settled(places)
        before, comma, where = name.partition(",")
        if comma and folded(before):
            called, same = await self._workers.run(cities_like, before.strip(), timeout=PATIENCE)
            if called:
                return within(same, folded(where))
        return places[:MOST_CANDIDATES]

    async def get(self, city_id: int) -> FoundCity | None:
        """Return the city with this GeoNames id, or None."""
        return await self._workers.run(city_of_id, city_id, timeout=PATIENCE)

    async def at(self, latitude: float, longitude: float) -> str | None:
        """Return the IANA zone at a latitude and longitude in degrees, or None."""
        zone = await self._workers.run(zone_at, latitude, longitude, timeout=PATIENCE)
        return zone if zone is not None and is_zone(zone) else None


def folded(name: str) -> str:
    """Return a name for comparison: lower case, no accents, single spaces."""
    return " ".join(without_accents(name).replace("-", " ").split())


def home_zone(language: str) -> str:
    """Return the zone of the city that newcomers of a language are offered first."""
    spoken = primary(language)
    return next((city.zone for city in CITIES if city.language == spoken), ELSEWHERE)


def is_zone(name: str) -> bool:
    """Return whether this machine knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def city_of(zone: str, language: str) -> str:
    """Return the city that names a zone, in a language."""
    known = locale_of(language).time_zones.get(zone, {}).get("city")
    return str(known) if known else zone.rpartition("/")[2].replace("_", " ")


def within(namesakes: tuple[FoundCity, ...], where: str) -> tuple[FoundCity, ...]:
    """Return those cities of one name that are in this country (two letters) or state.

    If there are none, all are returned: the words after the comma, such as `Ontario`, may fit any.
    """
    there = tuple(
        place for place in namesakes if where in {place.country.casefold(), folded(place.state)}
    )
    return settled(there) if there else namesakes[:MOST_CANDIDATES]


def settled(found: tuple[FoundCity, ...]) -> tuple[FoundCity, ...]:
    """Return only the first city if it is clearly meant; otherwise the cities to choose from."""
    rivals = [place for place in found if place.zone != found[0].zone]
    clear = all(found[0].people >= MAIN_CITY * place.people for place in rivals)
    return found[: 1 if clear else MOST_CANDIDATES]


def cities_like(asked: str) -> tuple[bool, tuple[FoundCity, ...]]:
    """Return whether cities have this name in any language, and those cities or similar ones.

    Runs in a worker, which keeps the list for its next searches (some 15 MB).
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - kept out of the bot's process

    wanted, names = folded(asked), _folded_names()
    start = f"\t{wanted}".encode("utf-8", "surrogatepass")
    whole = start + b"\t"
    found = [index for index, each in enumerate(names) if whole in each]
    called = bool(found)
    if not called and len(wanted) > 2:
        found = [index for index, each in enumerate(names) if each.startswith(start)]
    if not found:
        main = [each[1 : each.index(b"\t", 1)].decode() for each in names]
        close = process.extract(wanted, main, scorer=fuzz.ratio, score_cutoff=75, limit=20)
        found = [index for _, _, index in close]
    cities = [_city_in(_lines()[index]) for index in found]
    cities.sort(key=lambda city: -city.people)
    places: dict[tuple[str, str, str], FoundCity] = {}
    for city in cities:
        place = found_city(city, asked if called else "")
        places.setdefault((place.name, place.zone, place.state), place)
    return called, tuple(places.values())[: 4 * MOST_CANDIDATES]


def found_city(city: Listed, asked: str = "") -> FoundCity:
    """Return a city of the list under the name that was typed, in the most similar spelling."""
    wanted = folded(asked)
    spelt = [name for name in city.names if folded(name) == wanted]
    # The list has some names a second time in lower case.
    written = [name for name in spelt if name != name.casefold()] or spelt
    accents = [name for name in written if name.casefold() == asked.casefold()]
    called = "".join((accents or written)[:1])
    return FoundCity(
        city.names[0], city.country, city.zone, city.people, called, city.state, city.id
    )


def city_of_id(city_id: int) -> FoundCity | None:
    """Return the city with this GeoNames id, or None. Runs in a worker."""
    written = b"\t%d\t" % city_id  # the number of people of another city may be the same
    cities = (_city_in(line) for line in _lines() if written in line)
    return next((found_city(city) for city in cities if city.id == city_id), None)


class Listed(NamedTuple):
    """A city in the list of cities with their time zones."""

    names: tuple[str, ...]
    """Its main name, then its other names and spellings."""
    country: str
    state: str
    zone: str
    people: int
    id: int


def listed() -> Iterator[Listed]:
    """Yield the cities of more than 15,000 people, by GeoNames (CC BY 4.0), the largest first."""
    return map(_city_in, _lines())


def cities_in(packed: bytes) -> Iterator[Listed]:
    """Yield the cities of a file made by `docs/cities.py`, in its order."""
    return map(_city_in, _lines_in(packed))


def folded_names(line: bytes) -> bytes:
    """Return the folded names of the city in a line of the list, with a tab around each."""
    main, _, rest = line.decode().partition("\t")
    _, _, others = rest.rpartition("\t")
    # Folding all names at once takes half the time.
    names = folded(f"{main}|{others}").replace(" |", "|").replace("| ", "|").replace("|", "\t")
    return f"\t{names}\t".encode()


@cache
def _lines() -> list[bytes]:
    return _lines_in((resources.files(__package__) / "cities.tsv.gz").read_bytes())


@cache
def _folded_names() -> list[bytes]:
    return [folded_names(line) for line in _lines()]


def _lines_in(packed: bytes) -> list[bytes]:
    return gzip.decompress(packed).split(b"\n")[:-1]


def _city_in(line: bytes) -> Listed:
    name, country, state, zone, people, number, others = line.decode().split("\t")
    names = (name, *others.split("|"))
    return Listed(names, country, state[3:], zone, int(people), int(number))


_URUMQI = "Asia/Urumqi"
"""One of the two zones of Xinjiang: the one that its cities have in the list."""


def zone_at(latitude: float, longitude: float) -> str | None:
    """Return the zone at a place; at sea, one of whole hours. Runs in a worker."""
    from tzfpy import get_tz, get_tzs  # noqa: PLC0415 - heavy; workers only

    if _URUMQI in get_tzs(longitude, latitude):
        return _URUMQI
    return get_tz(longitude, latitude) or None
