"""Dates as sources write them, and impossible ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from news.text.dates import EARLIEST, parse_date

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = datetime(2026, 6, 1, tzinfo=UTC)
LANGUAGES = """
en it es fr de pt nl zh ja ko ar ru el tr pl sv da nb fi cs he th vi id hu ro uk sk sl bg sr lt lv
et ms hi fa en_US de_AT es_MX fr_CA pt_PT zh_Hant
"""


MEANT = {
    "2026-06-01 10:00": "Mon, 01 Jun 2026 10:00:00 GMT | Mon, 01 Jun 2026 10:00:00 +0000 | "
    "Mon, 1 Jun 2026 10:00 UT | Mon, 01 Jun 2026 12:00:00 CEST | Mon, 01 Jun 2026 11:00:00 CET | "
    "Mon, 01 Jun 2026 19:00:00 JST | Mon, 01 Jun 2026 06:00:00 EDT | "
    "Mon, 01 Jun 2026 03:00:00 -0700 | Mon, 01 Jun 2026 03:00:00 PDT | "
    "Mon, 01 Jun 2026 18:00:00 HKT | Mon, 01 Jun 2026 14:00:00 GST | "
    "Mon, 01 Jun 2026 12:00:00 GMT+0200 | Mon, 01 Jun 2026 12:00:00 GMT+02:00 | "
    "Mon Jun 01 2026 12:00:00 GMT+0200 (CEST) | Mon, 01-Jun-26 10:00:00 GMT | "
    "Monday, 01-Jun-26 10:00:00 GMT | Mon Jun  1 10:00:00 2026 | Mon Jun  1 10:00:00 UTC 2026 | "
    "1 Jun 26 10:00 Z | 2026-06-01T10:00:00Z | 2026-06-01T10:00:00.123456Z | "
    "2026-06-01T12:00:00+02:00 | 2026-06-01T12:00:00+0200 | 2026-06-01T12:00:00+02 | "
    "2026-06-01T12:00+02:00 | 2026-06-01 10:00:00 | 2026-06-01 10:00:00 UTC | "
    "2026-06-01 12:00:00 +0200 | 2026-06-01T10:00:00,5Z | 20260601T100000Z | "
    "2026-06-01T100000Z | 2026/06/01 10:00 | 10:00, 1 June 2026 | 1780308000 | 1780308000000 | "
    "1780308000.0 | 2026年06月01日 10:00 | 2026年6月1日 10時00分 | 2026年6月1日 上午10:00 | "
    "2026年6月1日(月) 10:00 | 2026年6月1日 星期一 10:00:00 | 2026年6月1日 午後7時00分 JST | "
    "2026년 6월 1일 오전 10:00 | 2026年6月1日 10:00 | 1. Juni 2026, 10:00 Uhr | "
    "Montag, 1. Juni 2026 10.00 Uhr | 1er juin 2026 à 10h00 | lundi 1 juin 2026 10:00 | "
    "lunedì 1 giugno 2026 - 10:00 | 1 giu 2026, ore 10.00 | lunes, 1 de junio de 2026 10:00 | "
    "June 1st, 2026 10:00 am | Jun. 1, 2026 at 10:00 AM | 01.06.2026 10:00 | "
    "06/01/2026 10:00 AM | Mon, 01 Jun 2026 12:00:00 Europe/Rome | "
    "2026-06-01T12:00:00[Europe/Rome] | 2026-06-01T12:00:00+02:00[Europe/Paris] | "
    "June 1, 2026 6:00 AM America/New_York | 2026-06-01 07:00 America/Argentina/Buenos_Aires | "
    "2026年6月1日 18:00 (Asia/Shanghai) | 2026-06-01 10:00 Europe/Nowhere | "
    "1 June 2026 12:00 CEST | 2026-06-01 19:00 JST | June 1, 2026 at 6:00 AM ET | "
    "06:00 ET, June 1, 2026 | June 1, 2026 06:00 AM Eastern Daylight Time | "
    "Mon Jun 01 12:00:00 CEST 2026 | @1780308000 | /Date(1780308000000+0200)/ | "
    "Publié le 1 juin 2026 à 10h | 1er juin 2026 à 10 h 00 | Am 1. Juni 2026 um 10 Uhr | "
    "2026/6/1(月) 10:00 | 发布时间\uff1a2026-06-01 10:00 | 2026. 6. 1 오전 10:00 | "
    "1 июня 2026 г., 10:00 | Mon, 06/01/2026 - 10:00 | Mon, 01/06/2026 - 10:00 | "
    "วันจันทร์ที่ 1 มิถุนายน พ.ศ. 2569 เวลา 10:00 น. | จ., 1 มิ.ย. 2569 10:00 | "
    "Mon, 01 มิ.ย. 2026 17:00:00 +0700 | 01/06/2569 10:00 | 2569-06-01T10:00:00Z | "
    "Thứ hai, 01/06/2026 10:00 SA | 1 जून, 2026 10:00 | 1 июня 2026, 13:00 МСК | "
    "Senin 1 Juni 2026 18:00 WITA | 2026-06-01T12:00:00%2B02:00 | "
    "2026-06-01T12:00:00&#43;02:00 | June 1, 2026 10:00 - 11:00 | June 1, 2026, 10:00 a. m. | "
    "202606011000 | Mon, 01 Jun 2026 12:00:00 MEST | 20260601T10:00:00.25Z | "
    "1 черв 2026, 10:00 | 1 чер 2026, 10:00",
    "2026-06-01": "2026-05-31T24:00:00Z | 2026-06-01 | 20260601 | 2026-06 | 2026.06.01 | "
    "2026. 6. 1. | 2026年6月1日 | 1 de junio de 2026 | June 1, 2026 | June 1, 2026 12:00 AM | "
    "Published on 1st June 2026 | 01.06.2026 | 01/06/2026 | 01-06-2026 | 1º giugno 2026 | "
    "1. 6. 2026 | 2026.06.01 Mon | 令和8年6月1日 | Published: 2026-06-01 | "
    "<![CDATA[2026-06-01]]> | 1 Haziran 2026 | 1 czerwca 2026 | 1 يونيو 2026 | 2026-Jun-01 | "
    "2026 June 1 | 01Jun2026 | 2026-06-01T25:00:00Z | 1 มิถุนายน 2569 | 1 มิ.ย. 69 | "
    "มิถุนายน 1, 2026 | Ngày 1 tháng 6 năm 2026 | 01 Tháng Sáu, 2026 | Tháng Sáu 1, 2026 | "
    "1 Th6 2026 | 1 يونيو، 2026 | \u200e01\u200f/06\u200f/2026 | June 2026 | Giugno de 2026 | "
    "١ يونيو ٢٠٢٦ | ２０２６年６月１日 | ngày 1/6/2026",
    "2026-01-15 10:00": "2026-01-15 11:00 Europe/Rome | January 15, 2026 2:00 AM PT",
    "2026-06-01 09:59:59": "Mon, 01 Jun 2026 09:59:60 GMT | 2026-06-01T09:59:60Z",
    "2026-06-01 10:30": "2026 年 6 月 1 日 10 时 30 分 | 2026.06.01 10시 30분",
    "2026-06-01 15:05": "2026. 6. 1. 오후 3:05 | 2026-06-01 下午 3:05",
    "2026-06-13": "13/06/2026 | 06/13/2026",
    "2019-11-20 13:42": "November 20, 2019 13:42",
    "2025-10-24": "24. listopada 2025.",
    "2025-11-12": "12 Kasım 2025",
    "2025-11-24": "24 listopada 2025",
    "2025-12-12": "12 Tháng Mười Hai, 2025",
    "2025-12-14": "14 décembre 2025",
    "2026-01-01": "1. Jänner 2026",
    "2026-01-03": "3 de enero del 2026",
    "2026-01-05": "5 كانون الثاني 2026",
    "2026-01-15": "15 gennaio 2026",
    "2026-02-01": "1 févr. 2026",
    "2026-03-01": "01. März 2026",
    "2026-05-31 22:00": "2026-06-01T25:00:00+02:00",
    "2026-06-01 14:30": "2026/6/1 PM 2:30",
    "2026-06-01 15:00": "2026年6月1日 午後3時",
    "2026-06-01 15:04": "2026년 6월 1일 PM 3시 4분",
    "2026-06-01 17:00": "01/06/2026 05:00 CH",
    "2026-06-01 20:00": "2026年6月1日晚8:00",
    "2026-06-01 22:00": "June 1, 2026 10:00 PM",
    "2026-06-10 10:00": "2026.06.10 at 10:00",
    "2026-08-12": "12 août 2026",
    "2026-11-06": "Thứ Sáu, 06/11/2026",
    "2026-11-12": "11/12/2026",
}
"""A moment in UTC → how sources write it."""


def test_dates_of_sources_are_parsed() -> None:
    for moment, ways in MEANT.items():
        meant = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert {text: parse_date(text, NOW) for text in ways.split(" | ")} == dict.fromkeys(
            ways.split(" | "), meant
        )


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_dates_are_parsed_in_each_language(language: str) -> None:
    for style, month in product(("medium", "long", "full"), range(1, 12)):
        day = date(2026, month, 7 if month != 5 else 17)
        text = format_date(day, style, locale=language)
        assert parse_date(text, NOW) == datetime(2026, month, day.day, tzinfo=UTC), text


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "soon",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0000-00-00T00:00:00Z",
        "2026-02-30",
        "2026-13-01",
        "31 June 2026",
        "1. Juni 10.30 Uhr",
        "1994-12-31T23:59:59Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0",
        "-1",
        "1780",
        "2026-11-27T00:00:00Z",
        "2099-01-01",
        "9999-12-31T23:59:59Z",
        "99999999999999999999",
        "1 Brumaire 2026",
        "32/13/2026",
        "Mon, 31 Jun 2026 10:00:00 GMT",
        "٣" * 500,
        "2026-06-01T10:00:00Z" * 40,
        *("2 hours", "5 min read", "999 years ago", "ago", "in 2 hours"),
    ],
)
def test_impossible_dates_are_refused(text: str | None) -> None:
    assert parse_date(text, NOW) is None


AGO = {
    2: "2 hours ago | 2 ore fa | il y a 2 heures | vor 2 Stunden | hace 2 horas | 2時間前 | "
    "2小时前 | 2시간 전",
    1: "about an hour ago | un'ora fa | vor einer Stunde",
    72: "Posted 3 days ago | 3天前",
    0: "Just now",
    24: "yesterday | ieri",
}
"""Hours → how sources write how long ago it was."""


@pytest.mark.parametrize(
    ("text", "hours"), [(way, hours) for hours, ways in AGO.items() for way in ways.split(" | ")]
)
def test_relative_times_are_counted_back(text: str, hours: int) -> None:
    assert parse_date(text, NOW) == NOW - timedelta(hours=hours)


def test_a_date_a_little_ahead_is_taken_as_now() -> None:
    assert parse_date("2026-11-25T12:00:00Z", NOW) == NOW


def test_a_source_of_month_first_land_is_read_so() -> None:
    assert parse_date("06/01/2026", NOW, month_first=True) == DAY


@given(st.text(max_size=60))
def test_any_text_parses_to_a_date_within_bounds_or_none(text: str) -> None:
    found = parse_date(text, NOW)
    assert found is None or EARLIEST <= found <= NOW


@given(
    st.datetimes(
        min_value=datetime(1995, 1, 2),  # noqa: DTZ001 — the strategy wants naive bounds
        max_value=datetime(2026, 11, 23),  # noqa: DTZ001 — see above
    ),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S{}", "%a, %d %b %Y %H:%M:%S {}", "%d %B %Y, %H:%M:%S {}"]),
)
def test_every_moment_round_trips_in_every_standard_format(
    moment: datetime, quarter: int, spelling: str
) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    sign = "-" if quarter < 0 else "+"
    minutes = abs(quarter) * 15
    local = moment + timedelta(minutes=quarter * 15)
    text = local.strftime(spelling).format(f"{sign}{minutes // 60:02d}:{minutes % 60:02d}")
    assert parse_date(text, NOW) == moment
    # In small letters it is no longer what nearly all feeds write.
    assert parse_date(text.lower(), NOW) == moment
