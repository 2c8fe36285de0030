"""Content words of a headline, normalised so that different wordings of the same news are equal.

Only differences without meaning are removed: case, accents, small words, endings, numbers in words,
adjectives of countries, quoted sources, and synonyms that headlines use.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from news.text.by_word import ByWord
from news.text.letters import CJK, table, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_TABLE = tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text(encoding="utf-8"))
_COUNTED = frozenset(_TABLE["counted"].split())
"""Plurals that are not reduced to the singular: two soldiers are other news than one."""


def _rows(*names: str) -> list[list[str]]:
    """Return rows of synonyms from some tables; the first word of a row replaces the others."""
    lines = "\n".join(_TABLE[name] for name in names).replace("|", "\n").splitlines()
    return [row.split() for row in lines if row.strip()]


_REPLACED_CJK = {word: row[0] for row in _rows("cjk") for word in row[1:]}
"""Chinese or Japanese word → its replacement; particles are removed."""
_REPLACED_CJK.update(dict.fromkeys(("正式", *"的了于在がはの"), ""))


def _phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a phrase → the words that replace them."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _TABLE["phrases"].strip().replace("|\n   ", "| ").splitlines():
        stand_in, _, many = line.partition("=")
        for phrase in many.split("|"):
            found[tuple(phrase.split())] = tuple(stand_in.split())
    return found


_NUMBER = r"\d+(?:(?:st|nd|rd|th)\b|(?:[.,]\d+)*%?)"
WORD = re.compile(rf"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|{_NUMBER}")
_WORD_IN_ASCII = re.compile(rf"[a-z]+(?:'[a-z]+)?|{_NUMBER}")
"""Matches a word of lower-case ASCII text, in two thirds of the time that `WORD` takes."""
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)
_INITIAL = re.compile(r"\.[a-z]\.", re.IGNORECASE)
"""Matches the second of several initials, to skip the slower `_INITIALS`."""


_SMALL = table(
    """a an and are as at be been for has have in into is it its of or s than that the
    their this was were with after amid over new news report reports across during following
    through magnitude nearly almost about roughly around aged just now also but he she they his her
    il lo la i gli le un una uno di del della dei delle da dal nel con su per e ed che al alla
    dalla nella sul sulla ha sono suo sua suoi
    der das den dem des ein eine einer und im zu zum zur mit von vom auf fur bei ist
    l les une du de d et en au aux pour par sur dans avec est qui
    chez ses leur leurs apres dopo tras nach el los las unos y por para es que sus se han
    seine sein seinen seiner ihre ihren einem einen einer"""
)
TURNS = table("by from to say on hasbeen")
"""Small words that show who does what to whom: kept in order, but not counted."""
_FORMS = {"will": "to", "says": "say", "said": "say"}
_PHRASES = _phrases()
_OPENINGS = {
    word: sorted({len(phrase) for phrase in _PHRASES if phrase[0] == word}, reverse=True)
    for word in {phrase[0] for phrase in _PHRASES}
}
"""First word of phrases → lengths of these phrases, the longest first."""
# Matches a quoted source or label before or after the news.
_QUOTED_FIRST = re.compile(
    r"(?:(?:ap|reuters) source|exclusive(?:[ -]*update \d+)?|update \d+|wrapup \d+|insight|"
    r"breaking(?: news)?|special report|video|"
    r"watch|live|news summary|reports?|sources?|photos?|gallery|in pictures)\s*[:|\u2013\u2014-]\s*"
)
_QUOTED_LAST = re.compile(
    # Starting with the mark makes the search seven times as fast as starting with the space.
    r"[:|\u2013\u2014-](?:(?<=:)|(?<=\s-)-?|(?<=\s[^-]))\s*(?:sources?|officials?|reports?|video|"
    r"live|photos?|pictures|police|paper|(?:state )?(?:media|tv)|spokes(?:man|woman)|lawyers?|ap|"
    r"minister|afp|bbc|cnn|reuters|bloomberg|wsj|ft|wwd|bof|usgs|us geological survey|xinhua)$"
)
_SPACED_PERCENT = re.compile(r"(?<=\d)\s+%")
_BY_PERCENT = re.compile(r"by (?<!\wby )(?=[\d.,]+(?:%| per ?cent\b| pct\b))")
"""Matches `by` before a percentage, which names an amount and no actor."""
_ELIDED = re.compile(r"^(?:l|d|qu|un|dell|all|nell|sull|dall)['\u2019](?=\w\w)")
_THOUSANDS = re.compile(r"(?<=\d)(?<!^0)[.,](?=\d{3}(?:\D|$))")
"""Matches a thousands separator, a comma or a period; `0.125` has none."""
_POINT_NOUGHT = re.compile(r"\.0+$")
_GENITIVE = re.compile(r"['\u2019]s?$")
_SIDES = re.compile(r"([NSEW])(?<!\w.)\. (?=[A-Z])")
_SIDE_NAMES = {"N": "north ", "S": "south ", "E": "east ", "W": "west "}
_CAPITALS = re.compile(r"\b(?:UN|AU|LA)\b")
_IN_CAPITALS = {"UN": "unitednations", "AU": "africanunion", "LA": "losangeles"}


def content_words(text: str) -> tuple[str, ...]:
    """Return the content words of a headline in order, folded, with `TURNS` among them."""
    words = tuple(_words(_normalised(text)))
    if "launch" in words and _LAUNCHED.isdisjoint(words):
        return tuple("unveil" if word == "launch" else word for word in words)
    return words


def _normalised(text: str) -> str:
    if "." in text:
        if _INITIAL.search(text):
            text = _INITIALS.sub(lambda found: found.group().replace(".", ""), text)
        text = _SIDES.sub(lambda found: _SIDE_NAMES[found[1]], text)
    if ("UN" in text or "AU" in text or "LA" in text) and not text.isupper():
        # In lower case they would be articles.
        text = _CAPITALS.sub(lambda found: _IN_CAPITALS[found.group()], text)
    folded = without_accents(text).strip()
    first = _QUOTED_FIRST.match(folded)
    if first and len(folded) > 2 * first.end():
        folded = folded[first.end() :]
    last = _QUOTED_LAST.search(folded)
    if last:
        folded = folded[: last.start()].rstrip()
    if "$" in folded:
        folded = folded.replace("us$", "$")
    if "%" in folded:
        folded = _SPACED_PERCENT.sub("%", folded)
    return _BY_PERCENT.sub("", folded) if "by " in folded else folded


_LABEL = re.compile(r"((?:[^\s:]+ ){0,2}[^\s:]+): ")
_LABEL_LAST = re.compile(
    r"(?:: (?=[A-Z]\S*$)|, says? |, said |, (?=(?:\S+ ){1,2}(?:says?|said)$))"
    r"((?:\S+ )?\S+?)(?: says?| said)?$"
)
_OWNER = re.compile(
    r"\b((?:[NS]\. |North |South |Saudi |New )?[A-Z][A-Za-z.]+)['\u2019]s(?= [A-Z])"
)
_LEAST_LOWER = 2


def owners(title: str) -> frozenset[str]:
    """Return the countries that only describe someone: `France's Macron`; not in title case."""
    if sum(word[0].islower() for word in title.split()) < _LEAST_LOWER:
        return frozenset()
    return NATIONS.intersection(
        word for found in _OWNER.findall(title) for word in content_words(found)
    )


def label(title: str) -> frozenset[str]:
    """Return the words, before a colon or last, that name a speaker or subject: `Watches: …`."""
    found = (_LABEL.match(title), _LABEL_LAST.search(title))
    return frozenset(word for one in found if one for word in content_words(one[1]))


def _words(folded: str) -> list[str]:
    found: list[str] = []
    if folded.isascii():
        words = _WORD_IN_ASCII.findall(folded)
    else:
        # Remove particles and replace synonyms.
        cjk = CJK.findall(_CJK_ALIKE.sub(lambda found: _REPLACED_CJK[found[0]], folded))
        if len(cjk) >= 4:
            # Words are not separated by spaces, so use pairs of characters.
            found += map("".join, pairwise(cjk))
            folded = CJK.sub(" ", folded)
        words = WORD.findall(folded)
    if not _OPENINGS.keys().isdisjoint(words):
        words = _phrased(words)
    kept = filter(None, map(_stand_in.__getitem__, words))
    found += kept if _MEASURES.isdisjoint(words) else _measured(kept)
    return found


def _phrased(words: Sequence[str]) -> list[str]:
    phrased: list[str] = []
    since = 0
    for at in [at for at, word in enumerate(words) if word in _OPENINGS]:
        for length in _OPENINGS[words[at]] if at >= since else ():
            stand_in = _PHRASES.get(tuple(words[at : at + length]))
            if stand_in is not None:
                phrased += (*words[since:at], *stand_in)
                since = at + length
                break
    return [*phrased, *words[since:]]


def _measured(words: Iterable[str]) -> Iterator[str]:
    """Yield words with `5 percent` as `5%`, and `5 people` and `5 euros` as `5`."""
    before = ""
    for word in words:
        if word in _AFTER_NUMBERS and (before[:1].isdigit() or before in _MANY):
            before += _AFTER_NUMBERS[word]
            continue
        if before:
            yield before
        before = word
    if before:
        yield before


@ByWord
def _stand_in(word: str) -> str:
    word = _GENITIVE.sub("", _ELIDED.sub("", word))
    if word[:1].isdigit():
        return _ALIKE.get(word) or _POINT_NOUGHT.sub("", _THOUSANDS.sub("", word))
    word = _FORMS.get(word, word)
    if word in TURNS:
        return word
    return folded_word(word) if word and word not in _SMALL else ""


@lru_cache(maxsize=20_000)
def folded_word(word: str) -> str:
    """Return the first of a word's synonyms, or the word without its ending."""
    if word in _ALIKE or word in _COUNTED:
        return _ALIKE.get(word, word)
    if word.endswith(("n't", "n\u2019t")):
        return "not"
    stem = _stem(_singular(word))
    return _ALIKE.get(stem, stem)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _stem(word: str) -> str:
    if not word.isascii() or len(word) < 4:
        return word
    for ending in ("ing", "ed"):
        bare = word.removesuffix(ending)
        if bare != word and len(bare) > 2 and not _VOWELS.isdisjoint(bare) and bare[-1] != "e":
            word = bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare
            break
    word = word.removesuffix("e")
    if word.endswith("y"):
        word = word[:-1] + "i"
    return _SPELLED.sub(lambda found: _SPELLINGS[found[0]], word)


