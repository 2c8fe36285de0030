"""The words of a headline, made comparable: what two editors write differently and mean alike.

Only what changes nothing is folded: case, accents, small words, endings, numbers in words,
countries as adjectives, who is quoted for the news, and verbs that headlines use for one another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = _table(
    """a an and are as at be been by for from has have in into is it its of on or s than that the
    their this to was were will with after amid over says say said new news report reports
    il lo la i gli le un una uno di del della dei delle da dal nel con su per e ed che al alla
    der die das den dem des ein eine einer und im zu zum zur mit von vom auf fur bei ist
    l une du de d et en au aux pour par sur dans avec est qui
    el los las unos y por para es que
    usd eur gbp chf dollar dollars euro euros"""
)
TURNS = _table("by from")
"""Small words that turn around who does what to whom: kept, though they do not count."""
# The first word of a row stands for the others.
_ALIKE: dict[str, str] = {
    word: row.split()[0]
    for row in (
        "1 one",
        "2 two",
        "3 three",
        "4 four",
        "5 five",
        "6 six",
        "7 seven",
        "8 eight",
        "9 nine",
        "10 ten",
        "11 eleven",
        "12 twelve",
        "billion b bn miliardi milliarden milliards",
        "million m mn mln milioni millionen millions",
        "resign quit quits quitting resigns resigned resigning resignation",
        "buy acquire acquires acquired purchase purchased bought buying acquiring",
        "bid bids bidding",
        "unveil unveils unveiled reveal reveals revealed presents presented debut debuts showcases",
        "unveil launch launches launched launching",
        "appoint appoints appointed name names named naming hires hired tap taps tapped",
        "appoint choose chooses chose chosen pick picks picked",
        "begin begins began beginning start starts started starting",
        "dismiss dismisses dismissed fire fires fired sack sacks sacked oust ousts ousted",
        "open opens opened opening inaugurates inaugurated inaugurate",
        "sell sells sold selling",
        "store stores boutique boutiques shop shops",
        "revenue revenues",
        "win wins won clinch clinches clinched",
        "kill kills killed killing slain",
        "die dies died dead death",
        "hit hits strikes struck rock rocks rocked",
        "hurt injured injures wounded",
        "arrest arrests arrested detain detains detained",
        "ask asks urge urges",
        "rise rises rose risen up",
        "rise climb climbs climbed grow grows grew grown jump jumps jumped",
        "rise gain gains gained increase increases increased",
        "fall falls fell fallen down",
        "fall drop drops dropped slip slips slipped decline declines declined",
        "fall tumble tumbles tumbled slump slumps slumped",
        "football soccer",
        "china chinese",
        "france french",
        "italy italian",
        "germany german",
        "britain british uk england",
        "japan japanese",
        "spain spanish",
        "switzerland swiss",
        "america american us usa",
        "india indian",
        "korea korean",
        "russia russian",
        "syria syrian",
        "egypt egyptian",
        "turkey turkish",
        "mexico mexican",
        "israel israeli",
        "greece greek",
        "thailand thai",
        "europe european",
        "brazil brazilian",
        "iran iranian",
        "iraq iraqi",
        "libya libyan",
        "pakistan pakistani",
        "afghanistan afghan",
        "venezuela venezuelan",
    )
    for word in row.split()
}


# One stands for the others, before the words are told apart.
_PHRASES: dict[str, str] = {
    phrase: row.split(" = ")[0].strip()
    for row in (
        "chief executive = ceo | chief executive officer",
        "resign = step down | steps down | stepped down | stepping down",
        "resign = stand down | stands down | stood down | standing down",
        "buy = take over | takes over | took over | taking over",
        "creative director = artistic director",
        "urges = call for | calls for | called for",
        " = set to | poised to | at least",
        "us = united states",
        "uk = united kingdom",
        "un = united nations",
        "ny = new york city | new york",
        "northkorea = north korean | north korea | n korean | n korea | n. korean | n. korea",
        "southkorea = south korean | south korea | s korean | s korea | s. korean | s. korea",
    )
    for phrase in row.split(" = ")[1].split(" | ")
}
_PHRASE = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _PHRASES), key=len, reverse=True)) + r")\b"
)
# Who is quoted for the news, before or after it.
_QUOTED_FIRST = re.compile(
    r"(?:(?:ap|reuters) source|exclusive(?:[ -]*update \d+)?|update \d+|breaking(?: news)?|video|"
    r"watch|live|news summary|reports?|sources?|photos?|gallery|in pictures)\s*[:|\u2013\u2014-]\s*"
)
_QUOTED_LAST = re.compile(
    r"\s*(?::|\s-{1,2}|\s[|\u2013\u2014])\s*(?:sources?|officials?|reports?|video|live|"
    r"photos?|pictures|police|paper|(?:state )?(?:media|tv)|spokes(?:man|woman)|lawyers?|minister|"
    r"ap|afp|bbc|cnn|reuters|bloomberg|wsj|ft|wwd|bof|usgs|xinhua)\s*$"
)
_MARKS = frozenset(":|-\u2013\u2014")
"""Without any of these nobody is quoted."""
_ENDINGS = ("ing", "ed")
_GENITIVE = re.compile(r"['\u2019]s?$")


def content_words(text: str) -> tuple[str, ...]:
    """The words of a headline that tell its news, in order, folded; `TURNS` among them."""
    bare = (
        _INITIALS.sub(lambda found: found.group().replace(".", ""), text) if "." in text else text
    )
    folded = _bare(bare).strip()
    if not _MARKS.isdisjoint(folded):
        first = _QUOTED_FIRST.match(folded)
        if first and len(folded) > 2 * first.end():
            folded = folded[first.end() :]
        folded = _QUOTED_LAST.sub("", folded)
    return tuple(_words(_PHRASE.sub(lambda found: _PHRASES[found.group()], folded)))


def _bare(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text).casefold()
    if not letters.isascii():
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", letters)


def compounded(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """The words of `one`, two of them written as one where `other` has them so: `bail out`."""
    if all(len(word) < 6 for word in other):
        return tuple(one)
    held = set(other)
    result: list[str] = []
    for word in one:
        both = result[-1] + word if result else word
        if result and both in held and word not in held:
            result[-1] = both
        else:
            result.append(word)
    return tuple(result)


def moved_at_most_once(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two orders of the same words differ by the place of one phrase at most.

    "In Milan, A sues B" is "A sues B in Milan"; "B sues A in Milan" is not.
    """
    first, second = list(one), list(other)
    size = len(first)
    if first == second:
        return True
    return any(
        first[:start] + first[middle:end] + first[start:middle] + first[end:] == second
        for start in range(size)
        for middle in range(start + 1, size)
        for end in range(middle + 1, size + 1)
    )


