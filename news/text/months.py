"""What the months are called in our sources' languages.

Most names are one word, and CLDR knows them. What is said in another way is put into English
words first.
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
"""For these, which most feeds write, nothing need be loaded."""
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
"""What CLDR does not say, or says of two months; a month a line."""
_LANGUAGES = (
    "en it es fr de pt nl ru uk pl tr fi ar el cs ro he lt lv et sk hr hu sv da nb ca id ms bg sr "
    "sl fa ar_LB ar_DZ th hi"
)
_IN = "ב"
"""Which Hebrew writes with the month that a day is in."""
_NUMBERS = "mot hai ba tu nam sau bay tam chin muoi muoi_mot muoi_hai"
_VIETNAMESE = {name: number for number, name in enumerate(_NUMBERS.split(), start=1)} | {
    "gieng": 1,
    "chap": 12,
}


def folded(text: str) -> str:
    """`text` without accents and in lower case."""
    return without_accents(text).replace("\u0131", "i")


def month_named(name: str) -> int | None:
    """The month of a folded name, in any of the languages of our sources; None for other words."""
    return _ENGLISH.get(name) or _elsewhere().get(name)


@cache
def _elsewhere() -> dict[str, int]:
    # A fifth of a second and 35 MB, for names that are not English.
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


# Arabic, Devanagari and Thai: marks that no pattern takes for letters, points within, two words.
_LETTER = "[\u0620-\u065f\u066e-\u06d3\u0900-\u0963\u0970-\u097f\u0e01-\u0e4e]"
_MARKED = re.compile(rf"({_LETTER}+(?:\.{_LETTER}+)*(?: \u0627\u0644{_LETTER}+)?)\.?")
# Thailand counts years from 543 before ours, and often tells their last two figures alone.
_THAI_ERA = re.compile(r"(?:พ\.?ศ\.?|ค\.?ศ\.?)\s*(?=\d)")
_THAI_SHORT_YEAR = re.compile(r"(?<=\d )([a-z]{3}) (\d\d)(?=\s|$)")
_BUDDHA = 543
_IN_VIETNAMESE = re.compile(
    r"\b(?:thang|thg|th(?=\.?\s?\d))\.?\s?"
    rf"(0?[1-9]|1[0-2]|muoi (?:mot|hai)|{'|'.join(_VIETNAMESE)})\b(?:,?\s*nam\s+(?=\d{{4}}))?"
)
_VIETNAMESE_DAY = re.compile(r"\bthu (?=[a-z])")
# Of the day: Vietnamese, Greek, Arabic, Turkish.
_HALF = re.compile(
    r"(\d{1,2})(:\d\d(?::\d\d)?)\s?"
    r"(?:(sa|πμ|π\.μ\.|صباحا|ص|oo)|(?:ch|μμ|μ\.μ\.|مساء|م|os))(?=[\s,]|$)"
)
_CROATIAN = re.compile(r"(?<=\d\. )listopada?\b")
_MOSCOW = re.compile(r"\b\u043c\u0441\u043a\b")


def plainly(text: str) -> str:
    """A folded date with its words of marks, of several words, or of two meanings in English ones.

    Hours of half a day become those of the whole, and Thailand's short years are told in full.
    """
    if not text.isascii():
        is_thai = "\u0e01" <= max(text) <= "\u0e4e"
        text = " ".join(_MARKED.sub(_in_english, _THAI_ERA.sub("", text)).split())
        if is_thai:
            text = _THAI_SHORT_YEAR.sub(r"\1 25\2", text)
        text = _MOSCOW.sub("msk", text)
    if "th" in text:
        # What a weekday's name begins with, and no Thursday.
        text = _VIETNAMESE_DAY.sub("", text)
        text = _IN_VIETNAMESE.sub(_of_vietnam, text)
    if "listopad" in text:
        # In Poland and Bohemia it is November, and no point follows the day in Poland.
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
    """A year, also where it is told in the Buddhist era."""
    return year - _BUDDHA if 2400 < year < 2700 else year
