"""Parsing of dates in every spelling that sources use, with implausible ones refused.

Dates before 1995 or more than two days ahead are refused; so are ambiguous ones. The caller then
uses the time when it first saw the article. A date up to two days ahead (a wrong zone, an embargo)
becomes the present, so that it does not sort above today's news. A time without a known zone is
taken as UTC.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from news.text.date_words import ago, weekday_of, zone_named
from news.text.letters import without_accents

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
_LONGEST = 120
"""Most characters of a date."""

_WEEKDAY = r"(?:,? ?[(]?[^\W\d_]{1,12}[.)]?)?"
_HALF_OF_DAY = re.compile(r"\d\s*[ap]\.?m\b")
_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?"
    r"(?:(?:[t_ ]|, | at )\s*(?P<clock>\d.*))?"
)
_ISO_WITHIN = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)"
    r"(?:[^\d]{1,15}(?P<clock>\d.*))?"
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[t ]?(?P<clock>\d{2}:?\d\d.*))?")
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})[/.] ?(?P<m>\d{1,2})[/.] ?(?P<d>\d{1,2})(?!\d)\.?"
    rf"{_WEEKDAY}(?:[\s,-]*(?P<clock>\d.*))?"
)
_CJK = re.compile(
    r"(?P<era>\u4ee4\u548c)?\s*(?P<y>\d{4}|\d{1,2})\s*[\u5e74\ub144]\s*(?P<m>\d{1,2})\s*[\u6708\uc6d4]\s*(?P<d>\d{1,2})\s*"
    r"[\u65e5\u53f7\u865f\uc77c]\s*(?:[(].{1,4}?[)])?\s*"
    r"(?:(?:\u661f\u671f|\u5468|\u9031)[\u4e00-\u9fff])?\s*(?:[\u6708\u706b\u6c34\u6728\u91d1\u571f\u65e5]\u66dc\u65e5?)?\s*"
    r"(?P<half>[ap]m)?\s*"
    r"(?:(?P<H>\d{1,2})(?::(?P<M>\d{1,2})(?::(?P<S>\d{1,2}))?)?)?\s*(?P<zone>.*)"
)
_NUMERIC = re.compile(
    r"(?<![\d.])(?P<a>\d{1,2})(?P<sep>[/.-]) ?(?P<b>\d{1,2})(?P=sep) ?(?P<y>\d{4}|\d{2})\b"
    r"\.?(?P<rest>.*)"
)
_DAY_MONTH = re.compile(
    r"(?:^|[^\d:])(?P<d>\d{1,2})(?:st|nd|rd|th|er|o|\u00b0|[.])?[\s,-]*(?:de\s+|of\s+|d['\u2019])?"
    r"(?P<m>[^\W\d_]{3,14})(?![^\W\d_])[.'\u05f3]?[\s,-]*(?:de\s+|del\s+)?(?:'?(?P<y>\d{4}|\d{2}(?!h?\d|\.\d)))(?![\d:])"
)
_MONTH_DAY = re.compile(
    r"(?:^|[^a-z])(?P<m>[^\W\d_]{3,14})[.]?[\s-]*(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-)"
    r"(?P<y>\d{4})(?![\d:])"
)
_YEAR_MONTH_DAY = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?:\.| m\.)?[\s,-]+(?P<m>[^\W\d_]{3,14})[.]?[\s,-]+(?P<d>\d{1,2})(?![\d:])"
)
_YEAR_DAY_MONTH = re.compile(
    r"(?<!\d)(?P<y>\d{4})\. gada (?P<d>\d{1,2})\. (?P<m>[^\W\d_]{3,14})(?![\d:])"
)
_MONTH_YEAR = re.compile(r"(?P<m>[^\W\d_]{3,14})[.,]? (?:del? )?(?P<y>\d{4})")
_MONTH_DAY_CLOCK_YEAR = re.compile(
    r"(?P<m>[a-z]{3})\s+(?P<d>\d{1,2})\s+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?(?:\s+[a-z+-]\S*)?)\s+(?P<y>\d{4})"
)
_CLOCK = re.compile(
    r"(?P<H>\d{1,2})(?:[:.]|(?P<h> ?h(?![a-z]) ?)|(?=\s*(?:[ap]\.?\s?m\b|uhr\b)))"
    r"(?P<M>\d{2})?(?:[:.](?P<S>\d{2}))?(?:[.,]\d+)?"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?\s*(?:uhr\b|ore\b|heures?\b|hrs?\b)?\s*(?P<zone>.*)"
)
_UHR = re.compile(r"\d\s*uhr\b")
_FARTHEST = 14 * 60
"""Minutes east of Greenwich of the easternmost time zone."""
_REIWA = 2018
"""The year before the first year of Japan's Reiwa era."""
_CLOCK_DIGITS = re.compile(r"(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?:[.,]\d+)?\s*(?P<zone>.*)")
_OFFSET = re.compile(
    r"[(\[]?\s*(?:(?:utc|gmt|ut)\s*)?(?P<sign>[+\u2212-])(?!\s+\d\d?[:.]\d)\s*(?P<h>\d{1,2}):?(?P<m>\d{2})?(?!\d)"
)
# Seconds or milliseconds since 1970, bare or as `/Date(…)/` of .NET.
_EPOCH = re.compile(
    r"(?:@|/?date[(])?(?:(?P<s>\d{9,10})(?:[.]\d+)?|(?P<ms>(?!20\d{10}\b)\d{12,13}))(?:[+-]\d{4})?(?:[)]/?)?"
)
_CJK_HALF = re.compile(
    "(\u4e0a\u5348|\u5348\u524d|\uc624\uc804)|\u4e0b\u5348|\u5348\u5f8c|\uc624\ud6c4|\u665a\u4e0a?"
)
# Does not match durations such as `3時間前`.
_CJK_CLOCK = re.compile(
    r"(\d{1,2})\s?[\u6642\u65f6\u70b9\u9ede\uc2dc](?![\u9593\u95f4\uac04])"
    r"(?:\s?(\d{1,2})\s?[\u5206\ubd84](?:\s?(\d{1,2})\s?[\u79d2\ucd08])?)?"
)
_HALF_BEFORE = re.compile(
    r"(?<=[\d.] )(?<!:\d\d )([ap])\.?m\.? (\d{1,2}:\d\d(?::\d\d)?)(?! ?[ap]\.?m)"
)
# Fast paths: nearly all feeds use these forms, which take a fifth of the time.
_RFC_3339 = re.compile(r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-](?:0\d|1[0-3]):\d\d)")
_RFC_822 = re.compile(
    r"[A-Z][a-z]{2}, (\d\d?) ([A-Z][a-z]{2}) ((?:19|20)\d\d) (\d\d:\d\d:\d\d) "
    r"(?:GMT|UTC|([+-])(0\d|1[0-3]):?(\d\d))"
)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_NAMES, start=1)}
# Matches invisible marks, such as those of writing direction.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d?)/(\d\d?)|-?([01]\d)-?([0-3]\d))(?=/)")


