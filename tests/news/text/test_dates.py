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
TEN = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
DAY = datetime(2026, 6, 1, tzinfo=UTC)
LANGUAGES = """
en it es fr de pt nl zh ja ko ar ru el tr pl sv da nb fi cs he th vi id hu ro uk sk sl bg sr lt lv
et ms hi fa en_US de_AT es_MX fr_CA pt_PT zh_Hant
"""


MEANT: tuple[tuple[str, datetime | None], ...] = (
    ("Mon, 01 Jun 2026 10:00:00 GMT", TEN),
    ("Mon, 01 Jun 2026 10:00:00 +0000", TEN),
    ("Mon, 1 Jun 2026 10:00 UT", TEN),
    ("Mon, 01 Jun 2026 09:59:60 GMT", TEN - timedelta(seconds=1)),
    ("2026-06-01T09:59:60Z", TEN - timedelta(seconds=1)),
    ("2026-05-31T24:00:00Z", DAY),
    ("2026-06-01T25:00:00+02:00", DAY - timedelta(hours=2)),
    ("Mon, 01 Jun 2026 12:00:00 CEST", TEN),
    ("Mon, 01 Jun 2026 11:00:00 CET", TEN),
    ("Mon, 01 Jun 2026 19:00:00 JST", TEN),
    ("Mon, 01 Jun 2026 06:00:00 EDT", TEN),
    ("Mon, 01 Jun 2026 03:00:00 -0700", TEN),
    ("Mon, 01 Jun 2026 03:00:00 PDT", TEN),
    ("Mon, 01 Jun 2026 18:00:00 HKT", TEN),
    ("Mon, 01 Jun 2026 14:00:00 GST", TEN),
    ("Mon, 01 Jun 2026 12:00:00 GMT+0200", TEN),
    ("Mon, 01 Jun 2026 12:00:00 GMT+02:00", TEN),
    ("Mon Jun 01 2026 12:00:00 GMT+0200 (CEST)", TEN),
    ("Mon, 01-Jun-26 10:00:00 GMT", TEN),
    ("Monday, 01-Jun-26 10:00:00 GMT", TEN),
    ("Mon Jun  1 10:00:00 2026", TEN),
    ("Mon Jun  1 10:00:00 UTC 2026", TEN),
    ("1 Jun 26 10:00 Z", TEN),
    ("2026-06-01T10:00:00Z", TEN),
    ("2026-06-01T10:00:00.123456Z", TEN),
    ("2026-06-01T12:00:00+02:00", TEN),
    ("2026-06-01T12:00:00+0200", TEN),
    ("2026-06-01T12:00:00+02", TEN),
    ("2026-06-01T12:00+02:00", TEN),
    ("2026-06-01 10:00:00", TEN),
    ("2026-06-01 10:00:00 UTC", TEN),
    ("2026-06-01 12:00:00 +0200", TEN),
    ("2026-06-01T10:00:00,5Z", TEN),
    ("20260601T100000Z", TEN),
    ("2026-06-01T100000Z", TEN),
    ("2026-06-01", DAY),
    ("20260601", DAY),
    ("2026-06", DAY),
    ("2026/06/01 10:00", TEN),
    ("2026.06.01", DAY),
    ("2026. 6. 1.", None),
    ("2026-05-31T24:00:00Z", DAY),
    ("10:00, 1 June 2026", TEN),
    ("1780308000", TEN),
    ("1780308000000", TEN),
    ("1780308000.0", TEN),
    ("2026年6月1日", DAY),
    ("2026年06月01日 10:00", TEN),
    ("2026年6月1日 10時00分", TEN),
    ("2026年6月1日 上午10:00", TEN),
    ("2026年6月1日(月) 10:00", TEN),
    ("2026年6月1日 星期一 10:00:00", TEN),
    ("2026年6月1日 午後7時00分 JST", TEN),
    ("2026년 6월 1일 오전 10:00", TEN),
    ("2026年6月1日 10:00", TEN),
    ("1. Juni 2026, 10:00 Uhr", TEN),
    ("Montag, 1. Juni 2026 10.00 Uhr", TEN),
    ("01. März 2026", datetime(2026, 3, 1, tzinfo=UTC)),
    ("1er juin 2026 à 10h00", TEN),
    ("lundi 1 juin 2026 10:00", TEN),
    ("12 août 2026", datetime(2026, 8, 12, tzinfo=UTC)),
    ("1 févr. 2026", datetime(2026, 2, 1, tzinfo=UTC)),
    ("14 décembre 2025", datetime(2025, 12, 14, tzinfo=UTC)),
    ("lunedì 1 giugno 2026 - 10:00", TEN),
    ("1 giu 2026, ore 10.00", TEN),
    ("15 gennaio 2026", datetime(2026, 1, 15, tzinfo=UTC)),
    ("1 de junio de 2026", DAY),
    ("lunes, 1 de junio de 2026 10:00", TEN),
    ("3 de enero del 2026", datetime(2026, 1, 3, tzinfo=UTC)),
    ("June 1, 2026", DAY),
    ("June 1st, 2026 10:00 am", TEN),
    ("Jun. 1, 2026 at 10:00 AM", TEN),
    ("November 20, 2019 13:42", datetime(2019, 11, 20, 13, 42, tzinfo=UTC)),
    ("June 1, 2026 10:00 PM", datetime(2026, 6, 1, 22, tzinfo=UTC)),
    ("June 1, 2026 12:00 AM", DAY),
    ("Published on 1st June 2026", DAY),
    ("01.06.2026", DAY),
    ("01.06.2026 10:00", TEN),
    ("01/06/2026", DAY),
    ("13/06/2026", datetime(2026, 6, 13, tzinfo=UTC)),
    ("06/13/2026", datetime(2026, 6, 13, tzinfo=UTC)),
    ("06/01/2026 10:00 AM", TEN),
    ("01-06-2026", DAY),
    ("Mon, 01 Jun 2026 12:00:00 Europe/Rome", TEN),
    ("2026-06-01T12:00:00[Europe/Rome]", TEN),
    ("2026-06-01T12:00:00+02:00[Europe/Paris]", TEN),
    ("2026-01-15 11:00 Europe/Rome", datetime(2026, 1, 15, 10, tzinfo=UTC)),
    ("June 1, 2026 6:00 AM America/New_York", TEN),
    ("2026-06-01 07:00 America/Argentina/Buenos_Aires", TEN),
    ("2026年6月1日 18:00 (Asia/Shanghai)", TEN),
    ("2026-06-01 10:00 Europe/Nowhere", TEN),
    ("1 June 2026 12:00 CEST", TEN),
    ("2026-06-01 19:00 JST", TEN),
    ("June 1, 2026 at 6:00 AM ET", TEN),
    ("06:00 ET, June 1, 2026", TEN),
    ("June 1, 2026 06:00 AM Eastern Daylight Time", TEN),
    ("2026. 6. 1. 오후 3:05", datetime(2026, 6, 1, 15, 5, tzinfo=UTC)),
    ("2026년 6월 1일 PM 3시 4분", datetime(2026, 6, 1, 15, 4, tzinfo=UTC)),
    ("January 15, 2026 2:00 AM PT", datetime(2026, 1, 15, 10, tzinfo=UTC)),
    ("Mon Jun 01 12:00:00 CEST 2026", TEN),
    ("@1780308000", TEN),
    ("/Date(1780308000000+0200)/", TEN),
    ("1º giugno 2026", DAY),
    ("1. 6. 2026", DAY),
    ("Publié le 1 juin 2026 à 10h", TEN),
    ("1er juin 2026 à 10 h 00", TEN),
    ("Am 1. Juni 2026 um 10 Uhr", TEN),
    ("1. Jänner 2026", datetime(2026, 1, 1, tzinfo=UTC)),
    ("2026/6/1(月) 10:00", TEN),
    ("2026.06.01 Mon", DAY),
    ("令和8年6月1日", DAY),
    ("发布时间：2026-06-01 10:00", TEN),
    ("Published: 2026-06-01", DAY),
    ("<![CDATA[2026-06-01]]>", DAY),
    ("2026. 6. 1 오전 10:00", TEN),
    ("1 июня 2026 г., 10:00", TEN),
    ("1 Haziran 2026", DAY),
    ("12 Kasım 2025", datetime(2025, 11, 12, tzinfo=UTC)),
    ("1 czerwca 2026", DAY),
    ("1 يونيو 2026", DAY),
    ("Mon, 06/01/2026 - 10:00", TEN),
    ("Mon, 01/06/2026 - 10:00", TEN),
    ("11/12/2026", datetime(2026, 11, 12, tzinfo=UTC)),
    ("2026-Jun-01", DAY),
    ("2026 June 1", DAY),
    ("01Jun2026", DAY),
    ("2026-06-01T25:00:00Z", DAY),
    ("1 มิถุนายน 2569", DAY),
    ("วันจันทร์ที่ 1 มิถุนายน พ.ศ. 2569 เวลา 10:00 น.", TEN),
    ("1 มิ.ย. 69", DAY),
    ("จ., 1 มิ.ย. 2569 10:00", TEN),
    ("มิถุนายน 1, 2026", DAY),
    ("Mon, 01 มิ.ย. 2026 17:00:00 +0700", TEN),
    ("01/06/2569 10:00", TEN),
    ("2569-06-01T10:00:00Z", TEN),
    ("Ngày 1 tháng 6 năm 2026", DAY),
    ("01 Tháng Sáu, 2026", DAY),
    ("Tháng Sáu 1, 2026", DAY),
    ("1 Th6 2026", DAY),
    ("12 Tháng Mười Hai, 2025", datetime(2025, 12, 12, tzinfo=UTC)),
    ("Thứ Sáu, 06/11/2026", datetime(2026, 11, 6, tzinfo=UTC)),
    ("Thứ hai, 01/06/2026 10:00 SA", TEN),
    ("01/06/2026 05:00 CH", datetime(2026, 6, 1, 17, tzinfo=UTC)),
    ("1 जून, 2026 10:00", TEN),
    ("5 كانون الثاني 2026", datetime(2026, 1, 5, tzinfo=UTC)),
    ("1 يونيو، 2026", DAY),
    ("24. listopada 2025.", datetime(2025, 10, 24, tzinfo=UTC)),
    ("24 listopada 2025", datetime(2025, 11, 24, tzinfo=UTC)),
    ("1 июня 2026, 13:00 МСК", TEN),
    ("Senin 1 Juni 2026 18:00 WITA", TEN),
    ("2026-06-01T12:00:00%2B02:00", TEN),
    ("2026-06-01T12:00:00&#43;02:00", TEN),
    ("June 1, 2026 10:00 - 11:00", TEN),
    ("June 1, 2026, 10:00 a. m.", TEN),
    ("202606011000", TEN),
    ("Mon, 01 Jun 2026 12:00:00 MEST", TEN),
    ("\u200e01\u200f/06\u200f/2026", DAY),
    ("June 2026", DAY),
    ("Giugno de 2026", DAY),
    ("2026/6/1 PM 2:30", datetime(2026, 6, 1, 14, 30, tzinfo=UTC)),
    ("2026.06.10 at 10:00", datetime(2026, 6, 10, 10, tzinfo=UTC)),
    ("20260601T10:00:00.25Z", TEN),
    ("2026 年 6 月 1 日 10 时 30 分", datetime(2026, 6, 1, 10, 30, tzinfo=UTC)),
    ("2026.06.01 10시 30분", datetime(2026, 6, 1, 10, 30, tzinfo=UTC)),
    ("2026年6月1日晚8:00", datetime(2026, 6, 1, 20, tzinfo=UTC)),
    ("2026年6月1日 午後3時", datetime(2026, 6, 1, 15, tzinfo=UTC)),
    ("2026-06-01 下午 3:05", datetime(2026, 6, 1, 15, 5, tzinfo=UTC)),
    ("١ يونيو ٢٠٢٦", DAY),
    ("２０２６年６月１日", DAY),
    ("ngày 1/6/2026", DAY),
    ("1 черв 2026, 10:00", TEN),
    ("1 чер 2026, 10:00", TEN),
)
"""A date as a source writes it → its meaning; None is the 1st of June."""


def test_dates_of_sources_are_parsed() -> None:
    read = {text: parse_date(text, NOW) for text, _ in MEANT}
    assert read == {text: moment or DAY for text, moment in MEANT}


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


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 hours ago", 2),
        ("about an hour ago", 1),
        ("Posted 3 days ago", 72),
        ("2 ore fa", 2),
        ("un'ora fa", 1),
        ("il y a 2 heures", 2),
        ("vor 2 Stunden", 2),
        ("vor einer Stunde", 1),
        ("hace 2 horas", 2),
        ("2時間前", 2),
        ("2小时前", 2),
        ("3天前", 72),
        ("2시간 전", 2),
        ("Just now", 0),
        ("yesterday", 24),
        ("ieri", 24),
    ],
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
