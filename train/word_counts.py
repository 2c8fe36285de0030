"""How common the words of headlines are, counted once: `news/stories/word_counts.tsv`.

An archive that has just begun tells by it which words say what happened, and which every
headline has. Words are folded as for telling stories; what stands once is as good as unknown.
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
    """Count the words of these headlines, each once a headline, and write them.

    Returns:
        How many words were written.
    """
    counts: Counter[str] = Counter()
    headlines = 0
    for headlines, title in enumerate(titles, 1):  # noqa: B007 - it is what is counted
        counts.update(set(content_words(title)))
    kept = sorted(word for word, count in counts.items() if count >= _LEAST)
    lines = [
        "# Made by ./dev train; do not edit. The words of our own headlines, and in how many.",
        str(headlines),
        *(f"{word}\t{counts[word]}" for word in kept),
    ]
    COUNTS.write_text("\n".join(lines) + "\n", "utf-8")
    return len(kept)