_CJK_ALIKE = re.compile("|".join(sorted(_REPLACED_CJK, key=len, reverse=True)))
_VOWELS = frozenset("aeiouy")
_SPELLED = re.compile("(?<=..)(?:is(?=$|ation)|our$|ll$)")
_SPELLINGS = {"is": "iz", "our": "or", "ll": "l"}
"""British letters → American ones."""
_MEASURES = table(
    "percent pct people persons usd eur gbp chf dollar dollars euro euros pounds d'euros"
)
_AFTER_NUMBERS = {"percent": "%"} | dict.fromkeys(
    [_stem(_singular(word)) for word in _MEASURES - {"percent", "pct"}], ""
)
_MANY = table("thousand million billion trillion")


def _alike() -> dict[str, str]:
    found = {word: row[0] for row in _rows("words", "nations", "abroad") for word in row}
    for word, stand_in in list(found.items()):
        # The stem of a plural such as `strikes` or `soldiers` may have another meaning, so only
        # singulars are added by stem.
        if word == _singular(word):
            found.setdefault(_stem(word), stand_in)
    return found


_ALIKE = _alike()
DENIALS = frozenset(
    map(
        folded_word,
        table(
            """no not never without denies denied deny rejects false
    non nicht kein keine keinen nichts nie ohne pas sans jamais aucun sin nunca senza mai nessun
    may might could would should if unless unlikely rumour rumor mull consider eye explore talk plan
    cancel delay postpone halt abandon fail former ex half double first second third fourth fifth
    another again more less only attempt attempted alleged allegedly suspected possible possibly
    potential potentially probable likely proposed planned threaten threat risk fear feared hope
    seek vow urge call near fake partial partly half most some end lift ends suspend suspended stop
    ban oppose against resume return reverse deny annul overturn appeal settle dismiss clear
    withdraw reconsider halve extend complete finish denied fails missing rescue
    fact check hoax myth satire opinion preview quiz analysis"""
        ),
    )
)
"""Words that change the news of a headline: denials, doubts, counts, plans."""
NATIONS = frozenset(row[0] for row in _rows("nations")).union(
    table("northkorea southkorea southafrica newzealand uk")
)
LIGHT = frozenset(
    map(
        folded_word,
        table(
            """monday tuesday wednesday thursday friday saturday sunday today yesterday tonight
    official officially formally source role post exclusive update video live photo watch breaking
    luxury luxe giant brand house label maison fashion group company conglomerate retailer maker
    jeweller jeweler watchmaker automaker carmaker star legend legendary iconic famed
    actor actress singer designer billionaire tycoon president pm fm coach"""
        ),
    )
)
"""Words that add no news to a headline: time, speaker, description of a house or person."""
QUOTED = frozenset(
    map(
        folded_word,
        table(
            """stock stocks wallstreet dollar euro yen yuan rupee sterling oil crude bitcoin
    sensex nifty nikkei dow nasdaq ftse dax kospi"""
        ),
    )
)
"""Words for what rises and falls every day: indices, currencies, commodities."""
_LAUNCHED = frozenset(
    map(
        _stand_in.__getitem__,
        table(
            """missile missiles rocket rockets satellite satellites attack attacks strike strikes
    airstrike airstrikes offensive raid raids war operation probe inquiry search campaign appeal bid
    yacht yachts superyacht ship ships hull tender boat boats sale drone drones spacecraft"""
        ),
    )
)
"""Things that are launched without being unveiled."""
