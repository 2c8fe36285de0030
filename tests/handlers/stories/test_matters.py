"""The matter of a story, from its card: every event that went before, and what is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

DAY = 24.0


async def saga(bureau: Bureau, events: int) -> list[int]:
    """Store a matter of Saks that many events long, a day apart, and return their ids."""
    return [
        await bureau.desk.print_(
            f"Saks Global lenders weigh rescue plan number {number}",
            "saks-global",
            hours_ago=(events - number) * DAY,
            linked=True,
        )
        for number in range(events)
    ]


async def test_a_card_opens_the_events_before_it_newest_first(bureau: Bureau) -> None:
    await saga(bureau, 3)
    ana = await bureau.reader(follows=("saks-global",))
    card = await press(ana, "1", await ask(ana, "/category saks-global"))
    shown = (await press(ana, "2 earlier", card)).text
    places = [shown.index(f"plan number {number}") for number in (2, 1, 0)]
    assert places == sorted(places)


async def test_withdrawn_and_muted_events_are_neither_counted_nor_shown(bureau: Bureau) -> None:
    ids = await saga(bureau, 3)
    now = bureau.clock.now
    await bureau.onnews.archive.amendments.withdraw(ids[1], "It was wrong.", person_id=1, now=now)
    ana = await bureau.reader(follows=("saks-global",))
    card = await press(ana, "1", await ask(ana, "/category saks-global"))
    shown = (await press(ana, "1 earlier", card)).text
    assert "plan number 0" in shown
    assert "plan number 1" not in shown


async def test_a_matter_turns_its_pages_of_ten(bureau: Bureau) -> None:
    await saga(bureau, 12)
    ana = await bureau.reader(follows=("saks-global",))
    card = await press(ana, "1", await ask(ana, "/category saks-global"))
    first = await press(ana, "11 earlier", card)
    assert "plan number 2" in first.text
    assert "plan number 1\n" not in first.text
    assert "plan number 0" in (await press(ana, "Next", first)).text


async def test_a_story_of_no_matter_has_no_button(bureau: Bureau) -> None:
    await bureau.desk.print_("Saks opens a boutique", "saks-global", linked=True)
    ana = await bureau.reader(follows=("saks-global",))
    card = await press(ana, "1", await ask(ana, "/category saks-global"))
    assert not any("earlier" in label for label in card.labels)


async def test_a_house_begins_with_what_goes_on_there(bureau: Bureau) -> None:
    ids = await saga(bureau, 3)
    await bureau.desk.print_("Saks opens a boutique", "saks-global", linked=True)
    ana = await bureau.reader(follows=("saks-global",))
    shown = await ask(ana, "/category saks-global")
    first, _, rest = shown.text.partition("Going on\n")
    assert "plan" not in first
    assert rest.startswith("Saks Global lenders weigh rescue plan number 2 · yesterday · 2 earlier")
    link = next(each for each in shown.links if each.startswith("https://t.me/"))
    assert "2 earlier" in (await start(ana, link.partition("=")[2])).labels
    for each in ids[:2]:
        await bureau.onnews.archive.amendments.hide(each, person_id=1, now=bureau.clock.now)
    assert "Going on" not in (await ask(ana, "/category saks-global")).text