class _Clock(NamedTuple):
    hour: int = 0
    minute: int = 0
    second: int = 0
    zone: int | ZoneInfo = 0
    """Minutes east of Greenwich, or a ZoneInfo."""


def parse_date(text: str | None, now: datetime, *, month_first: bool = False) -> datetime | None:
    """Return the moment that `text` states, in UTC, or None if there is no plausible date.

    The result is never after `now`.

    Args:
        text: A date in RFC 822, ISO 8601, seconds or milliseconds since 1970, or the usual
            spellings of the sources' languages.
        month_first: How to read `01/06/2026`: month first or day first. A weekday, an AM or PM, or
            a number over 12 overrides this.
    """
    if not text or len(text) > _LONGEST * 4:
        return None
    latest = now + AHEAD
    usual = _as_usual(text)
    if usual is not None:
        return min(usual, now) if EARLIEST <= usual <= latest else None
    plain = _plain(text)[:_LONGEST]
    for reading in _READINGS:
        found = reading(plain, month_first)
        if found is None:
            continue
        if found > latest and reading is _as_slashed:
            # A day-first reading in the future means that the date is month-first.
            found = reading(plain, not month_first) or found
        return min(found, now) if EARLIEST <= found <= latest else None
    back = ago(plain)
    return now - back if back is not None and now - back >= EARLIEST else None