def _words(folded: str) -> Iterator[str]:
    cjk = [] if folded.isascii() else CJK.findall(folded)
    if len(cjk) >= 4:
        # Words have no blanks between them: pairs of letters stand for them.
        yield from map("".join, pairwise(cjk))
        folded = CJK.sub(" ", folded)
    yield from filter(None, map(_told, WORD.findall(folded)))


@lru_cache(maxsize=20_000)
def _told(word: str) -> str:
    """What stands for a word; "" for one that tells nothing."""
    word = _GENITIVE.sub("", word)
    if word[:1].isdigit():
        return re.sub(r"\.0+$", "", re.sub(r",(?=\d{3}\b)", "", word))
    if word in TURNS:
        return word
    return _folded(word) if word and word not in _SMALL else ""


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    """What stands for a word: the first of those alike, or the word without its ending."""
    singular = _singular(word)
    return _ALIKE.get(word) or _ALIKE.get(singular) or _stem(singular)


def _singular(word: str) -> str:
    """A word without an English plural or third person."""
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _stem(word: str) -> str:
    """A word without the ending of an English verb, as far as letters show it."""
    if not word.isascii():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            word = word[: -len(ending)]
            doubled = word[-1] == word[-2] and word[-1] not in "lsz"
            return word[:-1] if doubled else word
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


DENIALS = frozenset(
    map(
        _folded,
        _table(
            """no not never without denies denied deny rejects false
    non nicht kein pas sans sin nunca
    may might could would should if unless unlikely rumour rumor mull consider eye explore talk plan
    cancel delay postpone halt abandon fail former ex half double first second third fourth fifth
    another again more less only"""
        ),
    )
)
"""Words that make other news of a headline: denials, doubts, what is counted or only planned."""
LIGHT = frozenset(
    map(
        _folded,
        _table(
            """monday tuesday wednesday thursday friday saturday sunday today yesterday tonight
    official officially formally source role post exclusive update video live photo watch breaking
    luxury luxe giant brand house label maison fashion group company conglomerate retailer maker
    jeweller jeweler watchmaker automaker carmaker star legend legendary iconic famed"""
        ),
    )
)
"""Words that tell nothing where one of two headlines has them: when, by whom, what a house is."""
