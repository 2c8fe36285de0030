"""Our own reading of dates: every spelling that sources use, and none that cannot be true.

A date before 1995, or more than two days ahead, is refused; so is one that could be two days at
once. The caller then falls back to when it first saw the article. A date up to two days ahead
(a wrong zone, an embargo) is taken as now, so that nothing stands above today's news.
A time without a zone is UTC.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
_LONGEST = 120
"""Characters; no date is longer."""

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier janv gennaio gen enero ene janeiro januari jaenner",
            "february feb februar fevrier fevr fev febbraio febrero fevereiro februari",
            "march mar marz maerz mrz mars marzo marco maart mrt",
            "april apr avril avr aprile abril abr",
            "may mai maggio mag mayo maio mei",
            "june jun juni juin giugno giu junio junho",
            "july jul juli juillet juil luglio lug julio julho",
            "august aug aout agosto ago augustus",
            "september sep sept septembre settembre set septiembre setiembre setembro",
            "october oct oktober okt octobre ottobre ott octubre outubro out",
            "november nov novembre noviembre novembro",
            "december dec dezember dez decembre dicembre dic diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES: dict[str, int] = {
    name: minutes
    for minutes, names in (
        (0, "z ut utc gmt wet uct"),
        (60, "cet mez bst west wat"),
        (120, "cest mesz eet sast cat"),
        (180, "eest msk trt eat ast3"),
        (240, "gst msd"),
        (300, "pkt"),
        (330, "ist"),
        (420, "wib ict"),
        (480, "hkt sgt awst pht myt"),
        (540, "jst kst"),
        (570, "acst"),
        (600, "aest"),
        (630, "acdt"),
        (660, "aedt"),
        (720, "nzst"),
        (780, "nzdt"),
        (-180, "brt art adt"),
        (-240, "ast edt"),
        (-300, "est cdt"),
        (-360, "cst mdt"),
        (-420, "mst pdt"),
        (-480, "pst akdt"),
        (-540, "akst"),
        (-600, "hst"),
    )
    for name in names.split()
}
_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?"
    r"(?:(?:[t_ ]|, | at )\s*(?P<clock>\d.*))?"
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[t ]?(?P<clock>\d{4,6}.*))?")
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})[/.] ?(?P<m>\d{1,2})[/.] ?(?P<d>\d{1,2})\.?(?:\s*(?P<clock>\d.*))?"
)
_CJK = re.compile(
    r"(?P<y>\d{4}|\d{2})\s*[\u5e74\ub144]\s*(?P<m>\d{1,2})\s*[\u6708\uc6d4]\s*(?P<d>\d{1,2})\s*"
    r"[\u65e5\u53f7\u865f\uc77c]\s*(?:[(].{1,4}?[)])?\s*"
    r"(?:(?:\u661f\u671f|\u5468|\u9031)[\u4e00-\u9fff])?\s*(?:[\u6708\u706b\u6c34\u6728\u91d1\u571f\u65e5]\u66dc\u65e5?)?\s*"
    r"(?P<half>\u4e0a\u5348|\u4e0b\u5348|\u5348\u524d|\u5348\u5f8c|\uc624\uc804|\uc624\ud6c4)?\s*"
    r"(?:(?P<H>\d{1,2})(?:[:\u6642\u65f6\u70b9\uc2dc]\s*(?:(?P<M>\d{1,2})(?:[:\u5206\ubd84]\s*"
    r"(?:(?P<S>\d{1,2})[\u79d2\ucd08]?)?)?)?)?)?\s*(?P<zone>.*)"
)
_NUMERIC = re.compile(
    r"(?<![\d.])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})\b\.?(?P<rest>.*)"
)
_DAY_MONTH = re.compile(
    r"(?:^|[^\d:])(?P<d>\d{1,2})(?:st|nd|rd|th|er|\u00ba|\u00b0|[.])?[\s,-]*(?:de\s+|of\s+)?"
    r"(?P<m>[a-z]{3,12})\b[.]?[\s,-]*(?:de\s+|del\s+)?(?:'?(?P<y>\d{4}|\d{2}))(?![\d:])"
)
_MONTH_DAY = re.compile(
    r"(?:^|[^a-z])(?P<m>[a-z]{3,12})[.]?[\s-]*(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-)"
    r"(?P<y>\d{4})(?![\d:])"
)
_MONTH_DAY_CLOCK_YEAR = re.compile(
    r"(?P<m>[a-z]{3})\s+(?P<d>\d{1,2})\s+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?(?:\s+[a-z+-]\S*)?)\s+(?P<y>\d{4})"
)
_CLOCK = re.compile(
    r"(?P<H>\d{1,2})(?:[:h.]|(?=\s*[ap]\.?m\b))(?P<M>\d{2})?(?:[:.](?P<S>\d{2}))?(?:[.,]\d+)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*(?:uhr\b|ore\b|heures?\b|hrs?\b)?\s*(?P<zone>.*)"
)
_CLOCK_DIGITS = re.compile(r"(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?:[.,]\d+)?\s*(?P<zone>.*)")
_OFFSET = re.compile(
    r"[(]?\s*(?:(?:utc|gmt|ut)\s*)?(?P<sign>[+\u2212-])\s*(?P<h>\d{1,2}):?(?P<m>\d{2})?(?!\d)"
)
_ZONE_NAME = re.compile(r"[(]?\s*(?P<name>[a-z]{1,5})\b")
_EPOCH = re.compile(r"(\d{9,10})(?:[.]\d+)?|(\d{12,13})")


class _Clock(NamedTuple):
    hour: int = 0
    minute: int = 0
    second: int = 0
    offset: int = 0
    """Minutes east of Greenwich."""


def parse_date(text: str | None, now: datetime, *, month_first: bool = False) -> datetime | None:
    """What moment `text` says, in UTC.

    Args:
        text: A date in RFC 822, ISO 8601, seconds since 1970, or as people of our sources'
            languages write it.
        now: The present, to refuse what cannot be.
        month_first: How to read `01/06/2026`. It is day first unless this, an AM or PM, or the
            numbers themselves say otherwise.

    Returns:
        None where there is no date to be believed; never a moment after `now`.
    """
    if not text or len(text) > _LONGEST * 4:
        return None
    plain = _plain(text)[:_LONGEST]
    for reading in _READINGS:
        found = reading(plain, month_first)
        if found is not None:
            break
    else:
        return None
    if not EARLIEST <= found <= now + AHEAD:
        return None
    return min(found, now)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    # Decomposition takes Korean syllables apart; the date's words are looked for composed.
    bare = unicodedata.normalize("NFC", bare)
    return re.sub(r"\s+", " ", bare).strip(" \"'|\u00b7\u2013\u2014")


def _moment(year: int, month: int, day: int, clock: _Clock) -> datetime | None:
    hour, minute, second = clock.hour, clock.minute, min(clock.second, 59)
    next_day = hour == 24 and not minute
    try:
        local = datetime(year, month, day, 0 if next_day else hour, minute, second, tzinfo=UTC)
        return local + timedelta(days=next_day, minutes=-clock.offset)
    except (ValueError, OverflowError):
        return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _zone(text: str) -> int | None:
    """Minutes east; 0 where nothing is said; None for a zone that is not known."""
    stripped = text.strip(" ,)]")
    if not stripped:
        return 0
    offset = _OFFSET.match(stripped)
    if offset:
        hours, minutes = int(offset["h"]), int(offset["m"] or 0)
        if not offset["m"] and hours > 14:
            return None
        total = hours * 60 + minutes
        return (total if offset["sign"] == "+" else -total) if total <= 14 * 60 else 0
    name = _ZONE_NAME.match(stripped)
    return _ZONES.get(name["name"], 0) if name else 0


def _clock(text: str | None) -> _Clock:
    """The time of day within `text`; midnight UTC where there is none."""
    if not text:
        return _Clock()
    found = _CLOCK.search(text)
    if found is None or not (found["M"] or found["half"]):
        found = _CLOCK_DIGITS.match(text.strip())
        if found is None:
            return _Clock(offset=0)
    half = found.groupdict().get("half") or ""
    hour = int(found["H"])
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return _Clock(hour, int(found["M"] or 0), int(found["S"] or 0), _zone(found["zone"]) or 0)


def _as_epoch(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = _EPOCH.fullmatch(text)
    if not found:
        return None
    seconds = int(found[1]) if found[1] else int(found[2]) // 1000
    return datetime.fromtimestamp(seconds, tz=UTC)


def _as_numbers(pattern: re.Pattern[str], text: str) -> datetime | None:
    found = pattern.fullmatch(text)
    if not found:
        return None
    return _moment(int(found["y"]), int(found["m"]), int(found["d"] or 1), _clock(found["clock"]))


def _as_iso(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    return _as_numbers(_ISO, text) or _as_numbers(_COMPACT, text) or _as_numbers(_YEAR_FIRST, text)


def _as_cjk(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = _CJK.search(text)
    if not found:
        return None
    hour = int(found["H"] or 0)
    if found["half"] in {"\u4e0b\u5348", "\u5348\u5f8c", "\uc624\ud6c4"} and hour < 12:
        hour += 12
    zone = _zone(found["zone"]) if found["H"] else 0
    clock = _Clock(hour, int(found["M"] or 0), int(found["S"] or 0), zone or 0)
    return _moment(_year(found["y"]), int(found["m"]), int(found["d"]), clock)


def _as_named_month(text: str, _: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    unix = _MONTH_DAY_CLOCK_YEAR.search(text)
    if unix and unix["m"] in _MONTHS:
        return _moment(int(unix["y"]), _MONTHS[unix["m"]], int(unix["d"]), _clock(unix["clock"]))
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for found in pattern.finditer(text):
            if found["m"] not in _MONTHS:
                continue
            # "10:00, 1 June 2026" has its clock before the day.
            clock = _clock(text[found.end() :])
            if clock == _Clock():
                clock = _clock(text[: found.start()])
            return _moment(_year(found["y"]), _MONTHS[found["m"]], int(found["d"]), clock)
    return None


def _as_slashed(text: str, month_first: bool) -> datetime | None:  # noqa: FBT001 — see _READINGS
    found = _NUMERIC.search(text)
    if not found:
        return None
    first, second = int(found["a"]), int(found["b"])
    american = found["sep"] == "/" and (month_first or re.search(r"\d\s*[ap]\.?m\b", text))
    day, month = (second, first) if american else (first, second)
    if month > 12 >= day:
        day, month = month, day
    clock = _clock(found["rest"])
    if clock == _Clock():
        clock = _clock(text[: found.start()])
    return _moment(_year(found["y"]), month, day, clock)


_READINGS = (_as_epoch, _as_iso, _as_cjk, _as_named_month, _as_slashed)
