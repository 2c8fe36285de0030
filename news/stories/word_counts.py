"""Counts of words in headlines, used until the archive has counts of its own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = Path(__file__).with_name("word_counts.tsv")


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
