"""Lists of names as one phrase, by the rules of each language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from templates.language.filters import Filters
from templates.language.languages import locale_of, translations
from templates.language.lists import commas, listed, order, with_article


@pytest.mark.parametrize(
    ("language", "names", "phrase"),
    [
        ("en", ("Style",), "Style"),
        ("en", ("Style", "Motor"), "Style and Motor"),
        ("en", ("Style", "Motor", "China"), "Style, Motor and China"),
        ("it", ("Stile", "Motori", "Cina"), "Stile, Motori e Cina"),
        ("it", ("Motori", "Europa"), "Motori ed Europa"),
        ("it", ("Stile", "Motori", "eCommerce"), "Stile, Motori ed eCommerce"),
        ("it", ("Europa",), "Europa"),
        ("es", ("Motor", "Italia"), "Motor e Italia"),
        ("es", ("Motor", "China"), "Motor y China"),
        ("zh-Hans", ("风格", "汽车", "中国"), "风格、汽车和中国"),
    ],
)
def test_names_are_joined_as_each_language_does(
    language: str, names: tuple[str, ...], phrase: str
) -> None:
    assert listed(names, locale_of(language)) == phrase


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Art", "eCommerce", "Hermès", "Hertz", "Motor")),
        ("it", ("Arte", "Città", "Cittadella", "eLuxury", "Gioielli")),
        ("es", ("Asia", "Educación", "Estilo", "Oriente Medio", "Relojes")),
        ("zh", ("Gucci", "Hermès", "腕表", "中国", "珠宝")),
    ],
)
def test_names_are_sorted_in_the_readers_language(language: str, names: tuple[str, ...]) -> None:
    assert sorted(set(names), key=lambda name: order(name, locale_of(language))) == [*names]


def test_lists_without_and_use_the_languages_comma() -> None:
    assert commas(("FT", "WWD"), locale_of("fr")) == "FT, WWD"
    assert commas(("腕表", "珠宝"), locale_of("zh")) == "腕表、珠宝"


def test_dates_are_formatted_as_chinese_writes_them() -> None:
    filters = Filters(locale_of("zh"), translations("zh"), {})
    at, now = datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    assert filters.dates.weekday(at) == "11月26日星期四"
    assert filters.dates.moment(at, "Asia/Shanghai", now) == "11月26日周四08:00"
    assert filters.dates.days(date(2026, 11, 23), date(2026, 11, 25)) == "周一至周三"
    assert filters.dates.day_and_clock(at, "Asia/Shanghai", None) == "2026年11月26日08:00"


def test_an_italian_date_has_the_article_of_its_number() -> None:
    for language, date_, phrase in (
        ("it", "8 nov", "l’8 nov"),
        ("it", "11 nov 2025", "l’11 nov 2025"),
        ("it", "18 nov", "il 18 nov"),
        ("it", "1 nov", "il 1 nov"),
        ("en", "8 Nov", "8 Nov"),
    ):
        assert with_article(date_, locale_of(language)) == phrase
