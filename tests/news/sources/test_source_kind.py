"""Whether a source is general or of the trade, by its articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from news import documents
from news.entry import Entry, Parsed, Reading
from news.sources.discover import is_general
from tests.news.conftest import NOW, item, rss

if TYPE_CHECKING:
    from workers.pool import Workers

OF_ALL_KINDS = (
    "Parliament debates the new law on pensions",
    "Two killed as bus leaves the road near the border",
    "Storm warning for the coast on Thursday",
    "Minister denies that he knew of the letter",
    "Striker out for six weeks with a knee injury",
    "Chanel opens a boutique in Milan",
)
OF_THE_TRADE = (
    "Chanel opens a boutique in Milan",
    "Richemont sales fall 4% in China",
    "Rolex unveils a new Daytona at Watches and Wonders",
    "Kering names new chief executive of Gucci",
    "Hermès raises prices of its bags",
    "Ferretti launches a 40-metre superyacht",
)


@pytest.mark.parametrize(
    ("titles", "general"),
    [(OF_ALL_KINDS, True), (OF_THE_TRADE, False), (OF_ALL_KINDS[:4], False), ((), False)],
)
async def test_a_source_is_general_if_the_trade_wants_less_than_half_of_what_it_brings(
    workers: Workers, titles: tuple[str, ...], *, general: bool
) -> None:
    entries = tuple(Entry(guid=title, link="", title=title) for title in titles)

    assert await is_general(Parsed(entries), workers) is general


def test_the_gate_keeps_general_news_out_of_sections() -> None:
    titles = ("Taxes are raised as the budget passes parliament", "Prada sales fall in China")
    document = rss(*(item(number, title) for number, title in enumerate(titles))).encode()
    url = "https://example.com/feed"

    for general, filed in ((True, [False, True]), (False, [True, True])):
        reading = Reading(url, categories=("china",), general=general)
        entries = documents.read(document, reading, NOW).entries
        assert [bool(entry.filings) for entry in entries] == filed
