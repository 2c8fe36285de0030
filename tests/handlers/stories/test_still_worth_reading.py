"""Thin mornings over HTTP: what earlier editions left out, in every language and layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.model import Layout

if TYPE_CHECKING:
    from playground.people import seen
    from playground.people.people import Person
    from tests.handlers.conftest import Bureau

HEADINGS = {
    "en": "Still worth reading",
    "it": "Ancora da leggere",
    "es": "Aún vale la pena leer",
    "fr": "Toujours d’actualité",
    "zh-hans": "仍值得一读",
}


async def after_a_full_morning(
    bureau: Bureau, language: str = "en", layout: Layout = Layout.SUMMARIES
) -> Person:
    """Create a reader whose last edition left out seven stories."""
    reader = await bureau.reader(language=language)
    whose = await bureau.subscriber(reader)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=layout)
    for number in range(19):
        source = await bureau.desk.source(f"Paper {number}")
        await bureau.desk.print_(f"A race, number {number}", "motor", source_id=source)
    bureau.clock.pass_(hours=22)
    await bureau.send_what_is_due()
    await reader.until("A race")
    await recorded(bureau, reader)
    return reader


async def recorded(bureau: Bureau, reader: Person) -> None:
    """Wait until the ledger has what the reader was sent."""
    services = bureau.onnews.application.bot_data
    await services.past_editions.all_written((await bureau.subscriber(reader)).id)


async def thin_morning(bureau: Bureau, reader: Person) -> seen.Message:
    """Send an edition with one new story."""
    bureau.clock.pass_(hours=20)
    await bureau.desk.print_("A car in the morning", "motor")
    bureau.clock.pass_(hours=4)
    await bureau.send_what_is_due()
    return await reader.until("A car in the morning")


@pytest.mark.parametrize("language", HEADINGS)
@pytest.mark.parametrize("layout", Layout)
async def test_a_thin_morning_has_left_out_stories_below_a_heading(
    bureau: Bureau, language: str, layout: Layout
) -> None:
    reader = await after_a_full_morning(bureau, language, layout)
    edition = await thin_morning(bureau, reader)
    news, old = edition.text.split(HEADINGS[language])
    assert "A car in the morning" in news
    assert "A race" not in news
    assert old.count("A race") == 4
    assert {"1", "5"} <= set(edition.labels)
    assert "6" not in edition.labels
    await reader.tap("5", edition)
    assert "A race" in (await reader.next()).text


async def test_why_these_says_that_a_story_was_left_out_before(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau)
    edition = await thin_morning(bureau, reader)
    await reader.tap("Why these", edition)
    why = (await reader.next()).text
    assert why.count("left out of an earlier edition") == 4
    assert why.count("You follow Motor") == 5


@pytest.mark.parametrize("more", [0, 3])
async def test_the_sample_of_a_layout_counts_only_what_is_new(bureau: Bureau, more: int) -> None:
    reader = await after_a_full_morning(bureau)
    for number in range(more):
        source = await bureau.desk.source(f"Early {number}")
        await bureau.desk.print_(f"An early car {number}", "motor", source_id=source)
    await thin_morning(bureau, reader)
    await recorded(bureau, reader)
    await reader.send("/settings")
    await reader.tap("Layout · Summaries", await reader.until("Settings"))
    sample = (await reader.next()).text
    counted = "Good morning. Three stories: Motor." if more else "Good morning. One story: Motor."
    assert counted in sample
    assert ("Still worth reading" in sample) is not bool(more)
    assert "More: Still worth reading" not in sample
    await reader.send("/digest")
    await reader.until("Nothing new since the last edition")
    await recorded(bureau, reader)
    await reader.send("/settings")
    await reader.tap("Layout · Summaries", await reader.until("Settings"))
    assert "Nothing new since the last edition. Still" in (await reader.next()).text


async def test_digest_with_nothing_new_offers_what_was_left_out(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau)
    bureau.clock.pass_(hours=1)
    await reader.send("/digest")
    offered = (await reader.next()).text
    assert "Nothing new since the last edition. Still worth reading: Motor." in offered
    assert offered.count("A race") == 5
    bureau.clock.pass_(minutes=1)
    await reader.send("/digest")
    assert (await reader.next()).text.count("A race") == 2
    bureau.clock.pass_(minutes=1)
    await reader.send("/digest")
    assert "Nothing new from what you follow" in (await reader.next()).text


async def test_a_front_page_of_left_out_stories_can_be_had_plain(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau, layout=Layout.FRONT_PAGE)
    page = await thin_morning(bureau, reader)
    await reader.tap("Can’t see it?", page)
    plain = await reader.until("A car in the morning")
    assert plain.text.count("A race") == page.text.count("A race") == 4
    assert "Still worth reading" in plain.text
