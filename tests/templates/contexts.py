"""Categories and stories with which templates are tested."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.samples import Sample
from storage.model import Article, Category, Kind

CATEGORIES = {
    "motor": Category("motor", "Motor", Kind.SECTION),
    "style": Category("style", "Style", Kind.SECTION),
    "china": Category("china", "China", Kind.MARKET),
    "real-estate": Category("real-estate", "Real Estate", Kind.SECTION),
    "gucci": Category("gucci", "Gucci", Kind.HOUSE, group="kering"),
    "kering": Category("kering", "Kering", Kind.GROUP),
}

MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def article(number: int, title: str, **changes: object) -> Article:
    """Return a story of that morning."""
    sample = Sample(title, f"https://example.com/{number}", MORNING).article(number)
    plain_words = {"standfirst": "What happened.", "source": "WWD", "image": None, "author": None}
    return replace(sample, **{**plain_words, **changes})  # type: ignore[arg-type]
