"""What the months are called in our sources' languages.

Most names are one word, and a table holds them. What is said in another way is put into English
words first.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTHS = (
    """
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
    """,
    """
    января янв stycznia ocak tammikuuta يناير
    февраля фев lutego subat helmikuuta فبراير
    марта мар marca mart maaliskuuta مارس
    апреля апр kwietnia nisan huhtikuuta ابريل
    мая maja mayis toukokuuta مايو
    июня июн czerwca haziran kesakuuta يونيو
    июля июл lipca temmuz heinakuuta يوليو
    августа авг sierpnia agustos elokuuta اغسطس
    сентября сен wrzesnia eylul syyskuuta سبتمبر
    октября окт pazdziernika ekim lokakuuta اكتوبر
    ноября ноя listopada kasim marraskuuta نوفمبر
    декабря дек grudnia aralik joulukuuta ديسمبر
    """,
    """
    ιανουαριου ιανουαριοσ ιαν ledna leden січня ianuarie januarius ינואר בינואר
    φεβρουαριου φεβρουαριοσ φεβ unora unor лютого februarie פברואר בפברואר
    μαρτιου μαρτιοσ μαρ brezna brezen березня martie marcius marts מרץ במרץ
    απριλιου απριλιοσ απρ dubna duben квітня aprilie aprilis אפריל באפריל
    μαιου μαιοσ μαι kvetna kveten травня majus maj מאי במאי
    ιουνιου ιουνιοσ ιουν cervna cerven червня iunie junius יוני ביוני
    ιουλιου ιουλιοσ ιουλ cervence cervenec липня iulie julius יולי ביולי
    αυγουστου αυγουστοσ αυγ srpna srpen серпня augusztus אוגוסט באוגוסט
    σεπτεμβριου σεπτεμβριοσ σεπ zari вересня septembrie szeptember ספטמבר בספטמבר
    οκτωβριου οκτωβριοσ οκτ rijna rijen жовтня octombrie אוקטובר באוקטובר
    νοεμβριου νοεμβριοσ νοε listopadu listopad листопада noiembrie נובמבר בנובמבר
    δεκεμβριου δεκεμβριοσ δεκ prosince prosinec грудня decembrie דצמבר בדצמבר
    """,  # noqa: RUF001 — these letters are Greek
    """
    led sty styczeń oca tammi tammikuu ian siječanj siječnja januára jaan jaanuar janvāris sausio
    úno lut luty şub helmi helmikuu febr veljača veljače februára veebr veebruar februāris vasario
    bře marzec maalis maaliskuu ožujak ožujka marec kovo maret mac
    dub kwi kwiecień nis huhti huhtikuu travanj travnja apríla aprill balandžio
    kvě touko toukokuu svibanj svibnja mája maijs gegužės
    čvn cze czerwiec haz kesä kesäkuu iun lipanj lipnja júna junij juuni jūnijs birželio
    čvc lipiec lip tem heinä heinäkuu iul juill srpanj srpnja júla julij juuli jūlijs liepos julai
    sie sierpień agu elo kolovoz kolovoza augusta avgust avg augusts rugpjūčio agustus ags ogos ogo
    zář wrz wrzesień eyl syys syyskuu szept rujan rujna septembra septembris rugsėjo
    říj paź październik eki loka lokakuu októbra oktoober oktobris spalio
    lis kas marras marraskuu studeni studenoga novembra novembris lapkričio
    pro gru grudzień ara joulu joulukuu prosinac prosinca decembra detsember des disember gruodžio
    """,
    """
    январь януари яну јануар јан січень січ ינו בינו جانفي ژانویه
    февраль февр февруари фебруар феб лютий лют פבר בפבר شباط فيفري فوریه
    март березень берез бер اذار
    апрель април квітень квіт кві אפר באפר نيسان افريل اوریل
    май мај травень трав ايار ماي
    июнь юни јун червень черв чер حزيران جوان يونيه ژوئن
    июль юли јул липень лип تموز جويلية يوليه ژوئیه
    август серпень серп сер אוג באוג اوت
    сентябрь сент септември септембар сеп вересень верес вер ספט בספט ايلول سپتامبر
    октябрь октомври октобар жовтень жовт אוק באוק اکتبر
    ноябрь нояб ноември новембар нов ное листопад листоп лист נוב בנוב نوامبر
    декабрь декември децембар дец грудень груд דצמ בדצמ دسامبر
    """,  # noqa: RUF001 — these letters are Cyrillic
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
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    # Decomposition takes Korean syllables apart; they are looked for composed.
    return unicodedata.normalize("NFC", bare.replace("\u0131", "i"))


MONTHS: dict[str, int] = {
    folded(name): number
    for table in _MONTHS
    for number, names in enumerate(table.strip().splitlines(), start=1)
    for name in names.split()
}

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
