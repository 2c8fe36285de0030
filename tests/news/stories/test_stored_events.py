"""Events, from sources to the archive, across restarts."""

from __future__ import annotations

from datetime import timedelta
from zlib import crc32

from news.entry import Entry
from news.filing.classify import classify
from news.stories.text_sketches import sketch_of
from tests.news.scripted_sources import TAXONOMY, Newsroom
from tests.plugins.archive import FIRST, Archive


def entry(title: str, *, hours: float = 0, standfirst: str = "", text: str = "") -> Entry:
    link = f"https://paper.example/{crc32(title.encode())}"
    return Entry(
        guid=link,
        link=link,
        title=title,
        standfirst=standfirst,
        sketch=sketch_of(text),
        published=FIRST + timedelta(hours=hours),
        filings=tuple(classify(TAXONOMY, title=title, standfirst=standfirst)),
    )


async def test_reports_of_one_event_keep_its_id_across_a_restart(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk, wire, quaderno = [await newsroom.source(name) for name in ("Desk", "Wire", "Quaderno")]
    sale = "Prada agrees to buy Versace for 1.25 billion euros"
    deal = "Versace goes to Prada in a €1.25bn deal"
    store = "Gucci opens its largest store in Asia, in Chengdu"
    # A feed has its newest first: what begins the event gets a later number than what joins it.
    await newsroom.brings(
        (desk, [entry(store, hours=0.2), entry(sale)]), (wire, [entry(deal, hours=1)])
    )

    newsroom.start()
    newsroom.now += timedelta(hours=3)
    compra = "Prada compra Versace per 1,25 miliardi di euro"
    copy = "Versace goes to Prada in a €1.25bn deal - Quaderno"
    await newsroom.brings((quaderno, [entry(compra, hours=3), entry(copy, hours=2)]))

    stored = await newsroom.articles_by_title()
    first = stored[sale]
    assert first.event == first.id
    assert {stored[title].event for title in (deal, compra, copy)} == {first.id}
    assert stored[store].event == stored[store].id
    assert set(stored[compra].event_evidence.split(", ")) == {"Prada", "Versace", "1.25 billion"}
    assert stored[sale].figures == ("1.25 billion",)
    assert first.event_evidence == ""

    of_event = await archive.articles.of_events([first.id])
    assert [article.title for article in of_event] == [
        title for title in stored if stored[title].event == first.id
    ]


async def test_quarterly_results_of_two_groups_stay_two_events_across_a_restart(
    archive: Archive,
) -> None:
    newsroom = Newsroom(archive)
    desk, wire = [await newsroom.source(name) for name in ("Desk", "Wire")]
    quarter = "{} sales fall {}% in third quarter as China slows"
    lvmh, kering, puig = (
        quarter.format(*each) for each in (("LVMH", 4), ("Kering", 5), ("Puig", 6))
    )
    await newsroom.brings((desk, [entry(lvmh), entry(kering, hours=0.5)]))
    newsroom.start()
    newsroom.now += timedelta(hours=3)
    again = "LVMH third-quarter sales drop 4%"
    await newsroom.brings((wire, [entry(puig, hours=2), entry(again, hours=3)]))

    stored = await newsroom.articles_by_title()
    for title in (lvmh, kering, puig):
        assert stored[title].event == stored[title].id, title
    assert stored[again].event == stored[lvmh].id


async def test_a_deal_in_two_languages_stays_one_event_across_a_restart(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk, quaderno = [await newsroom.source(name) for name in ("Desk", "Quaderno")]
    deal = "Kering sells beauty to L'Oréal in €4bn deal"
    await newsroom.brings((desk, [entry(deal)]))
    newsroom.start()
    newsroom.now += timedelta(hours=3)
    compra = "L'Oréal compra la bellezza di Kering per 4 miliardi"
    await newsroom.brings((quaderno, [entry(compra, hours=2)]))

    stored = await newsroom.articles_by_title()
    assert stored[compra].event == stored[deal].id
    assert set(stored[compra].event_evidence.split(", ")) == {
        "Kering",
        "L'Oréal Luxe",
        "4 billion",
    }


async def test_a_copy_of_a_copy_joins_their_event(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk, wire, post = [await newsroom.source(name) for name in ("Desk", "Wire", "Post")]
    sale = "Prada agrees to buy Versace for 1.25 billion euros"
    await newsroom.brings((desk, [entry(sale)]))

    newsroom.now += timedelta(hours=3)
    deal = "Versace goes to Prada in a €1.25bn deal"
    signed = "The Versace family signs the papers for Prada"
    text = (
        "The family of Versace has signed every paper in an office with a view of the cathedral, "
        "and went to lunch with those who buy from it while the lawyers counted pages until late."
    )
    await newsroom.brings(
        (desk, [entry(deal, hours=1)]),
        (wire, [entry(deal.title(), hours=2, text=text)]),
        (post, [entry(signed, hours=2.5, text=text)]),
    )

    stored = await newsroom.articles_by_title()
    assert stored[deal].story_id == stored[signed].story_id
    assert {each.event for each in stored.values()} == {stored[sale].id}


async def test_an_event_lasts_some_days_across_any_number_of_restarts(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    wire = await newsroom.source("Wire")
    title = "Saks Global asks a court in Texas for protection from its creditors"
    for day in range(0, 15, 2):
        newsroom.start()
        newsroom.now = FIRST + timedelta(days=day, hours=1)
        await newsroom.brings((wire, [entry(f"{title}, day {day}", hours=24 * day)]))

    stored = list((await newsroom.articles_by_title()).values())
    first, later = stored[0].id, stored[6].id
    assert [one.event for one in stored] == [first] * 6 + [later] * 2


async def test_articles_older_than_events_take_their_storys_event(archive: Archive) -> None:
    stored = await archive.store(archive.article("Prada agrees to buy Versace for 1.25 billion"))
    (first,) = stored.new
    newsroom = Newsroom(archive)
    wire = await newsroom.source("Wire")

    await newsroom.brings((wire, [entry("Versace goes to Prada in a €1.25 billion deal", hours=1)]))

    found = await archive.articles.of_events([first])
    assert [article.event for article in found] == [first, first]
    assert found[0].event_id is None


async def test_an_edited_headline_replaces_the_report(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk = await newsroom.source("Desk")
    talks = entry("Prada in talks to buy Versace for 1.5 billion euros", standfirst="By Friday.")
    await newsroom.brings((desk, [talks]))

    newsroom.now += timedelta(hours=2)
    await newsroom.brings(
        (desk, [talks._replace(title="Prada buys Versace for €1.25bn", standfirst="A gain of 7%.")])
    )
    (article,) = (await newsroom.articles_by_title()).values()
    assert article.figures == ("7%", "1.25 billion")

    # Without a standfirst it keeps the earlier one and its evidence.
    await newsroom.brings((desk, [talks._replace(title="Prada buys Versace", standfirst="")]))
    (article,) = (await newsroom.articles_by_title()).values()
    assert (article.standfirst, article.figures) == ("A gain of 7%.", ("7%",))
    assert article.event == article.id


async def test_an_event_that_was_not_stored_cannot_be_joined(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    desk, wire = [await newsroom.source(name) for name in ("Desk", "Wire")]
    await archive.sources.remove(desk.id)
    await newsroom.brings(
        (desk, [entry("Prada agrees to buy Versace for 1.25 billion euros")]),
        (wire, [entry("Versace goes to Prada in a €1.25bn deal", hours=1)]),
    )
    await newsroom.brings((wire, [entry("Prada buys Versace: €1.25bn, paid in cash", hours=2)]))

    stored = list((await newsroom.articles_by_title()).values())
    assert len(stored) == 2
    assert stored[0].event == stored[0].id
    assert all(article.event > 0 for article in stored)
