"""What the months are called in our sources' languages.

Most names are one word, and CLDR knows them. What is said in another way is put into English
words first.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from news.text.letters import without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable

_WESTERN = """
    january jan januar janvier janv gennaio gen enero ene janeiro januari jaenner janner gener
    february feb februar fevrier fevr fev febbraio febrero fevereiro februari feber febrer
    march mar marz maerz mrz mars marzo marco maart mrt marc
    april apr avril avr aprile abril abr
    may mai maggio mag mayo maio mei maj maig
    june jun juni juin giugno giu junio junho juny
    july jul juli juillet juil luglio lug julio julho juliol
    august aug aout agosto ago augustus augusti agost
    september sep sept septembre settembre set septiembre setiembre setembro setembre
    october oct oktober okt octobre ottobre ott octubre outubro out
    november nov novembre noviembre novembro
    december dec dezember dez decembre dicembre dic diciembre dezembro desembre desember
"""
"""Of our sources' own languages, a month a line: for these nothing need be loaded."""
_MORE = """
    januarius בינואר ינו בינו
    בפברואר פבר בפבר
    במרץ берез
    באפריל кві אפר באפר
    במאי
    ביוני чер يونيه
    ביולי juill يوليه
    באוגוסט ags сер אוג באוג
    сен בספטמבר верес ספט בספט
    באוקטובר אוק באוק
    ноя בנובמבר листоп נוב בנוב
    בדצמבר דצמ בדצמ
"""  # noqa: RUF001 — these letters are Cyrillic
"""What CLDR does not say, or says of two months."""
_LANGUAGES = (
    "en it es fr de pt nl ru uk pl tr fi ar el cs ro he lt lv et sk hr hu sv da nb ca id ms bg sr "
    "sl fa ar_LB ar_DZ"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Of several words, or with marks that no pattern takes for letters; the first line is January.
_MARKED = """
    มกราคม|ม.ค.|जनवरी|जन॰|كانون الثاني
    กุมภาพันธ์|ก.พ.|फ़रवरी|फरवरी|फ़र॰|फर॰
    มีนาคม|มี.ค.|मार्च
    เมษายน|เม.ย.|अप्रैल
    พฤษภาคม|พ.ค.|मई
    มิถุนายน|มิ.ย.|जून
    กรกฎาคม|ก.ค.|जुलाई|जुल॰
    สิงหาคม|ส.ค.|अगस्त|अग॰|آب
    กันยายน|ก.ย.|सितंबर|सितम्बर|सित॰
    ตุลาคม|ต.ค.|अक्टूबर|अक्तूबर|अक्टू॰|تشرين الأول
    พฤศจิกายน|พ.ย.|नवंबर|नवम्बर|नव॰|تشرين الثاني
    ธันวาคม|ธ.ค.|दिसंबर|दिसम्बर|दिस॰|كانون الأول
"""
_VIETNAMESE = "mot hai ba tu nam sau bay tam chin muoi muoi_mot muoi_hai"
_WEEKDAYS = {"hai": "mon", "ba": "tue", "tu": "wed", "nam": "thu", "sau": "fri", "bay": "sat"}


def folded(text: str) -> str:
    """`text` without accents and in lower case."""
    return without_accents(text).replace("\u0131", "i")


_KNOWN: dict[str, int] = {
    folded(name): number
    for table in (_WESTERN, _MORE)
    for number, names in enumerate(table.strip().splitlines(), start=1)
    for name in names.split()
}


def month_named(name: str) -> int | None:
    """The month of a folded name, in any of the languages of our sources; None for other words."""
    return _KNOWN.get(name) or _of_cldr().get(name)


@cache
def _of_cldr() -> dict[str, int]:
    # A fifth of a second, for names that are not among the commonest.
    from babel.dates import get_month_names  # noqa: PLC0415 — see above

    found: dict[str, int] = {}
    for language in _LANGUAGES.split():
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    word = folded(str(name)).removeprefix("de ").rstrip(".")
                    if word.isalpha():
                        found.setdefault(word, number)
    return found


_OF_MARKED: dict[str, str] = {
    folded(name.rstrip(".")): english
    for english, names in zip(_ENGLISH, _MARKED.strip().splitlines(), strict=True)
    for name in names.strip().split("|")
}
_OF_VIETNAMESE: dict[str, str] = {
    **{
        name.replace("_", " "): english
        for name, english in zip(_VIETNAMESE.split(), _ENGLISH, strict=True)
    },
    **{form.format(at): one for at, one in enumerate(_ENGLISH, 1) for form in ("{}", "{:02d}")},
    "gieng": "jan",
    "chap": "dec",
}


def _longest_first(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


_BLANKS = re.compile(r"\s+")
_IS_MARKED = re.compile(rf"(?<![^\W\d_])({_longest_first(_OF_MARKED)})\.?(?![^\W\d_])")
# Thailand counts years from 543 before ours, and often tells their last two figures alone.
_THAI_ERA = re.compile(r"(?:พ\.?ศ\.?|ค\.?ศ\.?)\s*(?=\d)")
_THAI_SHORT_YEAR = re.compile(r"(?<=\d )([a-z]{3}) (\d\d)(?=\s|$)")
_BUDDHA = 543
_IN_VIETNAMESE = re.compile(
    rf"\b(?:thang|thg|th(?=\.?\s?\d))\.?\s?({_longest_first(_OF_VIETNAMESE)})\b"
    r"(?:,?\s*nam\s+(?=\d{4}))?"
)
_VIETNAMESE_WEEKDAY = re.compile(rf"\bthu ({'|'.join(_WEEKDAYS)})\b,?")
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
        if _IS_MARKED.search(text):
            text = _BLANKS.sub(" ", _IS_MARKED.sub(_marked, _THAI_ERA.sub("", text)))
            text = _THAI_SHORT_YEAR.sub(lambda found: f"{found[1]} 25{found[2]}", text)
        text = _MOSCOW.sub("msk", text)
    if "th" in text:
        text = _VIETNAMESE_WEEKDAY.sub(lambda found: _WEEKDAYS[found[1]] + ",", text)
        text = _IN_VIETNAMESE.sub(lambda found: f" {_OF_VIETNAMESE[found[1]]} ", text)
    if "listopad" in text:
        # In Poland and Bohemia it is November, and no point follows the day in Poland.
        text = _CROATIAN.sub("oct", text)
    return _HALF.sub(_whole_day, text) if ":" in text else text


def _marked(found: re.Match[str]) -> str:
    return f" {_OF_MARKED[found[1]]} "


def _whole_day(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"{hour % 12 + (0 if found[3] else 12) if hour <= 12 else hour}{found[2]}"


def of_our_era(year: int) -> int:
    """A year, also where it is told in the Buddhist era."""
    return year - _BUDDHA if 2400 < year < 2700 else year
