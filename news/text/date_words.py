"""Words in dates, in the languages of the sources: weekdays, time zones, `two hours ago`.

All are in lower case and without accents, as `news.text.dates` folds its input.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

WEEKDAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "mon monday lun lunedi lundi lunes montag mo",
            "tue tues tuesday martedi mardi martes dienstag di",
            "wed wednesday mer mercoledi mercredi miercoles mie mittwoch mi",
            "thu thur thurs thursday gio giovedi jeu jeudi jueves jue donnerstag do",
            "fri friday ven venerdi vendredi viernes vie freitag fr",
            "sat saturday sab sabato sam samedi sabado samstag sa",
            "sun sunday dom domenica dim dimanche domingo sonntag so",
        )
    )
    for name in names.split()
}
"""Name → weekday, 0 for Monday. `mar` is left out: it is both a Tuesday and a month."""

_OFFSETS: dict[str, int] = {
    name: minutes
    for minutes, names in (
        (0, "z ut utc gmt wet uct"),
        (60, "cet mez met bst west wat"),
        (120, "cest mesz mest eet sast cat"),
        (180, "eest msk trt eat ast3"),
        (240, "gst msd"),
        (300, "pkt"),
        (330, "ist"),
        (420, "wib ict"),
        (480, "hkt sgt awst pht myt wita"),
        (540, "jst kst wit"),
        (570, "acst"),
        (600, "aest"),
        (630, "acdt"),
        (660, "aedt"),
        (720, "nzst"),
        (780, "nzdt"),
        (-180, "brt art adt"),
        (-240, "ast edt clt at"),
        (-300, "est cdt cot pet"),
        (-360, "cst mdt"),
        (-420, "mst pdt"),
        (-480, "pst akdt"),
        (-540, "akst"),
        (-600, "hst"),
    )
    for name in names.split()
}
# American zone names without regard to daylight saving time: "ET", "Eastern".
_PLACES = {
    **dict.fromkeys(("et", "eastern"), "America/New_York"),
    **dict.fromkeys(("ct", "central"), "America/Chicago"),
    **dict.fromkeys(("mt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pt", "pacific"), "America/Los_Angeles"),
}
_SMALL_LETTERS = re.compile(r"[a-z]+")
_ZONE_NAME = re.compile(r"[a-z][a-z_+0-9-]*(?:/[a-z_+0-9-]+){1,2}|[a-z]{1,8}\b")

_UNITS = {
    1: "seconds? secs? s secondi secondo secondes? sekunden? segundos? 秒 秒钟 초",
    60: "minutes? mins? m minuti minuto min\\. minuten? minutos? 分 分钟 分鐘 분",
    3_600: "hours? hrs? h ore ora heures? stunden? std\\.? horas? 時間 小时 小時 시간",
    86_400: "days? d giorni giorno jours? tagen? tage? dias? 日 天 일",
    7 * 86_400: "weeks? w settimane settimana semaines? wochen? semanas? 週間 周 週 주",
    30 * 86_400: "months? mesi mese mois monaten? monate? mes mese?s ヶ月 か月 个月 個月 개월",
    365 * 86_400: "years? yrs? anni anno ans? jahren? jahre? anos? 年 년",
}
"""Seconds in a unit of time → the unit's names, as patterns."""
_UNIT = "|".join(f"(?P<u{span}>{'|'.join(names.split())})" for span, names in _UNITS.items())
_AGO = re.compile(
    r"(?:(?:posted|published|updated|pubblicato|about|circa|environ|ca\.?|:)\s*)*"
    r"(?:(?:vor|hace|il y a|ha)\s+)?"
    r"(?P<count>\d{1,3}|an?|one|un[ao']?|une|eine[rm]?)\s*"
    rf"(?:{_UNIT})\s*(?:ago|fa|atras|前|전)?"
)
_SAYS_AGO = re.compile(r"(?:^|\s)(?:vor|hace|il y a|ha)\s|(?:ago|fa|atras|前|전)$")
_TODAY = """
    now today oggi aujourd'hui aujourd\u2019hui heute hoy hoje adesso 今日 本日 今天 刚刚 오늘
"""
_YESTERDAY = "yesterday ieri hier gestern ayer ontem 昨日 昨天 어제"
LOOKS_DATED = re.compile(
    r"\d{4}\s*[-/.\u5e74]\s*\d{1,2}|\u4ee4\u548c\s?\d{1,2}\s?\u5e74|\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}|"
    r"\d{1,2}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?\w{3,12}\.?,?\s+(?:de\s+)?\d{4}|"
    r"\d{4}\.?\s(?:m\.\s)?[^\W\d_]{3,12}\s\d{1,2}\b|\d{1,2}\s[\u0e01-\u0e4e.]{3,14}\s\d{4}|"
    r"[A-Z]\w{2,8}\.?\s+\d{1,2},?\s+\d{4}"
)
"""Matches what may be a date in a text that is not labelled as one."""
_DAYS_BACK: dict[str, int] = {
    **dict.fromkeys(_TODAY.split(), 0),
    **dict.fromkeys(("just now", "a moment ago", "moments ago", "a l'instant"), 0),
    **dict.fromkeys(_YESTERDAY.split(), 1),
}
"""Word → days before today."""


def ago(text: str) -> timedelta | None:
    """Return how long ago a phrase such as `2 hours ago` means, or None if it is not one."""
    days = _DAYS_BACK.get(text)
    if days is not None:
        return timedelta(days=days)
    found = _AGO.fullmatch(text) if _SAYS_AGO.search(text) else None
    if found is None:
        return None
    count = int(found["count"]) if found["count"].isdecimal() else 1
    return count * timedelta(seconds=int((found.lastgroup or "").removeprefix("u")))


def weekday_of(text: str) -> int | None:
    """Return the weekday that a date begins with, 0 for Monday, or None."""
    found = _SMALL_LETTERS.match(text)
    return WEEKDAYS.get(found.group()) if found else None


def zone_named(text: str) -> int | ZoneInfo:
    """Return the zone that `text` begins with: minutes east of UTC, or a ZoneInfo; 0 if unknown."""
    found = _ZONE_NAME.match(text)
    if found is None:
        return 0
    name = found.group()
    offset = _OFFSETS.get(name)
    if offset is not None:
        return offset
    place = _PLACES.get(name) or (_places().get(name) if "/" in name else None)
    return ZoneInfo(place) if place else 0


@cache
def _places() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
