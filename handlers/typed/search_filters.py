"""Filters typed among the words of a search: `results vogue since monday`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from handlers.typed import chinese_input
from handlers.typed.folding import bounded
from handlers.typed.parse_days import bare_words, read_past_day
from handlers.typed.phrases import listed, numbered
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from news.filing.taxonomy import Taxonomy
    from storage.model import Source

LONGEST = 5
"""The most words of a source, a category or a day."""
ARTICLE = "the "
"""Article that a source's full name may have before its usual name."""
EDITIONS = frozenset(
    {"business", "china", "france", "italia", "italy", "japan", "magazine", "marine", "uk", "usa"}
)
"""Words that a source's full name may have after its usual name: `Vogue Italia`."""


last_days = re.compile(r"last (\d{1,3}) days")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A search split into filters and words."""

    words: str
    """The words to search for; empty if everything that passes the filters is wanted."""
    sources: tuple[str, ...] = ()
    """Names of the sources to search; empty for all."""
    source_ids: frozenset[int] = frozenset()
    category: str = ""
    """Slug of the section or market to search; empty for all."""
    since: date | None = None
    called_so: tuple[Source, ...] = ()
    """Sources with the whole search as their name; the name is then searched for like any word."""
    before: date | None = None
    """The day after the only one that is wanted, which is `since`; None for all days from it on."""

    @property
    def narrowed(self) -> bool:
        """Whether the search has any filter."""
        return bool(self.source_ids or self.category or self.since)

    @property
    def is_of_days(self) -> bool:
        """Whether everything of some days is wanted, so that no word remains to search for."""
        return self.since is not None and not (self.words or self.source_ids or self.category)

    def all_of_source(self) -> Narrowed:
        """Return a search for everything from `called_so`; the same search if it is empty."""
        return from_sources("", self.called_so) if self.called_so else self


def from_sources(
    words: str, known: Sequence[Source], category: str = "", since: date | None = None
) -> Narrowed:
    """Return a search of these sources; of all sources if there are none."""
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
    """Read the filters at both ends of a query; the words between them are searched for.

    A day follows `since`, or is a period such as `last week`. A source and a section or market are
    read by name, with or without `in` or `from`. Each is read once, in any order. The filters may
    use up all words, but a name that is the whole query is searched for. `shown` returns the name
    that the reader sees for a category's slug; `today` is the date in the reader's zone.
    """
    query = bounded(query)
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
            words, known = without_source(words, names, taxonomy, alone=len(words) == total)
        if not category:
            alone = len(words) == total
            words, category = without_category(words, taxonomy, shown, alone=alone)
    return from_sources(" ".join(words), known, category, since)


def without_source(
    words: list[str], names: Mapping[str, list[Source]], taxonomy: Taxonomy, *, alone: bool
) -> tuple[list[str], list[Source]]:
    """Return the words without a source's name at either end, and the sources of that name."""
    for start, end in parts(words, alone=alone):
        name = without_preposition(words[start:end])
        known = names.get(plain(name).removeprefix(ARTICLE))
        if known is not None and taxonomy.find(name) is None:
            return words[:start] + words[end:], known
    return words, []


def without_category(
    words: list[str], taxonomy: Taxonomy, shown: Callable[[str], str], *, alone: bool
) -> tuple[list[str], str]:
    """Return the words without a section or market at either end, and its slug or ""."""
    for start, end in parts(words, alone=alone):
        name = without_preposition(words[start:end])
        meant = taxonomy.find(name)
        if start and plain(words[start - 1]) in listed("filters", "joints"):
            continue
        if meant is None or meant.kind not in {Kind.SECTION, Kind.MARKET}:
            continue
        # Another name of a category, such as "fashion", may belong to a phrase: "fashion week".
        if len(name.split()) < end - start or plain(name) in {
            plain(meant.name),
            plain(shown(meant.slug)),
        }:
            return words[:start] + words[end:], meant.slug
    return words, ""


def without_day(words: list[str], language: str, today: date) -> tuple[list[str], date | None]:
    """Return the words without a day at either end, and the day or None.

    If the first word is `since` or similar, all words may name one day.
    """
    if words and plain(words[0]) in listed("filters", "since"):
        since = day_of(words, language, today)
        if since is not None:
            return [], since
    for start, end in ends(words):
        since = day_of(words[start:end], language, today)
        if since is not None:
            return words[:start] + words[end:], since
    return words, None


def ends(words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield start and end of the last and first words, the longest first, but never all."""
    total = len(words)
    for size in range(min(LONGEST, total - 1), 0, -1):
        yield total - size, total
        yield 0, size


def parts(words: list[str], *, alone: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end of all words, if they may be one name, then of those at the ends.

    If they are the whole search (`alone`), all are yielded only after a preposition.
    """
    behind = without_preposition(words).split()
    if 0 < len(words) <= LONGEST and (not alone or len(behind) < len(words)):
        yield 0, len(words)
    yield from ends(words)


def day_of(words: list[str], language: str, today: date) -> date | None:
    """Return the first day of the articles that some words ask for, or None."""
    phrase = plain(" ".join(words))
    first, _, rest = phrase.partition(" ")
    behind = chinese_input.since("".join(words))
    if behind is None and first in listed("filters", "since"):
        behind = rest
    span = numbered("filters", "spans").get(phrase if behind is None else behind)
    days = last_days.fullmatch(phrase)
    span = int(days[1]) if days is not None else span
    if span is not None:
        return today - timedelta(days=span)
    return read_past_day(behind, language, today) if behind else None


def sources_by_name(sources: Iterable[Source]) -> Mapping[str, list[Source]]:
    """Return the sources by each usual name: `vogue` gives Vogue and Vogue Italia."""
    names: dict[str, list[Source]] = {}
    for source in sources:
        name = plain(source.name).removeprefix(ARTICLE)
        short = name.split()
        while len(short) > 1 and short[-1] in EDITIONS:
            short.pop()
        article = len(name.split()) > 1 and name.split()[0] in listed("sentences", "articles")
        for each in {name, " ".join(short), " ".join(name.split()[article:])}:
            names.setdefault(each, []).append(source)
    return names


def in_common(names: Sequence[str]) -> str:
    """Return the words with which all names begin: `Vogue` for Vogue Italia and Vogue France."""
    places = zip(*(name.split() for name in names), strict=False)
    return " ".join(words[0] for words in takewhile(lambda words: len(set(words)) == 1, places))


def without_preposition(words: list[str]) -> str:
    """Return the words, joined, without an `in` or `from` before them."""
    before = len(words) > 1 and plain(words[0]) in listed("filters", "before_name")
    return " ".join(words[before:])


def plain(text: str) -> str:
    """Return the text in lower case, without accents, apostrophes, commas and double spaces."""
    return " ".join(bare_words(text))
