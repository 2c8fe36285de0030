"""Lists show an event once; all its reports are two taps away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from storage.model import NewSource, SourceState

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

HEADLINES = (
    "Prada agrees to buy Versace for 1.25 billion euros",
    "Versace goes to Prada in a €1.25bn deal",
    "Capri Holdings sells its Italian house",
)


@pytest.fixture
async def event(bureau: Bureau) -> list[int]:
    """Store reports of one event by three sources, and a copy of the second by a fourth."""
    desk, sources = bureau.desk, bureau.onnews.archive.sources
    found: list[int] = []
    for number, title in enumerate(HEADLINES):
        new = NewSource(f"Paper {number}", f"https://{number}.example/feed", weight=60 - number)
        source = await sources.add(new, bureau.clock.now)
        await sources.set_state(source.id, SourceState.PAUSED, bureau.clock.now)
        first = found[0] if found else None
        found.append(
            await desk.print_(
                title,
                "business",
                "versace",
                hours_ago=0.5 - number / 10,
                source_id=source.id,
                event=first,
                evidence="" if first is None else "Versace, Prada, 1.25 billion",
            )
        )
    found.append(
        await desk.print_(HEADLINES[1], "business", hours_ago=0.1, story=found[1], event=found[0])
    )
    return found


@pytest.mark.usefixtures("event")
async def test_lists_show_an_event_once_and_its_card_has_all_its_reports(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("business",))
    for command in ("/latest", "/category business", "/search versace"):
        await ana.send(command)
        shown = await ana.next()
        assert sum(title in shown.text for title in HEADLINES) == 1, command
        assert "and 2 others" in shown.text, command
    stranger = bureau.town.person("Stranger")
    titles = [one.title for one in await stranger.inline("versace")]
    assert len([title for title in titles if title in HEADLINES]) == 1

    await ana.send("/latest")
    await ana.tap("1", await ana.next())
    card = await ana.next()
    assert len(card.buttons) == 3
    await ana.tap("More…", card)
    card = await ana.next()
    await ana.tap("All 4 reports", card)
    reports = await ana.next()
    assert "In common: Versace, Prada, 1.25 billion" in reports.text
    assert all(title in reports.text for title in HEADLINES)
    assert re.findall(r"Paper \d", reports.text) == ["Paper 2", "Paper 1", "Paper 0"]
    await ana.tap("4", reports)
    assert HEADLINES[0] in (await ana.next()).text

    # More like this has other news of the house, none of the event's.
    await ana.tap("More like this", card)
    more = await ana.next()
    assert not any(title in more.text for title in HEADLINES)


async def test_an_event_with_one_report_has_no_reports_button(bureau: Bureau) -> None:
    await bureau.desk.print_("A quiet day", "business")
    ana = await bureau.reader()
    await ana.send("/latest")
    await ana.tap("1", await ana.next())
    assert not any("report" in label for label in (await ana.next()).labels)


async def test_a_later_edition_has_an_event_again_only_as_an_update(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("business",))
    first = await bureau.desk.print_(HEADLINES[0], "business", figures=("1.25 billion",))
    await ana.send("/digest")
    assert HEADLINES[0] in (await ana.next()).text
    await bureau.heard()

    # The same event in other words adds nothing, however much later it comes.
    bureau.clock.pass_(hours=7)
    for title, figures in ((HEADLINES[1], ("1.25 billion",)), ("The price of a house", ())):
        await bureau.desk.print_(title, "business", event=first, figures=figures, hours_ago=0.1)
    await bureau.desk.print_("A quiet market", "business", hours_ago=0.1)
    await ana.send("/digest")
    second = await ana.next()
    assert "A quiet market" in second.text
    assert not any(title in second.text for title in (*HEADLINES, "The price of a house"))
    await bureau.heard()

    # What names another amount does.
    bureau.clock.pass_(hours=1)
    await bureau.desk.print_(
        "Prada borrows 1.5 billion for Versace",
        "business",
        event=first,
        figures=("1.5 billion",),
        hours_ago=0.1,
    )
    await ana.send("/digest")
    third = await ana.next()
    assert "Prada borrows 1.5 billion for Versace" in third.text
    assert "Update · The Luxury Courier" in third.text
    await ana.tap("Why this one", third)
    assert "updated since it was sent to you" in (await ana.next()).text
    await ana.tap("Open the story", third)
    await ana.tap("More…", await ana.next())
    await ana.tap("All 4 reports", await ana.next())
    assert HEADLINES[0] in (await ana.next()).text