def day_in(address: str) -> str:
    """Return the day in an address like `/2026/11/23/boutique` as `2026-11-23`; empty if none."""
    found = _DAY_IN_PATH.search(address)
    return "-".join(filter(None, found.groups())) if found else ""


def _as_usual(text: str) -> datetime | None:
    iso = text if _RFC_3339.fullmatch(text) else ""
    if not iso and (found := _RFC_822.fullmatch(text)):
        day, name, year, clock, sign, hours, minutes = found.groups()
        zone = f"{sign}{hours}:{minutes}" if sign else "Z"
        iso = f"{year}-{_MONTHS.get(name)}-{day:0>2}T{clock}{zone}"
    try:
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _plain(text: str) -> str:
    bare = folded(html.unescape(text).replace("%2B", "+"))
    if not bare.isascii():
        bare = _UNSEEN.sub("", bare).replace("\u060c", ",")
        bare = _CJK_CLOCK.sub(_clock_of_figures, bare)
        bare = _CJK_HALF.sub(lambda found: " am " if found[1] else " pm ", bare)
    bare = _HALF_BEFORE.sub(r"\2 \1m", " ".join(bare.split()))
    return plainly(bare).strip(" \"'|\u00b7\u2013\u2014")


def _clock_of_figures(found: re.Match[str]) -> str:
    return ":".join(f"{figure or '0':0>2}" for figure in found.groups())


