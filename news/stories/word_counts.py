"""In how many headlines a word stands, before the archive has counted for itself."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = Path(__file__).with_name("word_counts.tsv")


class WordCounts(NamedTuple):
    """Headlines, and in how many of them each word stands, folded."""

    headlines: int
    words: Mapping[str, int]


@lru_cache(maxsize=1)
def word_counts() -> WordCounts:
    """The counts of `word_counts.tsv`, which `./dev train` makes."""
    _, headlines, *rows = _COUNTS.read_text("utf-8").splitlines()
    words = (row.split("\t") for row in rows)
    return WordCounts(int(headlines), {word: int(count) for word, count in words})
