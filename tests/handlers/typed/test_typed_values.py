"""Parsing hours, dates and requests as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.stories.latest import LatestRequest, read_latest_request
from handlers.stories.listing import ALSO, MOST, PER_ARTICLE, ROOM, lengths
from handlers.typed.message_words import names, without_name
from handlers.typed.parse_days import DATE_HORIZON, read_date, read_past_day
from handlers.typed.parse_hours import read_hours, read_minute
from news.filing import taxonomy
from templates.language.languages import languages

TODAY = date(2026, 11, 24)


TYPED = {
    "00:00": "12am | 晚上12点 | 00:00 | 12 de la noche | 12 a m | a mezzanotte | medianoche",
    "00:15": "minuit et quart",
    "01:00": "晚上1点 | 1 de la madrugada",
    "01:15": "la una y cuarto",
    "01:30": "all’una e mezza",
    "02:00": "夜里2点 | 2 at night",
    "03:00": "alle tre di notte",
    "07:00": "7 | 7h | 7 h du matin | le sette del mattino",
    "07:25": "twenty-five past seven | le sette e venticinque",
    "07:30": "seven thirty am",
    "07:35": "07:35 | 7.35 | 0735 | 7h35 | \uff17\uff1a\uff13\uff15 | 早上七点三十五 | "
    "about 0735 | a las siete y treinta y cinco",
    "07:45": "le otto meno un quarto",
    "08:00": "8点 | a las 8 | 8 horas | 8 de la mañana | 8 de la manana | à 8 h | 8 heures | "
    "alle 8 | eight o’clock | verso le otto | alle otto in punto | a las ocho en punto | "
    "vers huit heures | huit heures pile",
    "08:02": "two minutes past eight",
    "08:05": " 8 : 05  | eight oh five | huit heures cinq | 八点过五分 | 八点零五",
    "08:15": "8 heures 15 | tous les matins vers les huit heures et quart | "
    "a quarter past eight | alle otto e un quarto",
    "08:20": "ocho y veinte",
    "08:30": "8点30分 | 8 h 30 | 8:30 a m | around 8:30 | le 8h30 | "
    "every day at half past eight, please | ogni mattina alle otto e mezza | 每天早上八点半吧 | "
    "half past eight | Half past 8 | half eight | eight thirty | 8 thirty | alle 8 e mezza | "
    "huit heures trente | 早上八点半 | 八點半",
    "08:45": "quarter to nine | otto e tre quarti | las nueve menos cuarto | "
    "neuf heures moins le quart | 差一刻九点",
    "08:50": "ten to nine | neuf heures moins dix",
    "08:55": "九点差五分",
    "09:00": "a las nueve por la mañana, por favor",
    "09:15": "上午9点一刻 | à neuf heures et quart",
    "09:30": "alle nove e mezza | a las nueve y media | a las 9 y media | neuf heures et demie | "
    "9h et demie",
    "12:00": "12 p.m. | 中午12点 | 12 de la mañana | noon | a mediodía",
    "12:30": "mezzogiorno e mezzo | midi et demi",
    "12:45": "quarter to one",
    "12:50": "a la una menos diez",
    "14:30": "下午两点半",
    "15:00": "3 h de l'apres-midi | 3 heures de l’après-midi | trois heures de l’après-midi",
    "15:30": "下午三点半",
    "19:00": "7 pm | nineteen",
    "19:30": "7h30 du soir",
    "19:35": "7:35 PM",
    "20:00": "晚上8点 | a las 8 de la tarde | vers 20h | 8 p m | "
    "at eight o'clock in the evening | 8 at night | alle otto di sera",
    "20:05": "晚上 8:05",
    "20:15": "a las veinte y quince",
    "20:30": "a las 20:30 h | verso le 20:30 | sobre las 20:30 | "
    "todos los días a las 8:30 p. m. | ocho y media de la tarde | huit heures et demie du soir",
    "20:45": "晚上八点三刻",
    "20:50": "晚上差十分九点",
    "21:00": "a las veintiuna horas | vingt et une heures",
    "21:15": "9:15 de la noche",
    "21:30": "alle ventuno e trenta",
    "22:00": "二十二點",
    "22:35": "vingt-deux heures trente-cinq",
    "23:00": "alle undici di notte | ventitré",
    "23:10": "las once y diez de la noche",
    "23:45": "quarter to midnight",
    "23:59": "23:59",
}
"""An hour → how people write or say it."""


@pytest.mark.parametrize(
    ("typed", "hour"), [(each, hour) for hour, ways in TYPED.items() for each in ways.split(" | ")]
)
def test_hours_are_parsed_as_people_write_or_say_them(typed: str, hour: str) -> None:
    hours, minutes = map(int, hour.split(":"))
    assert read_minute(typed) == hours * 60 + minutes


SAID = {
    "en": ("{} o’clock", "half past {}", "quarter past {}", "{} forty-five"),
    "it": ("alle {}", "alle {} e mezza", "alle {} e un quarto", "le {} e quarantacinque"),
    "es": ("a las {}", "a las {} y media", "las {} y cuarto", "{} y cuarenta y cinco"),
    "fr": ("{} heures", "{} heures et demie", "à {} heures et quart", "{} heures quarante-cinq"),
    "zh": ("{}点整", "{}点半", "{}点一刻", "{}点四十五分"),
}
"""How a full hour, a half, a quarter past and a quarter to are said."""
HOURS = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "it": "una due tre quattro cinque sei sette otto nove dieci undici dodici",
    "es": "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "fr": "une deux trois quatre cinq six sept huit neuf dix onze douze",
    "zh": "一 两 三 四 五 六 七 八 九 十 十一 十二",
}


@given(
    language=st.sampled_from(languages()),
    hour=st.integers(1, 12),
    way=st.integers(0, 3),
    in_digits=st.booleans(),
)
def test_every_spoken_quarter_hour_is_parsed_in_every_language(
    language: str, hour: int, way: int, *, in_digits: bool
) -> None:
    spoken = str(hour) if in_digits else HOURS[language].split()[hour - 1]
    minute = (0, 30, 15, 45)[way]
    assert read_minute(SAID[language][way].format(spoken)) == hour * 60 + minute


NO_HOURS = (
    "24:00 | 7:60 | -1 | 13pm | 0am | banana | half | quarter | half past | past eight | "
    "two to seven | eight eight | twenty-five | thirty | alle ventotto | cinq heures et | "
    "une demie | las | un | y | 8 30 | nine hours | 差六十分九点 | 差一刻 | 7:3 | 7:35:10 | 99 | "
    "12345 | 25点 | 晚上 | 一二十点"
)


@pytest.mark.parametrize("typed", ["", *NO_HOURS.split(" | ")])
def test_text_that_is_not_an_hour_is_rejected(typed: str) -> None:
    assert read_minute(typed) is None


@given(st.text())
def test_any_text_parses_to_a_valid_hour_or_none(typed: str) -> None:
    minute = read_minute(typed)
    assert minute is None or 0 <= minute < 24 * 60


DATES = {
    "en 2026-11-25": "tomorrow",
    "en 2026-11-26": "until the day after tomorrow",
    "en 2026-11-27": "this Friday | for 3 days",
    "en 2026-11-30": "next Monday | next week",
    "en 2026-12-01": "Tuesday | next month",
    "en 2026-12-08": "in two weeks | a fortnight",
    "en 2026-12-24": "in a month",
    "en 2027-01-06": "2027-01-06 | 6.1. | 6 January | 6 jan 2027 | until Wednesday 6 January | "
    "January 6, 2027",
    "en 2027-03-01": "1st of March",
    "en": "1st of nothing | 2026-11-24 | 2026-11-23 | 2029-01-01 | 31.2. | 29.2. | 0000-00-00 | "
    "this week | 0 days | 400 days | 99 months | next | week | yesterday",
    "it 2026-11-25": "25 novembre | fino a domani | mercoledì prossimo",
    "it 2026-11-26": "dopodomani",
    "it 2026-11-30": "lunedi",
    "it 2026-12-01": "tra una settimana | il mese prossimo",
    "it 2027-01-06": "06/01/2027",
    "it 2027-01-24": "per due mesi",
    "it 2027-11-24": "24 novembre",
    "es 2026-11-25": "mañana",
    "es 2026-11-26": "hasta pasado mañana",
    "es 2026-11-30": "el lunes que viene | la próxima semana",
    "es 2026-12-09": "dentro de quince días",
    "es 2027-01-06": "6 de enero de 2027 | el 6 de enero | hasta el miércoles 6 de enero",
    "fr 2026-11-25": "demain",
    "fr 2026-11-26": "jusqu’à après-demain | apres demain",
    "fr 2026-11-27": "dans trois jours",
    "fr 2026-11-30": "lundi prochain | la semaine prochaine",
    "fr 2027-01-01": "1er janvier",
    "fr 2027-01-06": "le 6 janvier | jusqu’au mercredi 6 janvier 2027",
    "fr 2027-02-24": "24 fevrier",
    "fr 2027-08-01": "1er aout",
    "zh 2026-11-25": "明天",
    "zh 2026-11-26": "后天",
    "zh 2026-11-27": "到周五 | 三天后",
    "zh 2026-11-30": "下周",
    "zh 2026-12-01": "下个月",
    "zh 2026-12-02": "下周三",
    "zh 2026-12-08": "两周",
    "zh 2026-12-24": "一个月后",
    "zh 2027-01-06": "1月6日",
    "zh": "三月 | 三日",
}
"""A language and the day to come that is meant, if any → how people write it."""


@pytest.mark.parametrize(
    ("typed", "meant"), [(each, day) for day, ways in DATES.items() for each in ways.split(" | ")]
)
def test_dates_are_parsed_in_the_readers_language(typed: str, meant: str) -> None:
    language, _, day = meant.partition(" ")
    assert read_date(typed, language, TODAY) == (date.fromisoformat(day) if day else None)


@given(st.one_of(st.text(), st.from_regex(r"\A\d{1,4}[-./ ]\d{1,2}[-./ ]?\d{0,4}\Z")))
def test_any_text_parses_to_a_date_within_a_year_or_none(typed: str) -> None:
    day = read_date(typed, "en", TODAY)
    assert day is None or TODAY < day <= TODAY + DATE_HORIZON


def test_latest_parses_a_number_and_a_category_in_any_order() -> None:
    known = taxonomy.load()
    assert read_latest_request("", known) == LatestRequest()
    assert read_latest_request("5", known) == LatestRequest(5)
    assert read_latest_request("real estate 3", known) == LatestRequest(3, "real-estate")
    assert read_latest_request("3 Real  Estate", known) == LatestRequest(3, "real-estate")
    assert read_latest_request("bentely", known) == LatestRequest(unknown="bentely")
    assert read_latest_request("3.5", known).unknown == "3.5"


@given(st.text(max_size=80))
def test_any_words_after_latest_parse_to_a_size_that_fits_a_message(words: str) -> None:
    assert 1 <= read_latest_request(words, taxonomy.load()).size <= MOST


@pytest.mark.parametrize("words", ["0", "21", "-1", "7 8", "1000000 art"])
def test_latest_rejects_a_number_that_fits_no_message(words: str) -> None:
    assert read_latest_request(words, taxonomy.load()) == LatestRequest(out_of_range=True)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_lists_of_every_size_fit_with_the_words_asked_for(size: int) -> None:
    each = lengths(size)
    assert each.headline >= 80
    assert each.standfirst >= 40 or size > 10
    sources = each.source + ALSO if each.source else 0
    assert (each.headline + each.standfirst + sources + PER_ARTICLE) * size <= ROOM


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("@OnNewsBot motor", " motor"),
        ("motor @onnewsbot", "motor "),
        ("Straße @OnNewsBot motor", "Straße  motor"),
        ("ﬁne İstanbul @ONNEWSBOT yachts", "ﬁne İstanbul  yachts"),
        ("新闻@OnNewsBot汽车", "新闻汽车"),
        ("motor", "motor"),
        ("@OnNewsBot2 motor", "@OnNewsBot2 motor"),
        ("ana@onnewsbot.example", "ana@onnewsbot.example"),
    ],
)
def test_the_bots_name_is_removed_after_any_letters(typed: str, left: str) -> None:
    assert without_name(typed, "OnNewsBot") == left
    assert names(typed, "OnNewsBot") is (typed != left)


# 24 November 2026 is a Tuesday.
PAST_DAYS = {
    "en 2025-11-03": "Nov 3rd, 2025",
    "en 2025-11-25": "25 November",
    "en 2026-11-01": "dell’1 novembre",
    "en 2026-11-03": "November 3 | Tuesday 3 November | 2026-11-03",
    "en 2026-11-17": "last Tuesday",
    "en 2026-11-18": "wed",
    "en 2026-11-22": "the day before yesterday | 前天",
    "en 2026-11-23": "yesterday | di ieri | Monday | lunedi",
    "en 2026-11-24": "today | 24 November",
    "en": "29 February | 31 November | 2026-11-25 | tomorrow | motor | the | 5 | ",
    "it 2025-11-01": "1º novembre 2025",
    "it 2025-11-03": "3.11.2025",
    "it 2026-11-03": "3 novembre | del 3 novembre | martedì 3 novembre | 3/11",
    "it 2026-11-17": "martedì scorso",
    "it 2026-11-21": "di sabato",
    "it 2026-11-22": "l’altro ieri | l'altroieri",
    "it 2026-11-23": "Yesterday | ieri | lunedì",
    "it 2026-11-24": "oggi",
    "es 2025-11-03": "martes 3 de noviembre de 2025",
    "es 2026-11-03": "el 3 de noviembre",
    "es 2026-11-17": "el martes pasado",
    "es 2026-11-18": "miercoles",
    "es 2026-11-22": "antes de ayer",
    "es 2026-11-23": "ayer | el lunes",
    "es 2026-11-24": "hoy",
    "fr 2026-11-03": "du 3 novembre | le mardi 3 novembre",
    "fr 2026-11-17": "mardi dernier",
    "fr 2026-11-22": "avant-hier",
    "fr 2026-11-23": "hier | lundi",
    "fr 2026-11-24": "aujourd’hui",
    "zh 2025-11-03": "2025年11月3日",
    "zh 2026-11-03": "十一月三号 | 11月3日 星期二 | 11月3日（周二）",
    "zh 2026-11-16": "上周一",
    "zh 2026-11-17": "礼拜二",
    "zh 2026-11-22": "星期天",
    "zh 2026-11-23": "昨天 | 周一",
    "zh": "明天",
}
"""A language and the day of the past that is meant, if any → how people write it."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(way, day) for day, ways in PAST_DAYS.items() for way in ways.split(" | ")],
)
def test_past_days_are_parsed_as_people_write_them(typed: str, meant: str) -> None:
    language, _, day = meant.partition(" ")
    assert read_past_day(typed, language, TODAY) == (date.fromisoformat(day) if day else None)


