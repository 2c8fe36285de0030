"""What of an article decides which event it tells of. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from news.entry import LINE, WINDOW, Report
from news.stories.figures import figures
from news.stories.headline_tokens import TURNS, WORD, content_words, folded_word
from news.stories.routine import hours_of, without_dates
from news.stories.word_counts import word_counts
from news.text.by_word import ByWord
from news.text.letters import without_accents
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.model import Category

_BETWEEN = r"\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""What stands between names: in Chinese, one in Latin letters has no spaces around it."""
_NAME = re.compile(rf"[^a-z{_BETWEEN}](?<![^{_BETWEEN}].)[^{_BETWEEN}]{{3,}}")
"""A whole word of four letters at least, if its first is a capital."""
_COMMON = 3
"""A word that stands in so many headlines of ours is no name."""
_STANDFIRST = 300
"""Letters of a standfirst that are read: what happened is told at its beginning."""
_OF_STANDFIRST = 24
"""Its words that count."""


def spellings(title: str) -> dict[str, str]:
    """The terms of a title that are one word there, each as it is written.

    Of Chinese, whose terms are pairs of letters, that is next to none: a run is a whole headline.
    """
    found: dict[str, str] = {}
    for word in WORD.findall(title):
        terms = _terms_of(word)
        if len(terms) == 1:
            found.setdefault(terms[0], word)
    return found


_terms_of = lru_cache(maxsize=5_000)(content_words)
"""Of a word."""


def report_of(
    title: str,
    standfirst: str,
    published: datetime,
    filed: Collection[Category],
    title_words: Sequence[str] | None = None,
    *,
    language: str | None = None,
) -> Report:
    """The report of an article.

    Args:
        title: Its title.
        standfirst: Its standfirst; "" for none.
        published: When.
        filed: What it is filed under, of which houses and groups count.
        title_words: Of its title, where they are known; see `content_words`.
        language: Of the article, where it is known.
    """
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
    # A house's group is filed with it, and says no more than the house does.
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
    """The amounts in an article, as a reader sees them: those of its report."""
    return tuple(map(str, sorted(figures(_opening(title, standfirst)))))


def _opening(title: str, standfirst: str) -> str:
    """What of an article is read for its amounts and names."""
    return f"{title} \n {standfirst[:_STANDFIRST]}"


def _names(text: str, known: set[str]) -> dict[str, str]:
    """Words of a text that are names, as far as capitals and rarity tell: folded → as written."""
    return {
        folded: word
        for word in _NAME.findall(text)
        if (folded := _rare[word]) and folded not in known
    }


@ByWord
def _rare(word: str) -> str:
    """A word folded; "" for one without a capital, and for one that many headlines have."""
    folded = without_accents(word) if word[0].isupper() else ""
    return "" if word_counts().words.get(folded_word(folded), 0) >= _COMMON else folded
