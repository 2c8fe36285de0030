"""The zone of a shared location, and how often another map of zones disagrees."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.typed.places import is_zone, zone_at


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (45.464, 9.190, "Europe/Rome"),
        (43.338, -1.789, "Europe/Madrid"),  # Irun, a kilometre from Hendaye
        (43.359, -1.775, "Europe/Paris"),
        (36.168, -5.348, "Europe/Madrid"),  # La Línea, before Gibraltar
        (36.140, -5.353, "Europe/Gibraltar"),
        (45.832, 9.031, "Europe/Zurich"),  # Chiasso
        (45.808, 9.085, "Europe/Rome"),
        (46.204, 6.143, "Europe/Zurich"),
        (46.194, 6.236, "Europe/Paris"),  # Annemasse
        (31.762, -106.485, "America/Denver"),  # El Paso
        (31.690, -106.424, "America/Ciudad_Juarez"),
        (36.155, -109.550, "America/Denver"),  # Chinle, on the Navajo Nation
        (35.198, -111.651, "America/Phoenix"),
        (38.678, -87.529, "America/Indiana/Vincennes"),
        (-31.956, 141.465, "Australia/Broken_Hill"),
        (-28.170, 153.541, "Australia/Sydney"),  # Tweed Heads, south of Coolangatta
        (-28.167, 153.533, "Australia/Brisbane"),
        (27.717, 85.324, "Asia/Kathmandu"),
        (43.826, 87.617, "Asia/Urumqi"),
        (39.467, 75.990, "Asia/Urumqi"),  # Kashgar
        (39.904, 116.407, "Asia/Shanghai"),
        (30.0, -30.0, "Etc/GMT+2"),
        (500.0, 500.0, None),
    ],
)
def test_a_location_gets_its_own_time_zone(
    latitude: float, longitude: float, zone: str | None
) -> None:
    assert zone_at(latitude, longitude) == zone


def clock(zone: str) -> tuple[object, ...]:
    """Return what a zone's clocks show in each month."""
    return tuple(
        datetime(2026, month, 15, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        for month in range(1, 13)
    )


def test_two_maps_agree_on_the_clocks_of_all_land_and_its_waters() -> None:
    timezonefinder = pytest.importorskip("timezonefinder", reason="comes for x86-64 alone")
    other = timezonefinder.TimezoneFinder()
    # Off the meridians and parallels that are borders themselves.
    places = [
        (latitude + 0.37, longitude + 0.37)
        for latitude in range(-55, 75)
        for longitude in range(-180, 180)
    ]
    land = [
        (*place, zone)
        for place in places
        if (zone := other.timezone_at_land(lat=place[0], lng=place[1])) is not None
        # tzfpy leaves the wide waters of this island out.
        and zone != "Pacific/Easter"
    ]
    apart = [
        (latitude, longitude, zone, ours)
        for latitude, longitude, zone in land
        if (ours := zone_at(latitude, longitude)) != zone
        and (ours is None or clock(ours) != clock(zone))
    ]
    assert len(land) > 10_000
    assert apart == []


def test_every_zone_on_the_map_is_known() -> None:
    from tzfpy import timezonenames  # noqa: PLC0415 - beside what it asks about

    assert [zone for zone in timezonenames() if not is_zone(zone)] == []
