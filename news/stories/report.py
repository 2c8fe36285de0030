"""Making of reports: the facts about an article that event matching compares. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from news.entry import LINE, WINDOW, Report
from news.stories.figures import figures
from news.stories.headline_tokens import TURNS, WORD, content_words, folded_word
from news.stories.routine import hours_of, without_dates
from news.text.by_word import ByWord
from news.text.letters import without_accents
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from storage.model import Category

_COUNTS = Path(__file__).with_name("word_counts.tsv")
_BETWEEN = r"\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Characters between names. They include CJK letters: Chinese has no spaces around Latin names."""
_NAME = re.compile(rf"[^a-z{_BETWEEN}](?<![^{_BETWEEN}].)[^{_BETWEEN}]{{3,}}")
"""Matches a whole word of at least four letters that begins with a capital."""
_COMMON = 3
"""Headlines with a word in the bundled counts; a word in as many is not a name."""
_STANDFIRST = 300
"""Characters of a standfirst that are read."""
_OF_STANDFIRST = 24
"""Words of a standfirst that count."""


def spellings(title: str) -> dict[str, str]:
    """Return term → word as written, for one-word terms; Chinese terms are pairs of characters."""
    found: dict[str, str] = {}
    for word in WORD.findall(title):
        terms = _terms_of(word)
        if len(terms) == 1:
            found.setdefault(terms[0], word)
    return found


_terms_of = lru_cache(maxsize=5_000)(content_words)
"""Terms of a word, cached."""


def report_of(
    title: str,
    standfirst: str,
    published: datetime,
    filed: Collection[Category],
    title_words: Sequence[str] | None = None,
    *,
    language: str | None = None,
) -> Report:
    """Return the report of an article; of its categories only houses and groups count."""
    order = content_words(title) if title_words is None else title_words
    words = [word for word in order if word not in TURNS]
    order = without_dates(words)
    single = dict.fromkeys(order)
    pairs = dict.fromkeys([f"{first} {second}" for first, second in pairwise(order)])
    opening = content_words(standfirst[:_STANDFIRST])[:_OF_STANDFIRST]
    rest = dict.fromkeys(without_dates([word for word in opening if word not in TURNS]))
    terms = LINE.join(single | pairs | rest), len(single), len(pairs)
    text = _opening(title, standfirst)
    amounts = figures(text)
    houses = {each.slug: each.group for each in filed if each.kind is Kind.HOUSE}
    groups = frozenset(each.slug for each in filed if each.kind is Kind.GROUP)
    # A house's group is filed with the house, and adds nothing.
    fingerprint = groups.difference(houses.values()).union(houses)
    named = [each for each in filed if each.slug in fingerprint]
    anchors = {f"@{each.slug}": each.name for each in named}
    anchors.update((f"#{each.value:g}{each.unit}", str(each)) for each in amounts)
    parts = {part for each in named for part in each.slug.split("-")}
    anchors |= _names(text, parts)
    slugs, shown = frozenset(houses), tuple(map(str, sorted(amounts)))
    hours = hours_of(title, words, order, housed=bool(houses))
    lasts = WINDOW if hours is None else hours
    return Report(published, *terms, anchors, title, slugs, shown, groups, language, lasts)


def figures_of(title: str, standfirst: str) -> tuple[str, ...]:
    """Return the amounts in an article as a reader sees them, sorted."""
    return tuple(map(str, sorted(figures(_opening(title, standfirst)))))


def _opening(title: str, standfirst: str) -> str:
    return f"{title} \n {standfirst[:_STANDFIRST]}"


def _names(text: str, known: set[str]) -> dict[str, str]:
    """Return folded name → name as written, for rare capitalised words of a text."""
    return {
        folded: word
        for word in _NAME.findall(text)
        if (folded := _rare[word]) and folded not in known
    }


@ByWord
def _rare(word: str) -> str:
    """Return a word folded; "" if it is small, without a capital, or in many headlines."""
    folded = without_accents(word) if word[0].isupper() else ""
    if folded in TURNS or not content_words(folded):
        return ""
    return "" if word_counts().words.get(folded_word(folded), 0) >= _COMMON else folded


class WordCounts(NamedTuple):
    """Number of headlines, and folded word → number of headlines that have it."""

    headlines: int
    words: Mapping[str, int]


@lru_cache(maxsize=1)
def word_counts() -> WordCounts:
    """Return the counts in `word_counts.tsv`, which `./dev train` makes."""
    _, headlines, *rows = _COUNTS.read_text("utf-8").splitlines()
    words = (row.split("\t") for row in rows)
    return WordCounts(int(headlines), {word: int(count) for word, count in words})