@given(st.text(), st.sampled_from(["en", "it"]))
def test_any_text_parses_to_a_past_day_or_none(typed: str, language: str) -> None:
    day = read_past_day(typed, language, TODAY)
    assert day is None or day <= TODAY


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("22-7", (22 * 60, 7 * 60)),
        ("23:30 to 8", (23 * 60 + 30, 8 * 60)),
        ("from 10pm until 7am", (22 * 60, 7 * 60)),
        ("22:00 \u2013 07:15", (22 * 60, 7 * 60 + 15)),
        ("dalle 22 alle 7.30", (22 * 60, 7 * 60 + 30)),
        ("22时至7时", (22 * 60, 7 * 60)),
        ("from half past ten to quarter past seven", (10 * 60 + 30, 7 * 60 + 15)),
        ("twenty-two to seven", (22 * 60, 7 * 60)),
        ("dalle dieci di sera alle sette e mezza", (22 * 60, 7 * 60 + 30)),
        ("dall’una alle sette", (60, 7 * 60)),
        ("de las diez de la noche a las siete y media", (22 * 60, 7 * 60 + 30)),
        ("de vingt-deux heures à sept heures et demie", (22 * 60, 7 * 60 + 30)),
        ("晚上十点半到早上七点", (22 * 60 + 30, 7 * 60)),
        ("vingt-deux", None),
        ("22", None),
        ("7-7", None),
        ("25-7", None),
        ("gucci - prada", None),
    ],
)
def test_quiet_hours_are_parsed_as_people_type_them(
    typed: str, hours: tuple[int, int] | None
) -> None:
    assert read_hours(typed) == hours
