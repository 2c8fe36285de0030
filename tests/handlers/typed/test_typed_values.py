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
from handlers.typed.parse_input import read_hours, read_minute
from news.filing import taxonomy
from templates.language.languages import languages

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "minute"),
    [
        ("7", 420),
        ("07:35", 455),
        ("7.35", 455),
        ("0735", 455),
        ("7h", 420),
        ("7h35", 455),
        ("7 pm", 1140),
        ("12am", 0),
        ("12 p.m.", 720),
        ("7:35 PM", 1175),
        ("\uff17\uff1a\uff13\uff15", 455),
        ("8点", 480),
        ("8点30分", 510),
        ("晚上8点", 1200),
        ("夜里2点", 120),
        ("晚上1点", 60),
        ("早上七点三十五", 455),
        ("下午三点半", 930),
        ("上午9点一刻", 555),
        ("中午12点", 720),
        ("晚上12点", 0),
        ("二十二點", 1320),
        ("晚上 8:05", 1205),
        ("23:59", 1439),
        ("00:00", 0),
        (" 8 : 05 ", 485),
        ("a las 8", 480),
        ("a las 20:30 h", 1230),
        ("8 horas", 480),
        ("8 de la mañana", 480),
        ("a las 8 de la tarde", 1200),
        ("9:15 de la noche", 1275),
        ("12 de la noche", 0),
        ("12 de la mañana", 720),
        ("1 de la madrugada", 60),
        ("8 de la manana", 480),
        ("3 h de l'apres-midi", 900),
        ("8 h 30", 510),
        ("à 8 h", 480),
        ("vers 20h", 1200),
        ("8 heures", 480),
        ("8 heures 15", 495),
        ("7 h du matin", 420),
        ("7h30 du soir", 1170),
        ("3 heures de l’après-midi", 900),
        ("alle 8", 480),
        ("8 p m", 1200),
        ("8:30 a m", 510),
        ("12 a m", 0),
        ("around 8:30", 510),
        ("about 0735", 455),
        ("verso le 20:30", 1230),
        ("le 8h30", 510),
        ("sobre las 20:30", 1230),
        ("every day at half past eight, please", 510),
        ("ogni mattina alle otto e mezza", 510),
        ("todos los días a las 8:30 p. m.", 1230),
        ("a las nueve por la mañana, por favor", 540),
        ("tous les matins vers les huit heures et quart", 495),
        ("每天早上八点半吧", 510),
        ("half past eight", 510),
        ("Half past 8", 510),
        ("half eight", 510),
        ("a quarter past eight", 495),
        ("quarter to nine", 525),
        ("quarter to one", 765),
        ("ten to nine", 530),
        ("twenty-five past seven", 445),
        ("two minutes past eight", 482),
        ("eight thirty", 510),
        ("8 thirty", 510),
        ("eight oh five", 485),
        ("eight o’clock", 480),
        ("at eight o'clock in the evening", 1200),
        ("seven thirty am", 450),
        ("8 at night", 1200),
        ("2 at night", 120),
        ("noon", 720),
        ("quarter to midnight", 1425),
        ("nineteen", 1140),
        ("alle otto e un quarto", 495),
        ("alle nove e mezza", 570),
        ("alle 8 e mezza", 510),
        ("le otto meno un quarto", 465),
        ("otto e tre quarti", 525),
        ("all’una e mezza", 90),
        ("le sette e venticinque", 445),
        ("verso le otto", 480),
        ("alle otto in punto", 480),
        ("alle otto di sera", 1200),
        ("alle undici di notte", 1380),
        ("alle tre di notte", 180),
        ("le sette del mattino", 420),
        ("alle ventuno e trenta", 1290),
        ("mezzogiorno e mezzo", 750),
        ("a mezzanotte", 0),
        ("ventitré", 1380),
        ("a las nueve y media", 570),
        ("a las 9 y media", 570),
        ("las nueve menos cuarto", 525),
        ("la una y cuarto", 75),
        ("a la una menos diez", 770),
        ("a las siete y treinta y cinco", 455),
        ("ocho y veinte", 500),
        ("a las ocho en punto", 480),
        ("ocho y media de la tarde", 1230),
        ("las once y diez de la noche", 1390),
        ("a las veintiuna horas", 1260),
        ("a las veinte y quince", 1215),
        ("a mediodía", 720),
        ("medianoche", 0),
        ("neuf heures et demie", 570),
        ("9h et demie", 570),
        ("à neuf heures et quart", 555),
        ("neuf heures moins le quart", 525),
        ("neuf heures moins dix", 530),
        ("huit heures trente", 510),
        ("huit heures cinq", 485),
        ("vingt et une heures", 1260),
        ("vingt-deux heures trente-cinq", 1355),
        ("vers huit heures", 480),
        ("huit heures pile", 480),
        ("huit heures et demie du soir", 1230),
        ("trois heures de l’après-midi", 900),
        ("midi et demi", 750),
        ("minuit et quart", 15),
        ("早上八点半", 510),
        ("八點半", 510),
        ("晚上八点三刻", 1245),
        ("差一刻九点", 525),
        ("九点差五分", 535),
        ("晚上差十分九点", 1250),
        ("八点过五分", 485),
        ("八点零五", 485),
        ("下午两点半", 870),
    ],
)
def test_hours_are_parsed_as_people_write_or_say_them(typed: str, minute: int) -> None:
    assert read_minute(typed) == minute


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


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "24:00",
        "7:60",
        "-1",
        "13pm",
        "0am",
        "banana",
        "half",
        "quarter",
        "half past",
        "past eight",
        "two to seven",
        "eight eight",
        "twenty-five",
        "thirty",
        "alle ventotto",
        "cinq heures et",
        "une demie",
        "las",
        "un",
        "y",
        "8 30",
        "nine hours",
        "差六十分九点",
        "差一刻",
        "7:3",
        "7:35:10",
        "99",
        "12345",
        "25点",
        "晚上",
        "一二十点",
    ],
)
def test_text_that_is_not_an_hour_is_rejected(typed: str) -> None:
    assert read_minute(typed) is None


