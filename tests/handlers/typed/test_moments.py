"""Parsing moments to come as editors type them, in five languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.parse_moment import LONGEST, read_moment
from templates.language.languages import languages

ROME, NEW_YORK = ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 30, 9, tzinfo=ROME)

MOMENTS = {
    "en": {
        "18:30": "11-30 18:30",
        "at 7": "12-01 07:00",
        "tomorrow at 7": "12-01 07:00",
        "7 o’clock tomorrow": "12-01 07:00",
        "Tomorrow morning at 7": "12-01 07:00",
        "tomorrow evening at 8": "12-01 20:00",
        "tomorrow evening at 20:15": "12-01 20:15",
        "tomorrow at 8 in the evening": "12-01 20:00",
        "tonight at 9": "11-30 21:00",
        "at 9 tonight": "11-30 21:00",
        "this evening at half past eight": "11-30 20:30",
        "today at 18:30": "11-30 18:30",
        "Friday 9:30": "12-04 09:30",
        "on Monday at 8": "12-07 08:00",
        "next Tuesday at noon": "12-01 12:00",
        "Wednesday 2 December at 7": "12-02 07:00",
        "the day after tomorrow at 7": "12-02 07:00",
        "in two hours": "11-30 11:00",
        "in an hour and a half": "11-30 10:30",
        "in one and a half hours": "11-30 10:30",
        "in half an hour": "11-30 09:30",
        "in 90 minutes": "11-30 10:30",
        "in 2h30": "11-30 11:30",
        "in 2 hours and 10 minutes": "11-30 11:10",
        "in three days at 8": "12-03 08:00",
    },
    "it": {
        "alle 7": "12-01 07:00",
        "domani alle 7": "12-01 07:00",
        "domani mattina alle 7": "12-01 07:00",
        "domani sera alle 8": "12-01 20:00",
        "stasera alle 9 e mezza": "11-30 21:30",
        "oggi pomeriggio alle 4": "11-30 16:00",
        "domani alle sette e mezza": "12-01 07:30",
        "venerdì alle 9.30": "12-04 09:30",
        "lunedì alle 8": "12-07 08:00",
        "dopodomani a mezzogiorno": "12-02 12:00",
        "mercoledì 2 dicembre alle 7": "12-02 07:00",
        "tra due ore": "11-30 11:00",
        "fra un’ora e mezza": "11-30 10:30",
        "tra mezz’ora": "11-30 09:30",
        "fra 45 minuti": "11-30 09:45",
        "fra tre giorni alle 8": "12-03 08:00",
    },
    "es": {
        "a las 7": "12-01 07:00",
        "mañana a las 7": "12-01 07:00",
        "mañana por la mañana a las 7": "12-01 07:00",
        "mañana por la tarde a las 7": "12-01 19:00",
        "mañana a las 7 de la tarde": "12-01 19:00",
        "esta mañana a las 11": "11-30 11:00",
        "esta noche a las 9": "11-30 21:00",
        "hoy a las 18:30": "11-30 18:30",
        "el viernes a las 9 y media": "12-04 09:30",
        "el lunes a las 8": "12-07 08:00",
        "pasado mañana a mediodía": "12-02 12:00",
        "miércoles 2 de diciembre a las 7": "12-02 07:00",
        "dentro de dos horas": "11-30 11:00",
        "en hora y media": "11-30 10:30",
        "en una hora y media": "11-30 10:30",
        "dentro de media hora": "11-30 09:30",
        "en 45 minutos": "11-30 09:45",
        "dentro de tres días a las 8": "12-03 08:00",
    },
    "fr": {
        "à 7 h": "12-01 07:00",
        "demain à 7 h": "12-01 07:00",
        "demain à 7 h 30": "12-01 07:30",
        "demain matin à 7 h": "12-01 07:00",
        "demain soir à 8 h": "12-01 20:00",
        "ce soir à 9 heures": "11-30 21:00",
        "cet après-midi à 4 h": "11-30 16:00",
        "aujourd’hui à 18 h 30": "11-30 18:30",
        "vendredi à 9 h 30": "12-04 09:30",
        "lundi à 8 h": "12-07 08:00",
        "après-demain à midi": "12-02 12:00",
        "mercredi 2 décembre à 7 h": "12-02 07:00",
        "dans deux heures": "11-30 11:00",
        "dans une heure et demie": "11-30 10:30",
        "dans une demi-heure": "11-30 09:30",
        "dans 2 h 10": "11-30 11:10",
        "dans 45 minutes": "11-30 09:45",
        "dans trois jours à 8 h": "12-03 08:00",
    },
    "zh": {
        "7点": "12-01 07:00",
        "明天7点": "12-01 07:00",
        "明天早上七点": "12-01 07:00",
        "明早7点": "12-01 07:00",
        "明晚8点": "12-01 20:00",
        "今晚9点半": "11-30 21:30",
        "今天下午4点": "11-30 16:00",
        "明天中午": "12-01 12:00",
        "周五上午9点半": "12-04 09:30",
        "下周一8点": "12-07 08:00",
        "后天7点": "12-02 07:00",
        "12月2日早上7点": "12-02 07:00",
        "两小时后": "11-30 11:00",
        "一个半小时后": "11-30 10:30",
        "半小时后": "11-30 09:30",
        "45分钟后": "11-30 09:45",
        "过两小时": "11-30 11:00",
        "三天后8点": "12-03 08:00",
    },
}


@pytest.mark.parametrize(
    ("language", "typed", "moment"),
    [(language, *each) for language, found in MOMENTS.items() for each in found.items()],
)
def test_a_moment_is_read_in_its_language(language: str, typed: str, moment: str) -> None:
    assert f"{read_moment(typed, language, MONDAY):%m-%d %H:%M}" == moment


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", "today at 8"),
        ("en", "this morning at 8"),
        ("en", "yesterday at 7"),
        ("en", "two hours ago"),
        ("en", "in 0 minutes"),
        ("en", "in 200 hours"),
        ("en", "in 2h75"),
        ("en", "tomorrow"),
        ("en", "now"),
        ("en", "1 January 2028 at 7"),
        ("en", "when pigs fly at 7"),
        ("it", "oggi alle 8"),
        ("it", "stamattina alle 8"),
        ("it", "ieri alle 7"),
        ("it", "due ore fa"),
        ("es", "hoy a las 8"),
        ("es", "esta mañana a las 8"),
        ("es", "ayer a las 7"),
        ("es", "hace dos horas"),
        ("fr", "aujourd’hui à 8 h"),
        ("fr", "ce matin à 8 h"),
        ("fr", "hier à 7 h"),
        ("fr", "il y a deux heures"),
        ("zh", "今天8点"),
        ("zh", "今早8点"),
        ("zh", "昨天7点"),
        ("zh", "两小时前"),
        ("zh", "两小时"),
        ("zh", "半"),
    ],
)
def test_what_is_past_or_no_moment_is_refused(language: str, typed: str) -> None:
    assert read_moment(typed, language, MONDAY) is None


@pytest.mark.parametrize("typed", ["tonight at 1", "at 1 tonight"])
def test_the_small_hours_of_tonight_are_tomorrow(typed: str) -> None:
    assert read_moment(typed, "en", MONDAY) == datetime(2026, 12, 1, 1, tzinfo=ROME)


def test_an_hour_that_the_clock_skips_is_the_hour_after_it() -> None:
    now = datetime(2027, 3, 27, 12, tzinfo=ROME)
    moment = read_moment("tomorrow at 2:30", "en", now)
    assert moment is not None
    assert f"{moment:%d %H:%M %z}" == "28 03:30 +0200"


def test_an_hour_that_comes_twice_is_the_next_one() -> None:
    before = datetime(2026, 10, 25, 0, 20, tzinfo=UTC).astimezone(ROME)
    between = datetime(2026, 10, 25, 0, 40, tzinfo=UTC).astimezone(ROME)
    first, second = (read_moment("2:30", "en", now) for now in (before, between))
    assert first is not None
    assert second is not None
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "typed", "local"),
    [
        (datetime(2026, 10, 31, 20, tzinfo=NEW_YORK), "in 8 hours", "01 03:00 -0500"),
        (datetime(2027, 3, 28, 1, 30, tzinfo=ROME), "fra due ore", "28 04:30 +0200"),
        (datetime(2026, 10, 24, 12, tzinfo=ROME), "tomorrow at 7", "25 07:00 +0100"),
        (datetime(2026, 11, 30, 3, tzinfo=NEW_YORK), "tomorrow at 7", "01 07:00 -0500"),
    ],
)
def test_a_moment_is_of_the_editors_zone_on_the_day_of_a_clock_change_too(
    now: datetime, typed: str, local: str
) -> None:
    assert f"{read_moment(typed, 'en', now):%d %H:%M %z}" == local


@given(text=st.text(max_size=LONGEST), language=st.sampled_from(sorted(languages())))
def test_a_moment_is_always_to_come_and_within_a_year(text: str, language: str) -> None:
    moment = read_moment(text, language, MONDAY)
    assert moment is None or MONDAY < moment <= MONDAY + timedelta(days=368)
