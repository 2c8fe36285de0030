"""Can't see it: a front page becomes a plain edition in place, and optionally for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.taps.callback_data import ChangeForm, KeepForm
from storage.model import Layout

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau


async def front_page(bureau: Bureau, ana: Person) -> BotMessage:
    """Send a reader a front page."""
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    await bureau.desk.print_("A motor show at the lake", "motor")
    await bureau.desk.print_("A bag like no other", "gucci", hours_ago=5)
    await bureau.desk.print_("A hill climb", "motor", hours_ago=6)
    for number in range(1, 3):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=9 - number)
    await ana.send("/digest")
    page = await ana.next()
    # Until the ledger knows it.
    await bureau.heard()
    return page


async def test_the_front_page_message_becomes_the_plain_edition(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    page = await front_page(bureau, ana)
    assert page.blocks
    assert page.labels == ["1", "2", "3", "4", "Why these", "More", "Can’t see it?"]
    await ana.tap("Can’t see it?", page)
    plain = await ana.next()
    assert (plain.edited, plain.id, plain.blocks) == (True, page.id, [])
    assert plain.text == (
        "A bag like no other · and 3 more stories\n"
        "ON News · Tuesday 24 November · one\u2011minute\u00a0read\n"
        "Good morning. Four stories: Gucci and Motor.\n\n"
        "GUCCI\n1\u2002What it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "Motor\n2\u2002A motor show at the lake\n"
        "What it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "3\u2002A hill climb\nWhat it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "4\u2002A rally, day 2\nWhat it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "More: Motor (1)"
    )
    assert plain.labels == ["1", "2", "3", "4", "Why these", "More", "Back", "Always like this"]
    assert (await bureau.subscriber(ana)).layout is Layout.FRONT_PAGE

    answer = await ana.tap("Always like this", plain)
    assert (
        answer.text
        == "Your editions will look like this from now on. Change the layout in /settings."
    )
    assert (await ana.next()).labels == ["1", "2", "3", "4", "Why these", "More", "Back"]
    assert (await bureau.subscriber(ana)).layout is Layout.SUMMARIES


async def test_a_first_front_page_offers_its_look_beside(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    await ana.start()
    await ana.next()
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    await ana.tap("Altre sezioni")
    await ana.until("Sezioni")
    await ana.tap("Yacht")
    await ana.tap("Fatto")
    await ana.tap("08:00")
    await ana.until("In quale città")
    await ana.tap("Milano")
    await ana.until("Tutto pronto")
    page = await ana.next()
    await bureau.heard()
    assert page.labels[-2:] == ["Non la vedi?", "Cambia impaginazione"]
    assert "Ancora nessuna novità tra ciò che segui." in str(page.blocks[2])
    await ana.tap("Non la vedi?", page)
    plain = await ana.next()
    assert "Ancora nessuna novità tra ciò che segui." in plain.text
    assert plain.labels[-1] == "Sempre così"


async def test_an_older_front_page_is_not_replaced_and_the_reader_learns_why(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    old = await front_page(bureau, ana)
    bureau.clock.pass_(minutes=1)
    await bureau.desk.print_("A new tyre", "motor")
    await ana.send("/digest")
    await ana.next()
    await bureau.heard()
    answer = await ana.tap("Can’t see it?", old)
    assert answer.text == "There is a newer edition. Use the button below it."
    assert not ana.unread()


async def test_a_tap_on_an_already_plain_edition_changes_nothing(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    page = await front_page(bureau, ana)
    await ana.tap("Can’t see it?", page)
    plain = await ana.next()
    bureau.clock.pass_(minutes=1)
    answer = await ana.tap(ChangeForm(0, front_page=False).pack(), plain)
    assert answer.text == "This is already the plain version."
    assert not ana.unread()
    await ana.tap("Always like this", plain)
    await ana.next()
    bureau.clock.pass_(minutes=1)
    await ana.tap(KeepForm(front_page=False).pack(), plain)
    assert (await bureau.subscriber(ana)).layout is Layout.SUMMARIES


async def test_only_administrators_make_a_groups_front_page_plain(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group: Room = bureau.town.group("Fashion desk", [chief, member], settled=True)
    group.add_bot(chief, admin=True)
    await chief.send(f"/settings@{bureau.town.world.bot.username}", group)
    await chief.next(group)
    whose = await bureau.subscriber(group)
    subscribers = bureau.onnews.archive.subscribers
    await subscribers.follow(whose.id, "motor")
    await subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    await chief.send(f"/digest@{bureau.town.world.bot.username}", group)
    page = await chief.next(group)
    await bureau.heard()
    assert "Can’t see it?" in page.labels
    refused = await member.tap("Can’t see it?", page)
    assert refused.text == "Only administrators can change this."
    assert refused.alert
    await chief.tap("Can’t see it?", page)
    plain = await chief.next(group)
    assert (plain.edited, plain.id) == (True, page.id)
    await chief.tap("Always like this", plain)
    await chief.next(group)
    assert (await bureau.subscriber(group)).layout is Layout.SUMMARIES
