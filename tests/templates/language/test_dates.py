"""Times in words, in each language and zone. Lists of names as one phrase, by the rules of each
language.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.parse_hours import read_minute
from templates import Renderer
from templates.language.amounts import amount
from templates.language.dates import SOON, TimeForm, time_form
from templates.language.filters import Filters
from templates.language.languages import languages, locale_of, translations
from templates.language.lists import commas, listed, order, with_article

NOW = datetime(2026, 11, 26, 9, 52, tzinfo=UTC)
ZONES = st.sampled_from(sorted(available_timezones()))
MOMENTS = st.timedeltas(timedelta(days=-9000), timedelta(days=5000)).map(NOW.__add__)
GAPS = st.one_of(
    st.integers(-9, 70).map(lambda minutes: timedelta(minutes=minutes, seconds=30)),
    st.integers(-30, 220).map(lambda hours: timedelta(hours=hours)),
    st.timedeltas(timedelta(days=-9000), timedelta(days=9000)),
)
"""Gaps between two times, chosen so that each wording is tested often."""
RENDERER = Renderer({})


@pytest.mark.parametrize(
    ("ago", "english", "italian", "under_day"),
    [
        (timedelta(seconds=20), "just now", "adesso", "just now"),
        (timedelta(minutes=-2), "just now", "adesso", "just now"),
        (timedelta(minutes=12), "12 min ago", "12 min fa", "12 min ago"),
        (timedelta(minutes=72), "today 09:40", "oggi 09:40", "09:40"),
        (timedelta(hours=9, minutes=52), "today", "oggi", ""),
        (timedelta(hours=11), "yesterday", "ieri", "23:52"),
        (timedelta(days=3), "Monday", "lunedì", "10:52"),
        (timedelta(days=7), "19 Nov", "19 nov", "10:52"),
        (timedelta(days=400), "22 Oct 2025", "22 ott 2025", "11:52"),
        (timedelta(days=-2), "28 Nov", "28 nov", "10:52"),
    ],
)
def test_times_are_written_as_people_say_them(
    ago: timedelta, english: str, italian: str, under_day: str
) -> None:
    for language, form in (("en", english), ("it", italian)):
        assert RENDERER.filters(language).dates.when(NOW - ago, "Europe/Rome", NOW) == form
    assert (
        RENDERER.filters("en").dates.when(NOW - ago, "Europe/Rome", NOW, under_day=True)
        == under_day
    )


@pytest.mark.parametrize(
    ("ahead", "zone", "english", "french"),
    [
        (timedelta(hours=2), "Europe/Rome", "today 12:52", "aujourd’hui à 12 h 52"),
        (timedelta(hours=14), "Europe/Rome", "tomorrow 00:52", "demain à 0 h 52"),
        (timedelta(hours=14), "America/New_York", "today 18:52", "aujourd’hui à 18 h 52"),
        (timedelta(hours=-10), "America/New_York", "yesterday 18:52", "hier à 18 h 52"),
        (timedelta(days=2), "Europe/Rome", "Sat 28 Nov, 10:52", "sam. 28 nov., 10 h 52"),
        (timedelta(days=-2), "Europe/Rome", "Tue 24 Nov, 10:52", "mar. 24 nov., 10 h 52"),
    ],
)
def test_a_moment_whose_day_is_near_is_named_by_its_day(
    ahead: timedelta, zone: str, english: str, french: str
) -> None:
    for language, form in (("en", english), ("fr", french)):
        written = RENDERER.filters(language).dates.near(NOW + ahead, zone, NOW)
        assert written.replace("\N{NARROW NO-BREAK SPACE}", " ") == form


@pytest.mark.parametrize(
    ("ago", "english", "italian"),
    [
        (0, "Today", "Oggi"),
        (1, "Yesterday", "Ieri"),
        (2, "Tuesday 24 November", "Martedì 24 novembre"),
        (400, "Wednesday 22 October 2025", "Mercoledì 22 ottobre 2025"),
    ],
)
def test_a_day_is_a_heading_in_the_readers_words(ago: int, english: str, italian: str) -> None:
    at = NOW - timedelta(days=ago)
    assert RENDERER.filters("en").dates.day_group(at, "Europe/Rome", NOW) == english
    assert RENDERER.filters("it").dates.day_group(at, "Europe/Rome", NOW) == italian


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "later"),
    [
        ("en", "today at 23:00", "tomorrow at 00:30", "on Monday 30 November at 08:00"),
        ("it", "oggi alle 23:00", "domani alle 00:30", "lunedì 30 novembre alle 08:00"),
        ("es", "hoy a las 23:00", "mañana a las 00:30", "el lunes 30 de noviembre a las 08:00"),
        ("fr", "aujourd’hui à 23 h 00", "demain à 0 h 30", "lundi 30 novembre à 8 h 00"),
        ("zh", "今天23:00", "明天00:30", "11月30日星期一08:00"),
    ],
)
def test_due_times_are_relative_to_the_readers_day(
    language: str, today: str, tomorrow: str, later: str
) -> None:
    def due(day: int, hours: int, minutes: int = 0) -> str:
        moment = datetime(2026, 11, day, hours, minutes, tzinfo=ZoneInfo("Europe/Rome"))
        return RENDERER.filters(language).dates.due(moment, "Europe/Rome", NOW)

    assert due(26, 23).replace("\N{NARROW NO-BREAK SPACE}", " ") == today
    assert due(27, 0, 30).replace("\N{NARROW NO-BREAK SPACE}", " ") == tomorrow
    assert due(30, 8).replace("\N{NARROW NO-BREAK SPACE}", " ") == later


def test_days_are_those_of_the_readers_zone() -> None:
    at = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
    now = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert RENDERER.filters("en").dates.when(at, "Europe/London", now) == "today 20:00"
    assert RENDERER.filters("en").dates.when(at, "Asia/Shanghai", now) == "today 04:00"
    assert RENDERER.filters("en").dates.when(at, "Europe/Rome", now) == "yesterday"


@given(now=MOMENTS, gap=GAPS, zone=ZONES)
def test_the_wording_of_a_time_depends_on_the_days_between(
    now: datetime, gap: timedelta, zone: str
) -> None:
    at = now - gap
    form, minutes = time_form(at, now, zone)
    here = ZoneInfo(zone)
    ago = (now.astimezone(here).date() - at.astimezone(here).date()).days
    if form is TimeForm.MINUTES:
        assert timedelta(minutes=minutes) <= now - at < timedelta(minutes=minutes + 1)
        assert 1 <= minutes < 60
    elif form is TimeForm.NOW:
        assert -SOON <= now - at < timedelta(minutes=1)
    else:
        expected = {TimeForm.TODAY: {0}, TimeForm.YESTERDAY: {1}, TimeForm.WEEKDAY: {2, 3, 4, 5, 6}}
        assert ago in expected.get(form, {ago})
        assert (form in {TimeForm.DAY, TimeForm.DAY_OF_YEAR}) == (not 0 <= ago < 7)


@given(now=MOMENTS, gap=st.timedeltas(timedelta(minutes=-9), timedelta(days=9)), zone=ZONES)
def test_texts_read_later_never_count_minutes(now: datetime, gap: timedelta, zone: str) -> None:
    assert time_form(now - gap, now, zone, lasting=True).form not in {
        TimeForm.NOW,
        TimeForm.MINUTES,
    }


@given(
    moments=st.lists(st.timedeltas(timedelta(0), timedelta(days=12)), min_size=1, max_size=30),
    now=MOMENTS,
    zone=ZONES,
)
def test_each_day_is_one_heading_in_a_sorted_list(
    moments: list[timedelta], now: datetime, zone: str
) -> None:
    days = [RENDERER.filters("en").dates.day_group(now - ago, zone, now) for ago in sorted(moments)]
    headings = [day for place, day in enumerate(days) if not place or days[place - 1] != day]
    assert len(headings) == len(set(days))


@pytest.mark.parametrize(
    ("language", "in_a_month", "from_the_first", "over_its_end", "in_a_week"),
    [
        ("en", "12–20 Nov", "1–9 Dec", "20 Nov–1 Dec", "Mon–Wed"),
        ("it", "12–20 nov", "1–9 dic", "20 nov–1 dic", "lun–mer"),
        ("es", "12–20 nov", "1–9 dic", "20 nov–1 dic", "lun–mié"),
        ("fr", "12–20 nov.", "1er–9 déc.", "20 nov.–1er déc.", "lun.–mer."),
        ("zh", "11月12日至20日", "12月1日至9日", "11月20日至12月1日", "周一至周三"),
    ],
)
def test_a_range_of_days_names_its_month_once(
    language: str, in_a_month: str, from_the_first: str, over_its_end: str, in_a_week: str
) -> None:
    days = RENDERER.filters(language).dates.days
    assert days(date(2026, 11, 12), date(2026, 11, 20)) == in_a_month
    assert days(date(2026, 12, 1), date(2026, 12, 9)) == from_the_first
    assert days(date(2026, 11, 20), date(2026, 12, 1)) == over_its_end
    assert days(date(2026, 11, 2), date(2026, 11, 4)) == in_a_week


def test_an_hour_is_written_as_the_language_writes_it_and_as_it_may_be_typed() -> None:
    for language in languages():
        filters = RENDERER.filters(language)
        written = filters.dates.hour(8 * 60 + 5)
        assert written == (
            "8\N{NARROW NO-BREAK SPACE}h\N{NARROW NO-BREAK SPACE}05"
            if language == "fr"
            else "08:05"
        )
        assert written == filters.dates.clock(datetime(2026, 11, 26, 8, 5, tzinfo=UTC))
        assert read_minute(written) == 8 * 60 + 5


def test_french_writes_the_first_of_a_month_as_an_ordinal() -> None:
    french = RENDERER.filters("fr")
    first, second = (datetime(2026, 12, day, 9, tzinfo=UTC) for day in (1, 2))
    assert french.dates.weekday(first) == "mardi 1er décembre"
    assert french.dates.weekday(second) == "mercredi 2 décembre"
    assert french.dates.day(first, now=second) == "1er déc."
    assert french.dates.moment(first, "UTC", second).startswith("mar. 1er déc., ")
    assert french.dates.named_day(first.date()) == "mardi 1er décembre"
    assert RENDERER.filters("en").dates.weekday(first) == "Tuesday 1 December"


LANGUAGES = ("en", "it", "es", "fr", "zh_Hans")


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("1.25 billion", ("1.25 billion", "1,25 Mld", "1250 M", "1,25 Md", "12.5亿")),
        ("200 million", ("200 million", "200 Mln", "200 M", "200 M", "2亿")),
        ("12.5%", ("12.5%", "12,5%", "12,5 %", "12,5 %", "12.5%")),
        ("250000", ("250,000", "250.000", "250.000", "250 000", "250,000")),
    ],
)
def test_an_amount_is_written_as_the_readers_language_does(
    kept: str, shown: tuple[str, ...]
) -> None:
    written = [amount(kept, Locale.parse(each)) for each in LANGUAGES]
    assert [" ".join(each.split()) for each in written] == list(shown)


@pytest.mark.parametrize("text", ["Prada", "2026", "", "%", "1.2.3", "12 Monkeys", "9" * 400])
def test_text_that_is_no_amount_is_unchanged(text: str) -> None:
    assert {amount(text, Locale.parse(each)) for each in LANGUAGES} == {text}


@given(st.text(alphabet="0123456789.% bilon,²٣", max_size=40))
def test_any_text_has_an_amount_if_it_is_not_empty(text: str) -> None:
    assert bool(amount(text, Locale.parse("it"))) == bool(text)


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
