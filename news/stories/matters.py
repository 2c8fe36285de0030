"""Matters: events linked over time, such as a takeover from its rumour to its closing. Pure.

An event goes on with a matter if it resembles the matter's events: by names and words that few of
the events compared have in common, and by what goes on in both, such as a rescue or a trial. The
weights were fitted on one half of a labelled set; `./dev bench matters` measures the other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from itertools import chain
from math import exp, log, log1p, sqrt
from typing import TYPE_CHECKING, NamedTuple

from news.entry import LINE
from news.stories.headline_tokens import content_words
from news.stories.report import spellings, word_counts
from news.text.letters import table
from storage.model.matter_model import MARKS, EventWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from news.entry import Report
    from storage.model.matter_model import EventOfMatter

_COMPARED = 24
"""Rarest words of an event that are compared, with its names and amounts."""
_HOUSE, _AMOUNT = 6.0, 7.0
"""Rarity of a house or group, and of an amount; that of a word in no bundled headline is 9.6."""
_NAMED = 1.4
"""Factor of the rarity of a word with a capital."""
_SHORTEST_NAME = 3
_DAY = 86_400
_FEWEST = 40
"""Events that at least count as compared: of few, every shared word would seem common."""
_FEWEST = 40
"""Events that at least count as compared: of few, every shared word would seem common."""
_SEVERAL = 6
"""Events of a matter that count, the most similar ones."""
_GOES_ON: Mapping[str, str] = {
    folded: topic
    for topic, words in {
        "deal": """takeover bid bids bidder bidders merger merge merging buyout acquire acquires
            acquisition stake tender offer offers suitor private ipo flotation float listing deal
            buy buys buying buyer buyers antitrust competition watchdog regulator regulators agree
            agrees agreed talks negotiations trattativa trattative accordo pourparlers accord
            purchase fusione opa ops offerta offerte cede cessione rilevare acquisto acquista
            acquisizione compra vende vendita quota borsa fusion rachat oferta venta adquisición
            übernahme beteiligung verkauf kauft 收购 并购 竞购 出售 上市 交易 股权""",
        "rescue": """bankrupt bankruptcy insolvency insolvent creditor creditors refinancing
            restructuring restructure liquidation liquidator lender lenders debt debts rescue
            rescued administration administrators collapse collapses cva close closes closing
            closure closures jobs landlord landlords survival survive lifeline salvage funding
            fallimento concordato crisi creditori licenziamenti esuberi cassa debiti redressement
            liquidation créanciers quiebra concurso acreedores insolvenz gläubiger sanierung
            破产 债务 重组 裁员 停产 清算""",
        "court": """sue sues sued suing lawsuit court trial settle settlement judge appeal probe
            investigation investigates inquiry accused accuses allegations alleged prosecutors
            prosecutor fraud fine fined guilty convicted conviction sentenced arrest arrested
            charged charges jail prison testifies lawyer lawyers legal jury indagato indagati
            inchiesta indagine processo tribunale arresto arrestato accusa accuse accusato giudice
            giudici procura legali querela condanna condannato carcere interrogatorio procès
            tribunal justice enquête juez juicio demanda klage gericht prozess
            诉讼 法院 调查 起诉 仲裁""",
        "control": """board activist proxy founder coup shareholder shareholders investor investors
            successor succession ceo chairman chief resign resigns resignation ousted quit quits
            dimissioni dimette amministratore consiglio azionisti lascia eredi nomina conseil
            actionnaires héritiers démission consejo accionistas herederos aktionäre nachfolge
            董事 辞职 股东 继任 继承""",
        "labour": """strike strikes striking union unions walkout workers staff pilots contract
            contracts sciopero sindacati sindacato lavoratori dipendenti operai grève syndicats
            huelga sindicatos streik gewerkschaft 罢工 工会""",
        "licence": """licence license ban banned permit approve approves approval block blocks
            blocked clear clears divieto autorizzazione autorise licencia lizenz 审批 批准""",
        "results": """revenue profit profits earnings quarter results forecast outlook ricavi
            utile utili trimestre semestre bénéfice résultats ventas beneficio umsatz gewinn
            业绩 营收 利润 财报""",
    }.items()
    for folded in chain.from_iterable(map(content_words, table(words)))
}
"""Folded word → what goes on."""
_NO_MATTER = "results"
"""What goes on at every house, and so in no matter of its own."""
_BEFORE = -1.863
_ALIKE, _ALIKE_IN_BOTH = 4.094, 1.963
"""Weights of the cosine, and of its product with the number of things that go on in both."""
_RARE_NAME, _PER_NAME, _MOST_NAMES, _NO_NAME = 0.131, 0.981, 3, -0.863
_PER_WORD, _MOST_WORDS = 0.232, 4
_LATE = -0.491
"""Weight of the logarithm of the days between both events."""
_RESULTS = -1.456
_ENOUGH = 1.6
"""Log-odds with which an event goes on with a matter. All from `_BEFORE` on were fitted."""
_NAME = "^"
"""Precedes a word with a capital in `EventWords.text`."""


def event_words(report: Report) -> EventWords | None:
    """Return the words of an event's first report; None if it names nothing that goes on."""
    terms = report.lines.split(LINE) if report.lines else []
    words = {*terms[: report.words], *terms[report.words + report.pairs :]}
    capitals = {
        term
        for term, word in spellings(report.title).items()
        if word[0].isupper() and len(word) >= _SHORTEST_NAME
    }
    # A house's name would count twice.
    houses = {
        part for anchor in report.anchors if anchor[0] == "@" for part in content_words(anchor)
    }
    kept = {f"{_NAME}{word}" if word in capitals else word for word in words - houses}
    kept.update(anchor for anchor in report.anchors if anchor[0] in "@#")
    if not any(_GOES_ON.get(word, _NO_MATTER) != _NO_MATTER for word in words):
        return None
    rarest = sorted(kept, key=lambda word: (-_rarity(word), word))[:_COMPARED]
    return EventWords(" ".join(rarest), tuple(word.removeprefix(_NAME) for word in rarest[:MARKS]))


