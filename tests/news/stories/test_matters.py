"""Matters: events linked over time, from headlines, and from sources to the archive."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from news.entry import Entry
from news.filing.classify import classify
from news.stories.matters import event_words, nearest_of
from news.stories.report import report_of
from storage.model.matter_model import EventOfMatter
from tests.news.scripted_sources import TAXONOMY, Newsroom
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from news.entry import Report

RUMOUR = "Prada in exclusive talks to buy Versace from Capri"
SIGNED = "Capri accepts Prada’s bid for Versace, worth 1.25 billion euros"
OPENING = "Versace opens a boutique in Milan"


def report(title: str, *, days: float = 0) -> Report:
    houses = {filing.category for filing in classify(TAXONOMY, title=title, standfirst="")}
    about = [TAXONOMY.categories[slug] for slug in sorted(houses) if slug in TAXONOMY.categories]
    return report_of(title, "", FIRST + timedelta(days=days), about)


def goes_on(title: str, *, after: list[str], days: float = 10) -> int | None:
    """Return the place of the headline whose matter a later one goes on with, or None."""
    others = []
    for place, other in enumerate(after):
        words = event_words(report(other))
        if words is not None:
            others.append(EventOfMatter(place, place, words.text, FIRST))
    own = event_words(report(title, days=days))
    found = None if own is None else nearest_of(own, FIRST + timedelta(days=days), others)
    return None if found is None else found.event


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (SIGNED, RUMOUR),
        ("Capri accetta l’offerta di Prada per Versace: 1,25 miliardi", RUMOUR),
        ("Saks Global lenders reject rescue plan", "Saks Global nears bankruptcy, lenders say"),
        (
            "Judge dismisses Tiffany lawsuit against LVMH over takeover",
            "Tiffany sues LVMH over abandoned takeover",
        ),
    ],
)
def test_an_event_goes_on_with_its_matter(later: str, earlier: str) -> None:
    others = ["Kering sells its beauty house to L'Oréal", "Rolex raises prices", OPENING]
    assert goes_on(later, after=[*others, earlier]) == 3


@pytest.mark.parametrize(
    "other",
    [
        OPENING,
        "Prada sales rise 8% in the third quarter",
        "Versace names a new creative director",
        "Moncler in talks to buy a stake in Stone Island",
    ],
)
def test_other_news_of_a_house_is_of_no_matter(other: str) -> None:
    assert goes_on(other, after=[RUMOUR, "Rolex raises prices"]) is None


def test_what_names_nothing_that_goes_on_has_no_words() -> None:
    assert event_words(report(OPENING)) is None


def entry(title: str, *, days: float = 0) -> Entry:
    link = f"https://paper.example/{title.replace(' ', '-')}"
    return Entry(
        guid=link,
        link=link,
        title=title,
        standfirst="",
        published=FIRST + timedelta(days=days),
        filings=tuple(classify(TAXONOMY, title=title, standfirst="")),
    )


async def test_matters_are_kept_with_the_articles_across_restarts(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk = await newsroom.source("Desk")
    await newsroom.brings((desk, [entry(OPENING), entry(RUMOUR)]))
    newsroom.start()
    newsroom.now += timedelta(days=12)
    # Both are stored in one transaction, and the second goes on with the first.
    closed = "Prada closes purchase of Versace as regulators approve takeover"
    await newsroom.brings((desk, [entry(closed, days=12), entry(SIGNED, days=11)]))

    stored = await newsroom.articles_by_title()
    of_matter = [stored[title] for title in (RUMOUR, SIGNED, closed)]
    for each in of_matter:
        found = await archive.articles.of_matter(each.event)
        assert {one.id for one in found} == {one.id for one in of_matter}, each.title
    assert await archive.articles.of_matter(stored[OPENING].event) == []
    since = FIRST + timedelta(days=10)
    assert len(await archive.articles.going_on("versace", since, most=9)) == 1
    assert await archive.articles.going_on("versace", FIRST + timedelta(days=20), most=9) == []
