"""The edition of made-up stories that shows a reader how a layout looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import Article, Edition, EditionSection, EditionStory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

SAMPLES = (
    (
        "style",
        "Prada buys Versace for 1.25 billion euros",
        "The deal creates an Italian group of two families.",
        "Fashion Daily",
    ),
    (
        "motor",
        "Ferrari raises its forecast after a record third quarter",
        "Maranello sold fewer cars and earned more with each.",
        "Motor Daily",
    ),
    (
        "motor",
        "Bentley’s new director wants every second car made to measure",  # noqa: RUF001
        "Crewe’s coachbuilders are to double in number.",  # noqa: RUF001
        "Motor Daily",
    ),
)
"""Sample stories that show a layout: category, headline, standfirst and source."""

SAMPLE_CONTEXT = "sample of a layout"


def sample_edition(texts: Iterable[tuple[str, str]], now: datetime) -> Edition:
    """Return an edition of the sample stories, from headlines and standfirsts in a language."""
    lead, *others = (
        EditionStory(_sample_of(category, title, standfirst, source, now))
        for (category, _, _, source), (title, standfirst) in zip(SAMPLES, texts, strict=True)
    )
    under = others[0].article.categories[0]
    return Edition(
        lead,
        (EditionSection(under, tuple(others), left_out=2),),
        lead_category=lead.article.categories[0],
    )


def _sample_of(category: str, title: str, standfirst: str, source: str, now: datetime) -> Article:
    return Article(
        id=0,
        story_id=0,
        source_id=0,
        source=source,
        source_weight=0,
        link="",
        title=title,
        standfirst=standfirst,
        image=None,
        author=None,
        language=None,
        published=now,
        first_seen=now,
        categories=(category,),
        backlog=False,
        has_body=False,
    )