@given(st.text())
def test_any_text_parses_to_a_valid_hour_or_none(typed: str) -> None:
    minute = read_minute(typed)
    assert minute is None or 0 <= minute < 24 * 60


@pytest.mark.parametrize(
    ("typed", "language", "day"),
    [
        ("2027-01-06", "en", date(2027, 1, 6)),
        ("6.1.", "en", date(2027, 1, 6)),
        ("06/01/2027", "it", date(2027, 1, 6)),
        ("6 January", "en", date(2027, 1, 6)),
        ("6 jan 2027", "en", date(2027, 1, 6)),
        ("1st of nothing", "en", None),
        ("25 novembre", "it", date(2026, 11, 25)),
        ("24 novembre", "it", date(2027, 11, 24)),
        ("6 de enero de 2027", "es", date(2027, 1, 6)),
        ("el 6 de enero", "es", date(2027, 1, 6)),
        ("hasta el miércoles 6 de enero", "es", date(2027, 1, 6)),
        ("1er janvier", "fr", date(2027, 1, 1)),
        ("le 6 janvier", "fr", date(2027, 1, 6)),
        ("jusqu’au mercredi 6 janvier 2027", "fr", date(2027, 1, 6)),
        ("until Wednesday 6 January", "en", date(2027, 1, 6)),
        ("January 6, 2027", "en", date(2027, 1, 6)),
        ("1月6日", "zh", date(2027, 1, 6)),
        ("2026-11-24", "en", None),
        ("2026-11-23", "en", None),
        ("2029-01-01", "en", None),
        ("31.2.", "en", None),
        ("29.2.", "en", None),
        ("0000-00-00", "en", None),
        ("1st of March", "en", date(2027, 3, 1)),
        ("24 fevrier", "fr", date(2027, 2, 24)),
        ("1er aout", "fr", date(2027, 8, 1)),
        ("tomorrow", "en", date(2026, 11, 25)),
        ("until the day after tomorrow", "en", date(2026, 11, 26)),
        ("Tuesday", "en", date(2026, 12, 1)),
        ("this Friday", "en", date(2026, 11, 27)),
        ("next Monday", "en", date(2026, 11, 30)),
        ("next week", "en", date(2026, 11, 30)),
        ("next month", "en", date(2026, 12, 1)),
        ("for 3 days", "en", date(2026, 11, 27)),
        ("in two weeks", "en", date(2026, 12, 8)),
        ("a fortnight", "en", date(2026, 12, 8)),
        ("in a month", "en", date(2026, 12, 24)),
        ("this week", "en", None),
        ("0 days", "en", None),
        ("400 days", "en", None),
        ("99 months", "en", None),
        ("next", "en", None),
        ("week", "en", None),
        ("yesterday", "en", None),
        ("fino a domani", "it", date(2026, 11, 25)),
        ("dopodomani", "it", date(2026, 11, 26)),
        ("mercoledì prossimo", "it", date(2026, 11, 25)),
        ("lunedi", "it", date(2026, 11, 30)),
        ("tra una settimana", "it", date(2026, 12, 1)),
        ("per due mesi", "it", date(2027, 1, 24)),
        ("il mese prossimo", "it", date(2026, 12, 1)),
        ("mañana", "es", date(2026, 11, 25)),
        ("hasta pasado mañana", "es", date(2026, 11, 26)),
        ("el lunes que viene", "es", date(2026, 11, 30)),
        ("la próxima semana", "es", date(2026, 11, 30)),
        ("dentro de quince días", "es", date(2026, 12, 9)),
        ("demain", "fr", date(2026, 11, 25)),
        ("jusqu’à après-demain", "fr", date(2026, 11, 26)),
        ("apres demain", "fr", date(2026, 11, 26)),
        ("lundi prochain", "fr", date(2026, 11, 30)),
        ("dans trois jours", "fr", date(2026, 11, 27)),
        ("la semaine prochaine", "fr", date(2026, 11, 30)),
        ("明天", "zh", date(2026, 11, 25)),
        ("后天", "zh", date(2026, 11, 26)),
        ("到周五", "zh", date(2026, 11, 27)),
        ("下周三", "zh", date(2026, 12, 2)),
        ("下周", "zh", date(2026, 11, 30)),
        ("三天后", "zh", date(2026, 11, 27)),
        ("两周", "zh", date(2026, 12, 8)),
        ("一个月后", "zh", date(2026, 12, 24)),
        ("下个月", "zh", date(2026, 12, 1)),
        ("三月", "zh", None),
        ("三日", "zh", None),
    ],
)
def test_dates_are_parsed_in_the_readers_language(
    typed: str, language: str, day: date | None
) -> None:
    assert read_date(typed, language, TODAY) == day


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
@pytest.mark.parametrize(
    ("typed", "language", "day"),
    [
        ("today", "en", date(2026, 11, 24)),
        ("yesterday", "en", date(2026, 11, 23)),
        ("Yesterday", "it", date(2026, 11, 23)),
        ("the day before yesterday", "en", date(2026, 11, 22)),
        ("ieri", "it", date(2026, 11, 23)),
        ("di ieri", "en", date(2026, 11, 23)),
        ("l’altro ieri", "it", date(2026, 11, 22)),
        ("l'altroieri", "it", date(2026, 11, 22)),
        ("oggi", "it", date(2026, 11, 24)),
        ("Monday", "en", date(2026, 11, 23)),
        ("last Tuesday", "en", date(2026, 11, 17)),
        ("wed", "en", date(2026, 11, 18)),
        ("lunedì", "it", date(2026, 11, 23)),
        ("lunedi", "en", date(2026, 11, 23)),
        ("martedì scorso", "it", date(2026, 11, 17)),
        ("di sabato", "it", date(2026, 11, 21)),
        ("24 November", "en", date(2026, 11, 24)),
        ("25 November", "en", date(2025, 11, 25)),
        ("November 3", "en", date(2026, 11, 3)),
        ("Nov 3rd, 2025", "en", date(2025, 11, 3)),
        ("Tuesday 3 November", "en", date(2026, 11, 3)),
        ("3 novembre", "it", date(2026, 11, 3)),
        ("del 3 novembre", "it", date(2026, 11, 3)),
        ("dell’1 novembre", "en", date(2026, 11, 1)),
        ("1º novembre 2025", "it", date(2025, 11, 1)),
        ("martedì 3 novembre", "it", date(2026, 11, 3)),
        ("3/11", "it", date(2026, 11, 3)),
        ("3.11.2025", "it", date(2025, 11, 3)),
        ("hier", "fr", date(2026, 11, 23)),
        ("aujourd’hui", "fr", date(2026, 11, 24)),
        ("avant-hier", "fr", date(2026, 11, 22)),
        ("lundi", "fr", date(2026, 11, 23)),
        ("mardi dernier", "fr", date(2026, 11, 17)),
        ("du 3 novembre", "fr", date(2026, 11, 3)),
        ("le mardi 3 novembre", "fr", date(2026, 11, 3)),
        ("hoy", "es", date(2026, 11, 24)),
        ("ayer", "es", date(2026, 11, 23)),
        ("antes de ayer", "es", date(2026, 11, 22)),
        ("el lunes", "es", date(2026, 11, 23)),
        ("miercoles", "es", date(2026, 11, 18)),
        ("el martes pasado", "es", date(2026, 11, 17)),
        ("el 3 de noviembre", "es", date(2026, 11, 3)),
        ("martes 3 de noviembre de 2025", "es", date(2025, 11, 3)),
        ("2026-11-03", "en", date(2026, 11, 3)),
        ("昨天", "zh", date(2026, 11, 23)),
        ("前天", "en", date(2026, 11, 22)),
        ("周一", "zh", date(2026, 11, 23)),
        ("礼拜二", "zh", date(2026, 11, 17)),
        ("上周一", "zh", date(2026, 11, 16)),
        ("星期天", "zh", date(2026, 11, 22)),
        ("十一月三号", "zh", date(2026, 11, 3)),
        ("11月3日 星期二", "zh", date(2026, 11, 3)),
        ("11月3日（周二）", "zh", date(2026, 11, 3)),
        ("2025年11月3日", "zh", date(2025, 11, 3)),
        ("明天", "zh", None),
        ("29 February", "en", None),
        ("31 November", "en", None),
        ("2026-11-25", "en", None),
        ("tomorrow", "en", None),
        ("motor", "en", None),
        ("the", "en", None),
        ("5", "en", None),
        ("", "en", None),
    ],
)
def test_past_days_are_parsed_as_people_write_them(
    typed: str, language: str, day: date | None
) -> None:
    assert read_past_day(typed, language, TODAY) == day


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