def nearest_of(
    event: EventWords, begun: datetime, others: Sequence[EventOfMatter]
) -> EventOfMatter | None:
    """Return, of the matter that an event goes on with, the event most similar to it, or None."""
    own = _read(event.text)
    read = [_read(other.words) for other in others]
    shared = [own.weights.keys() & each.weights.keys() for each in read]
    having = Counter(chain.from_iterable(shared))
    compared = max(len(read), _FEWEST)
    compared = max(len(read), _FEWEST)
    rare = {word: log((compared + 1) / (count + 0.5)) for word, count in having.items()}
    of_matters: defaultdict[int, list[tuple[float, EventOfMatter]]] = defaultdict(list)
    for other, each, words in zip(others, read, shared, strict=True):
        days = abs(begun - other.begun).total_seconds() // _DAY
        odds = _odds(own, each, {word: rare[word] for word in words}, days)
        of_matters[other.matter].append((odds, other))
    likely = {matter: _together([odds for odds, _ in its]) for matter, its in of_matters.items()}
    best = max(likely, key=likely.__getitem__, default=None)
    if best is None or likely[best] < _ENOUGH:
        return None
    return max(of_matters[best])[1]


def similarity(one: str, other: str) -> float:
    """Return the cosine of the words of two events, of each `EventWords.text`."""
    here, there = _read(one).weights, _read(other).weights
    return sum(here[word] * there[word] for word in here.keys() & there.keys())


def _together(odds: list[float]) -> float:
    """Return the log-odds of a matter: of its most similar event, and more for each other one."""
    most = sorted(odds, reverse=True)[:_SEVERAL]
    return most[0] + log(sum(exp(each - most[0]) for each in most)) / 2


class _Read(NamedTuple):
    weights: Mapping[str, float]
    """Word → its rarity, as a vector of length 1."""
    names: frozenset[str]
    topics: frozenset[str]


@lru_cache(maxsize=4_096)
def _read(text: str) -> _Read:
    words = text.split()
    rarity = {word.removeprefix(_NAME): _rarity(word) for word in words}
    length = sqrt(sum(each * each for each in rarity.values())) or 1.0
    return _Read(
        {word: each / length for word, each in rarity.items()},
        frozenset(word.removeprefix(_NAME) for word in words if word[0] in "^@"),
        frozenset(_GOES_ON[word] for word in rarity if word in _GOES_ON),
    )


@lru_cache(maxsize=20_000)
def _rarity(word: str) -> float:
    if word[0] == "#":
        return _AMOUNT
    if word[0] == "@":
        return _HOUSE * _NAMED
    counts = word_counts()
    bare = word.removeprefix(_NAME)
    rarity = log((counts.headlines + 1) / (counts.words.get(bare, 0) + 0.5))
    return rarity * _NAMED if bare is not word else rarity


def _odds(own: _Read, other: _Read, rare: Mapping[str, float], days: float) -> float:
    """Return the log-odds that two events are of one matter.

    Args:
        rare: Each word that both have → how rare it is among the events compared.
    """
    names = [rare[word] for word in own.names & other.names]
    both = len((own.topics & other.topics) - {_NO_MATTER})
    alike = sum(own.weights[word] * other.weights[word] for word in rare)
    return (
        _BEFORE
        + (_ALIKE + _ALIKE_IN_BOTH * both) * alike
        + _RARE_NAME * max(names, default=0.0)
        + _PER_NAME * min(len(names), _MOST_NAMES)
        + (0.0 if names else _NO_NAME)
        + _PER_WORD * min(len(rare) - len(names), _MOST_WORDS)
        + _LATE * log1p(days)
        + (_RESULTS if _NO_MATTER in own.topics else 0.0)
    )
