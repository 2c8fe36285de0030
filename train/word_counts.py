"""Counting of words in the written headlines, stored in `news/stories/word_counts.tsv`.

A new archive has too few headlines to distinguish rare words from common ones, and uses these
counts. Words are folded as for story matching. Words in a single headline are left out.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from news.stories.headline_tokens import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNTS = Path(__file__).parents[1] / "news" / "stories" / "word_counts.tsv"
_LEAST = 2


def write(titles: Iterable[str]) -> int:
    """Count in how many of these headlines each word is, and write the counts to the file.

    Returns:
        The number of words written.
    """
    counts: Counter[str] = Counter()
    headlines = 0
    for headlines, title in enumerate(titles, 1):  # noqa: B007 - the count is used after the loop
        counts.update(set(content_words(title)))
    kept = sorted(word for word, count in counts.items() if count >= _LEAST)
    lines = [
        "# Made by ./dev train; do not edit. Words of the written headlines, with headlines each.",
        str(headlines),
        *(f"{word}\t{counts[word]}" for word in kept),
    ]
    COUNTS.write_text("\n".join(lines) + "\n", "utf-8")
    return len(kept)