def _moment(year: int, month: int, day: int, clock: _Clock) -> datetime | None:
    hour, minute, second = clock.hour, clock.minute, min(clock.second, 59)
    next_day = hour == 24 and not minute
    if hour > 23 or minute > 59:
        # Keep the day and drop the impossible time.
        hour = minute = second = 0
    try:
        local = datetime(of_our_era(year), month, day, hour, minute, second, tzinfo=UTC)
        if isinstance(clock.zone, int):
            return local + timedelta(days=next_day, minutes=-clock.zone)
        return (local.replace(tzinfo=clock.zone) + timedelta(days=next_day)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _zone(text: str) -> int | ZoneInfo:
    """Return minutes east of UTC, or a ZoneInfo; 0 if no known zone is given."""
    stripped = text.strip(" ,)]([")
    if not stripped:
        return 0
    offset = _OFFSET.match(stripped)
    if offset:
        total = int(offset["h"]) * 60 + int(offset["m"] or 0)
        return (total if offset["sign"] == "+" else -total) if total <= _FARTHEST else 0
    return zone_named(stripped)


def _clock(text: str | None) -> _Clock:
    if not text:
        return _Clock()
    found = _CLOCK.search(text)
    if found is None or not (found["M"] or found["half"] or found["h"] or _UHR.search(text)):
        found = _CLOCK_DIGITS.match(text.strip())
        if found is None:
            return _Clock()
    half = found.groupdict().get("half") or ""
    hour = int(found["H"])
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return _Clock(hour, int(found["M"] or 0), int(found["S"] or 0), _zone(found["zone"]))


def _as_epoch(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = _EPOCH.fullmatch(text)
    if not found:
        return None
    seconds = int(found["s"]) if found["s"] else int(found["ms"]) // 1000
    return datetime.fromtimestamp(seconds, tz=UTC)


def _as_numbers(pattern: re.Pattern[str], text: str) -> datetime | None:
    found = pattern.fullmatch(text)
    if not found:
        return None
    return _moment(int(found["y"]), int(found["m"]), int(found["d"] or 1), _clock(found["clock"]))


def _as_iso(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    return _as_numbers(_ISO, text) or _as_numbers(_COMPACT, text) or _as_numbers(_YEAR_FIRST, text)


def _as_cjk(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = None if text.isascii() else _CJK.search(text)
    if not found:
        return None
    hour = int(found["H"] or 0)
    if found["half"] == "pm" and hour < 12:
        hour += 12
    zone = _zone(found["zone"]) if found["H"] else 0
    clock = _Clock(hour, int(found["M"] or 0), int(found["S"] or 0), zone)
    year = int(found["y"]) + _REIWA if found["era"] else _year(found["y"])
    return _moment(year, int(found["m"]), int(found["d"]), clock)


def _as_named_month(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    unix = _MONTH_DAY_CLOCK_YEAR.search(text)
    if unix and (month := month_named(unix["m"])):
        return _moment(int(unix["y"]), month, int(unix["d"]), _clock(unix["clock"]))
    for pattern in (_DAY_MONTH, _MONTH_DAY, _YEAR_MONTH_DAY, _YEAR_DAY_MONTH):
        for found in pattern.finditer(text):
            month = month_named(found["m"])
            if month is None:
                continue
            # In "10:00, 1 June 2026" the time is before the day.
            clock = _clock(text[found.end() :])
            if clock == _Clock():
                clock = _clock(text[: found.start()])
            return _moment(_year(found["y"]), month, int(found["d"]), clock)
    alone = _MONTH_YEAR.fullmatch(text)
    return _moment(int(alone["y"]), month_named(alone["m"]) or 0, 1, _Clock()) if alone else None


def _as_slashed(text: str, month_first: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = _NUMERIC.search(text)
    if not found:
        return None
    first, second = int(found["a"]), int(found["b"])
    slashed = found["sep"] == "/"
    american = (month_first and found["sep"] != "-") or (slashed and _HALF_OF_DAY.search(text))
    day, month = (second, first) if american else (first, second)
    weekday = weekday_of(text)
    if max(day, month) <= 12 and weekday is not None:
        # The weekday of "Mon, 06/01/2026" decides the order.
        pairs = ((month, day), (day, month))
        moments = (_moment(_year(found["y"]), *pair, _Clock()) for pair in pairs)
        if [one is not None and one.weekday() == weekday for one in moments] == [False, True]:
            day, month = month, day
    if month > 12 >= day:
        day, month = month, day
    clock = _clock(found["rest"])
    if clock == _Clock():
        clock = _clock(text[: found.start()])
    return _moment(_year(found["y"]), month, day, clock)


def _as_labelled(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    """Return a year-first date within other text, such as `Published: 2026-06-01`, or None."""
    found = _ISO_WITHIN.search(text)
    if not found:
        return None
    return _moment(int(found["y"]), int(found["m"]), int(found["d"]), _clock(found["clock"]))


_READINGS = (
    _as_epoch,
    _as_iso,
    _as_cjk,
    _as_named_month,
    _as_labelled,
    _as_slashed,
)


_IN_ENGLISH = (
    "january february march april may june july august september october november december"
)
_ENGLISH = {
    name: number
    for number, month in enumerate(_IN_ENGLISH.split(), start=1)
    for name in (month, month[:3])
}
"""English month or abbreviation → number; most feeds use these, and they need no loading."""
_BESIDE_CLDR = """
    januarius jaenner janner
    feber
    maerz mrz берез
    кві

    чер يونيه
    juill يوليه
    ags сер
    setiembre сен верес सितम्बर
    अक्तूबर
    ноя листоп नवम्बर
    दिसम्बर
"""  # noqa: RUF001 — these letters are Cyrillic
"""Names that CLDR lacks or gives to two months; one month per line."""
_LANGUAGES = (
    "en it es fr de pt nl ru uk pl tr fi ar el cs ro he lt lv et sk hr hu sv da nb ca id ms bg sr "
    "sl fa ar_LB ar_DZ th hi"
)
_IN = "ב"
"""Hebrew prefix "in", written together with a month."""
_NUMBERS = "mot hai ba tu nam sau bay tam chin muoi muoi_mot muoi_hai"
_VIETNAMESE = {name: number for number, name in enumerate(_NUMBERS.split(), start=1)} | {
    "gieng": 1,
    "chap": 12,
}


def folded(text: str) -> str:
    """Return `text` without accents and in lower case."""
    return without_accents(text).replace("\u0131", "i")


def month_named(name: str) -> int | None:
    """Return the month, 1 to 12, of a folded name in any supported language, or None."""
    return _ENGLISH.get(name) or _elsewhere().get(name)


@cache
def _elsewhere() -> dict[str, int]:
    # Imported here: it takes a fifth of a second and 35 MB, only for names that are not English.
    from babel.dates import get_month_names  # noqa: PLC0415 — see above

    found = {
        folded(name): number
        for number, names in enumerate(_BESIDE_CLDR.split("\n")[1:-1], start=1)
        for name in names.split()
    }
    for language in _LANGUAGES.split():
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    word = folded(str(name)).removeprefix("de ").rstrip(".\u05f3")
                    found.setdefault(word, number)
                    if language == "he":
                        found.setdefault(_IN + word, number)
    return found


# Arabic, Devanagari and Thai: names with combining marks, inner periods or two words.
_LETTER = "[\u0620-\u065f\u066e-\u06d3\u0900-\u0963\u0970-\u097f\u0e01-\u0e4e]"
_MARKED = re.compile(rf"({_LETTER}+(?:\.{_LETTER}+)*(?: \u0627\u0644{_LETTER}+)?)\.?")
# The Thai calendar is 543 years ahead, and years are often written with two digits.
_THAI_ERA = re.compile(r"(?:พ\.?ศ\.?|ค\.?ศ\.?)\s*(?=\d)")
_THAI_SHORT_YEAR = re.compile(r"(?<=\d )([a-z]{3}) (\d\d)(?=\s|$)")
_BUDDHA = 543
_IN_VIETNAMESE = re.compile(
    r"\b(?:thang|thg|th(?=\.?\s?\d))\.?\s?"
    rf"(0?[1-9]|1[0-2]|muoi (?:mot|hai)|{'|'.join(_VIETNAMESE)})\b(?:,?\s*nam\s+(?=\d{{4}}))?"
)
_VIETNAMESE_DAY = re.compile(r"\bthu (?=[a-z])")
# AM and PM in Vietnamese, Greek, Arabic and Turkish.
_HALF = re.compile(
    r"(\d{1,2})(:\d\d(?::\d\d)?)\s?"
    r"(?:(sa|πμ|π\.μ\.|صباحا|ص|oo)|(?:ch|μμ|μ\.μ\.|مساء|م|os))(?=[\s,]|$)"
)
_CROATIAN = re.compile(r"(?<=\d\. )listopada?\b")
_MOSCOW = re.compile(r"\b\u043c\u0441\u043a\b")


def plainly(text: str) -> str:
    """Replace the parts of a folded date that the patterns of `news.text.dates` cannot read.

    Month names with combining marks, of several words or with two meanings become English ones.
    Times on a 12-hour clock become 24-hour ones. Short years of the Thai calendar get their
    century.
    """
    if not text.isascii():
        is_thai = "\u0e01" <= max(text) <= "\u0e4e"
        text = " ".join(_MARKED.sub(_in_english, _THAI_ERA.sub("", text)).split())
        if is_thai:
            text = _THAI_SHORT_YEAR.sub(r"\1 25\2", text)
        text = _MOSCOW.sub("msk", text)
    if "th" in text:
        # `thu` begins Vietnamese weekdays; it is not Thursday here.
        text = _VIETNAMESE_DAY.sub("", text)
        text = _IN_VIETNAMESE.sub(_of_vietnam, text)
    if "listopad" in text:
        # `listopad` is October in Croatian, which puts a period after the day, and November in
        # Polish and Czech.
        text = _CROATIAN.sub("oct", text)
    return _HALF.sub(_whole_day, text) if ":" in text else text


def _in_english(found: re.Match[str]) -> str:
    number = _elsewhere().get(found[1])
    return _english(number) if number else found[0]


def _of_vietnam(found: re.Match[str]) -> str:
    number = _VIETNAMESE.get(found[1].replace(" ", "_")) or int(found[1])
    return _english(number)


def _english(number: int) -> str:
    return f" {_IN_ENGLISH.split()[number - 1][:3]} "


def _whole_day(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"{hour % 12 + (0 if found[3] else 12) if hour <= 12 else hour}{found[2]}"


def of_our_era(year: int) -> int:
    """Return a year of the Common Era; years from 2401 to 2699 are taken as Buddhist."""
    return year - _BUDDHA if 2400 < year < 2700 else year
