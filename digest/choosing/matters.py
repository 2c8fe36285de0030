"""Groups of events that belong to one matter of one house, such as its insolvency. Pure.

Two events belong to one matter if they name the same house and either their titles are of the same
ongoing kind, such as an insolvency, or they share a word that few events without that house have in
their title. A house that opens a shop in Rome and one in Paris may thus form one matter if no other
house opens shops. Two stories of such a matter are enough for an edition, too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from storage.model import Article

_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]{5,}|(?=([\u3400-\u9fff]{2}))")
"""A word of at least five letters, or two neighbouring Chinese characters."""
_SMALL = re.compile(
    r"about|after|again|their|there|these|which|while|would|della|delle|degli|dalla|nella|sulla"
    r"|anche|sobre|desde|entre|hasta|depuis|leurs|cette|après|einem|einer|eines|nicht|gegen"
)
_FEWEST = 3
"""Minimum number of words of a title that is compared, unless it is of a known kind."""
_GOES_ON = {
    "insolvency": re.compile(
        r"bankrupt|chapter 11|insolven|creditor|financing|refinanc|restructur|liquidat|lender"
        r"|debt|\bow(?:e|es|ed)\b|fallimento|concordato|finanziament|redressement|cr\xe9ancier|quiebra"
        r"|acreedor|gl\xe4ubiger|finanzierung|\u7834\u4ea7|\u503a\u52a1|\u878d\u8d44"
    ),
    "death": re.compile(
        r"\bdie[sd]\b|\bdeath\b|\bdead at\b|funeral|obituar|\bheirs?\b|\bmort[oae]?\b"
        r"|camera ardente|\bered[ei]|testamento|\blutto\b|d\xe9c\xe8s|obs\xe8ques|h\xe9riti"
        r"|\bmuer[et]|heren|hereder|gestorben|\btod\b|beerdig|\berben\b|\u53bb\u4e16|\u901d\u4e16|\u846c\u793c|\u9057\u4ea7"
    ),
    "takeover": re.compile(
        r"takeover|\bacqui|\bbids?\b|\bmerge|\bstake\b|fusion[ei]?\b|\bop[as]\b|\xfcbernahme"
        r"|beteiligung|\u6536\u8d2d|\u5e76\u8d2d"
    ),
    "leadership": re.compile(
        r"\bceo\b|chief executive|creative director|steps? down|successor|appoint|resign"
        r"|amministratore delegato|direttore creativo|\bnomina|dimission|directeur|directrice"
        r"|d\xe9mission|director creativo|consejero delegado|kreativ|vorstandschef"
        r"|\u9996\u5e2d\u6267\u884c\u5b98|\u521b\u610f\u603b\u76d1|\u4efb\u547d"
    ),
    "results": re.compile(
        r"\bsales\b|revenue|profit|earnings|quarter|first half|\bresults\b|ricavi|\butil[ei]\b"
        r"|trimestr|semestr|bilancio|chiffre d.affaires|r\xe9sultats|\bventas\b|beneficio|umsatz"
        r"|gewinn|quartal|\u4e1a\u7ee9|\u8425\u6536|\u5229\u6da6|\u8d22\u62a5"
    ),
    "court": re.compile(
        r"\bsue[sd]?\b|lawsuit|\bcourt|\btrial\b|settle|\bcausa\b|tribunal|proc\xe8s|\bklag|gericht"
        r"|\u8bc9\u8bbc|\u6cd5\u9662"
    ),
}
"""Kinds of matters that last for days → words that name them, in five languages and German."""
_OPENING = 300
"""Characters of a standfirst that are compared."""
_STEM = 6
"""Leading letters that are compared, so that `creditor` equals `creditors`."""
_RARE, _FEW = 0.01, 2
"""A word marks a matter if at most this share, or this number, of the other events has it."""
_LARGEST = 60
"""Maximum number of events of one house compared with each other, the newest ones."""


def matters_of(
    events: Mapping[int, Sequence[Article]], houses: Collection[str]
) -> Mapping[int, frozenset[int]]:
    """Return event → the numbers of its matters; events that share none are missing."""
    of_house: defaultdict[str, set[int]] = defaultdict(set)
    for event, articles in events.items():
        for article in articles:
            for slug in article.categories:
                if slug in houses:
                    of_house[slug].add(event)
    if all(len(among) == 1 for among in of_house.values()):
        return {}
    titles = {event: _stems(articles[0].title) for event, articles in events.items()}

    def says_enough(event: int) -> bool:
        return len(titles[event]) >= _FEWEST or bool(_kinds(events[event][0].title))

    several = {
        house: full
        for house, among in of_house.items()
        if len(full := [event for event in among if says_enough(event)]) > 1
    }
    counts = Counter(stem for stems in titles.values() for stem in stems)
    few = max(_FEW, int(_RARE * len(events)))
    found: defaultdict[int, set[int]] = defaultdict(set)
    number = 0
    for house, full in sorted(several.items()):
        newest = sorted(full)[-_LARGEST:]
        own = Counter(stem for event in newest for stem in titles[event])
        named = _stems(house.replace("-", " "))
        marks = {
            event: {
                stem
                for stem in _opening(events[event])
                if stem not in named and counts[stem] - own[stem] <= few
            }
            | _kinds(events[event][0].title)
            for event in newest
        }
        for group in _joined(newest, marks):
            number += 1
            for event in group:
                found[event].add(number)
    return {event: frozenset(numbers) for event, numbers in found.items()}


def _opening(articles: Iterable[Article]) -> frozenset[str]:
    texts = (f"{each.title} {each.standfirst[:_OPENING]}" for each in articles)
    return frozenset().union(*map(_stems, texts))


@lru_cache(maxsize=8_192)
def _kinds(title: str) -> set[str]:
    """Return the kinds of matter that a title names, prefixed with `=` to differ from any stem."""
    text = title.casefold()
    return {f"={kind}" for kind, signs in _GOES_ON.items() if signs.search(text)}


@lru_cache(maxsize=8_192)
def _stems(text: str) -> frozenset[str]:
    found = _WORD.finditer(text.casefold())
    words = (match[0] or match[1] for match in found)
    return frozenset(word[:_STEM] for word in words if not _SMALL.fullmatch(word))


def _joined(events: Sequence[int], marks: Mapping[int, set[str]]) -> list[set[int]]:
    """Return the groups of events connected by shared marks, directly or through others."""
    group = {event: {event} for event in events}
    for one, other in combinations(events, 2):
        if group[one] is not group[other] and not marks[one].isdisjoint(marks[other]):
            both = group[one] | group[other]
            group.update(dict.fromkeys(both, both))
    different = {id(each): each for each in group.values() if len(each) > 1}
    return list(different.values())
