"""What a search is narrowed to, as it is typed plainly: `results vogue since monday`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from handlers.typed import chinese_input
from handlers.typed.parse_days import APOSTROPHES, read_past_day
from news.text.letters import without_accents
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from news.filing.taxonomy import Taxonomy
    from storage.model import Source

LONGEST = 5
"""More words than a source, a category or a day has."""
SINCE = frozenset(
    {"since", "from", "after", "da", "dal", "dalla", "dall", "dallo", "dopo"}
    | {"depuis", "des", "apres"}
    | {"desde", "despues"}
)
"""What stands before a day, in each language; another one adds its own words. All are without
accents, as `plain` leaves what is typed."""
SPANS = {
    "today": 0,
    "oggi": 0,
    "this week": 7,
    "last week": 7,
    "past week": 7,
    "this month": 30,
    "last month": 30,
    "past month": 30,
    "questa settimana": 7,
    "settimana scorsa": 7,
    "la settimana scorsa": 7,
    "ultima settimana": 7,
    "questo mese": 30,
    "mese scorso": 30,
    "il mese scorso": 30,
    "ultimo mese": 30,
    "aujourd hui": 0,
    "cette semaine": 7,
    "semaine derniere": 7,
    "la semaine derniere": 7,
    "une semaine": 7,
    "ce mois": 30,
    "ce mois-ci": 30,
    "mois dernier": 30,
    "le mois dernier": 30,
    "un mois": 30,
    "hoy": 0,
    "esta semana": 7,
    "semana pasada": 7,
    "la semana pasada": 7,
    "ultima semana": 7,
    "este mes": 30,
    "mes pasado": 30,
    "el mes pasado": 30,
    "ultimo mes": 30,
    **chinese_input.SPANS,
}
"""Stretches of days up to today, by how they are called; likewise."""
BESIDE = frozenset(
    {"in", "from", "on", "by", "at", "about", "su", "da", "di", "dal", "dalla", "sul"}
    | {"dans", "sur", "chez", "en", "de", "sobre"}
)
"""What may stand before a source or a category."""
BOUND = frozenset({"of", "the", "della", "del", "de", "la", "le", "du", "des"})
"""What ties a category's name to the words before it: `semaine de la mode`."""
ARTICLE = "the "
"""What the name of a source may have in front of the name that people use."""
EDITIONS = frozenset(
    {"business", "china", "france", "italia", "italy", "japan", "magazine", "marine", "uk", "usa"}
)
"""What the name of a source has behind the name that people use: `Vogue Italia`."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A search as it was understood."""

    words: str
    """What is searched for; empty where everything is wanted that it is narrowed to."""
    sources: tuple[str, ...] = ()
    """Names of the sources that are meant; none for all."""
    source_ids: frozenset[int] = frozenset()
    category: str = ""
    """A section's or market's slug; empty for all."""
    since: date | None = None
    called_so: tuple[Source, ...] = ()
    """Sources whose name is the whole of the search: it is searched for, as any other word."""

    @property
    def narrowed(self) -> bool:
        """Whether anything was understood but words."""
        return bool(self.source_ids or self.category or self.since)

    def all_of_source(self) -> Narrowed:
        """Everything from the sources that are called by the words; the same if none is."""
        return from_sources("", self.called_so) if self.called_so else self


def from_sources(
    words: str, known: Sequence[Source], category: str = "", since: date | None = None
) -> Narrowed:
    """A search of certain sources; of all, where there are none."""
    return Narrowed(
        words,
        tuple(sorted(source.name for source in known)),
        frozenset(source.id for source in known),
        category,
        since,
    )


def narrowed(
    query: str,
    *,
    sources: Iterable[Source],
    taxonomy: Taxonomy,
    shown: Callable[[str], str],
    language: str,
    today: date,
) -> Narrowed:
    """Read what a search is narrowed to from its ends; what lies between is searched for.

    A day stands behind `since` or is a stretch such as `last week`; a source and a section or
    market go by their names, with or without `in` or `from`. Each is read once, in any order.
    Nothing need be left to search for; but a name that stands alone is searched for.

    Args:
        query: What was typed.
        sources: All sources.
        taxonomy: All categories.
        shown: Gives the name under which the reader sees a category of this slug.
        language: The reader's.
        today: The reader's.
    """
    names = sources_by_name(sources)
    if taxonomy.find(query) is not None:
        return Narrowed(query)
    if called_so := names.get(plain(query).removeprefix(ARTICLE)):
        return Narrowed(query, called_so=tuple(called_so))
    words, before = query.split(), -1
    since: date | None = None
    known: list[Source] = []
    category = ""
    total = len(words)
    while len(words) != before:
        before = len(words)
        if since is None:
            words, since = without_day(words, language, today)
        if not known:
            alone = len(words) == total
            words, known = without_source(words, names, taxonomy, alone=alone)
        if not category:
            alone = len(words) == total
            words, category = without_category(words, taxonomy, shown, alone=alone)
    return from_sources(" ".join(words), known, category, since)


