"""Names of the months in the languages of the sources.

Most names are one word and come from CLDR. Other spellings are first replaced by English words.
"""

from __future__ import annotations

import re
from functools import cache

from news.text.letters import without_accents

_NAMES = "january february march april may june july august september october november december"
_ENGLISH = {
    name: number
    for number, month in enumerate(_NAMES.split(), start=1)
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
    return f" {_NAMES.split()[number - 1][:3]} "


def _whole_day(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"{hour % 12 + (0 if found[3] else 12) if hour <= 12 else hour}{found[2]}"


def of_our_era(year: int) -> int:
    """Return a year of the Common Era; years from 2401 to 2699 are taken as Buddhist."""
    return year - _BUDDHA if 2400 < year < 2700 else year
