"""Days without news, such as a bot's first: no text promises any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau

NUMBERS = "Numbers show this week’s stories."


async def houses(person: Person) -> str:
    """Return what a newcomer's picker says above the houses."""
    await person.start()
    await person.next()
    await person.tap("Houses")
    return (await person.next()).text


async def leaves_all_as_it_is(person: Person, chat: Room | None = None) -> BotMessage:
    """Finish the journey without choosing anything."""
    for label in ("Choose for me", "Keep 08:00", "Keep Milan"):
        await person.tap(label, chat=chat)
    return await person.until("All set", chat)


async def test_an_empty_archive_promises_no_edition_houses_or_numbers(
    bureau: Bureau,
) -> None:
    bureau.clock.pass_(days=30)
    ana = bureau.town.person("Ana")
    shown = await houses(ana)
    assert shown.startswith("Houses\nTap to follow")
    assert NUMBERS not in shown
    assert "Here is your first edition" not in (await leaves_all_as_it_is(ana)).text
    assert (await ana.next()).text.startswith("The latest from what you follow")

    # The week's counts are refreshed after a while.
    bureau.clock.pass_(hours=1)
    await bureau.desk.print_("Gucci opens a garden", "style", "gucci")
    leo = bureau.town.person("Leo")
    shown = await houses(leo)
    assert shown.startswith("Houses in the news this week")
    assert NUMBERS in shown
    assert "Here is your first edition" in (await leaves_all_as_it_is(leo)).text
    assert "Gucci opens a garden" in (await leo.next()).text


async def test_privacy_in_a_group_describes_the_groups_data(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Desk", [ana])
    await ana.until("I’m ON News", group)
    await ana.tap("Set up", chat=group)
    assert "What is kept about this chat" in (await leaves_all_as_it_is(ana, group)).labels