def without_source(
    words: list[str], names: Mapping[str, list[Source]], taxonomy: Taxonomy, *, alone: bool
) -> tuple[list[str], list[Source]]:
    """Some words without the source at an end of them, and all that go by its name."""
    for start, end in parts(words, alone=alone):
        name = without_preposition(words[start:end])
        known = names.get(plain(name).removeprefix(ARTICLE))
        if known is not None and taxonomy.find(name) is None:
            return words[:start] + words[end:], known
    return words, []


def without_category(
    words: list[str], taxonomy: Taxonomy, shown: Callable[[str], str], *, alone: bool
) -> tuple[list[str], str]:
    """Some words without the section or market at an end of them, and its slug."""
    for start, end in parts(words, alone=alone):
        name = without_preposition(words[start:end])
        meant = taxonomy.find(name)
        if start and plain(words[start - 1]) in BOUND:
            continue
        if meant is None or meant.kind not in {Kind.SECTION, Kind.MARKET}:
            continue
        # By another name of it, such as "fashion", a phrase may well be meant: "fashion week".
        if len(name.split()) < end - start or plain(name) in {
            plain(meant.name),
            plain(shown(meant.slug)),
        }:
            return words[:start] + words[end:], meant.slug
    return words, ""


def without_day(words: list[str], language: str, today: date) -> tuple[list[str], date | None]:
    """Some words without the day at an end of them, and the day; `since monday` is one alone."""
    if words and plain(words[0]) in SINCE:
        since = day_of(words, language, today)
        if since is not None:
            return [], since
    for start, end in ends(words):
        since = day_of(words[start:end], language, today)
        if since is not None:
            return words[:start] + words[end:], since
    return words, None


def ends(words: list[str]) -> Iterator[tuple[int, int]]:
    """The parts at the end and the beginning of some words, the longest first; never all."""
    total = len(words)
    for size in range(min(LONGEST, total - 1), 0, -1):
        yield total - size, total
        yield 0, size


def parts(words: list[str], *, alone: bool) -> Iterator[tuple[int, int]]:
    """All of some words, if they may be one name, then the parts at their ends.

    Args:
        words: What is left of a search.
        alone: Whether it is the whole search: only a preposition says then that no word is meant.
    """
    behind = without_preposition(words).split()
    if 0 < len(words) <= LONGEST and (not alone or len(behind) < len(words)):
        yield 0, len(words)
    yield from ends(words)


def day_of(words: list[str], language: str, today: date) -> date | None:
    """The day that some words name as the first of those wanted."""
    chinese = chinese_input.since("".join(words))
    if chinese is not None:
        span = SPANS.get(chinese)
        if span is not None:
            return today - timedelta(days=span)
        return read_past_day(chinese, language, today)
    first, *rest = plain(" ".join(words)).split() or [""]
    if first not in SINCE:
        span = SPANS.get(" ".join([first, *rest]))
        return None if span is None else today - timedelta(days=span)
    phrase = " ".join(rest)
    span = SPANS.get(phrase)
    if span is not None:
        return today - timedelta(days=span)
    return read_past_day(phrase, language, today) if phrase else None


def sources_by_name(sources: Iterable[Source]) -> Mapping[str, list[Source]]:
    """The sources by each name that people use for them: `vogue` is Vogue and Vogue Italia."""
    names: dict[str, list[Source]] = {}
    for source in sources:
        name = plain(source.name).removeprefix(ARTICLE)
        short = name.split()
        while len(short) > 1 and short[-1] in EDITIONS:
            short.pop()
        for each in {name, " ".join(short)}:
            names.setdefault(each, []).append(source)
    return names


def in_common(names: Sequence[str]) -> str:
    """The words with which all of some names begin: `Vogue`, of Vogue Italia and Vogue France."""
    places = zip(*(name.split() for name in names), strict=False)
    return " ".join(words[0] for words in takewhile(lambda words: len(set(words)) == 1, places))


def without_preposition(words: list[str]) -> str:
    """Some words without the `in` or `from` before them."""
    kept = words[1:] if len(words) > 1 and plain(words[0]) in BESIDE else words
    return " ".join(kept)


def plain(text: str) -> str:
    """Small letters without accents, single spaces, and no apostrophe or comma."""
    return " ".join(without_accents(text).translate(APOSTROPHES).split())
