"""The buttons under an edition: its stories, and the ones it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from handlers.taps.callback_data import LeftOut
from storage.model import State
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    import pytest

    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau


async def asked_for(bureau: Bureau, ana: Person) -> BotMessage:
    """Ask for an edition and wait until the ledger has recorded it as sent."""
    await ana.send("/digest")
    edition = await ana.next()
    await bureau.heard()
    return edition


async def test_numbers_open_cards_and_a_single_story_is_opened_by_name(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A motor show at the lake", "motor")
    edition = await asked_for(bureau, ana)
    assert edition.labels == ["Open the story", "Why this one"]
    await ana.tap("Open the story", edition)
    card = await ana.next()
    assert "A motor show at the lake" in card.text
    assert not card.edited

    await bureau.desk.print_("A hill climb", "motor")
    await bureau.desk.print_("A new tyre", "motor")
    bureau.clock.pass_(minutes=1)
    edition = await asked_for(bureau, ana)
    assert edition.labels == ["1", "2", "Why these"]
    await ana.tap("2", edition)
    assert "A new tyre" in (await ana.next()).text


async def test_an_edition_asked_for_where_the_bot_may_not_write_is_no_error(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], supergroup=True, settled=True)
    await ana.send("/latest", group)
    await ana.next(group)
    subscriber = await bureau.subscriber(group)
    await bureau.onnews.archive.subscribers.follow(subscriber.id, "motor")
    group.restrict_bot(ana)
    await ana.send("/digest", group)
    await bureau.heard()
    assert (await bureau.subscriber(group)).state is State.GONE
    assert "was not answered" not in caplog.text
    assert "could not send the reader" not in caplog.text


async def test_the_list_of_left_out_stories_turns_pages(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for number in range(1, 21):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=24 - number)
    await ana.tap("More", await asked_for(bureau, ana))
    more = await ana.next()
    assert more.labels == [*map(str, range(1, 13)), "Next"]
    await ana.tap("Next", more)
    on = await ana.next()
    assert on.edited
    assert on.labels == [*map(str, range(13, 18)), "Previous"]
    assert "13\u2002A rally, day 5" in on.text
    # Under the edition that is shown once more there is the same.
    await ana.send("/digest today")
    again = await ana.next()
    assert again.labels[-2:] == ["Why these", "More"]
    await ana.tap("More", again)
    below = await ana.next()
    assert not below.edited
    assert (below.text, below.labels) == (more.text, more.labels)


async def test_a_reader_cannot_page_another_readers_edition(bureau: Bureau) -> None:
    ana, bruno = await bureau.reader(), await bureau.reader("Bruno")
    for number in range(1, 6):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    theirs = await asked_for(bureau, bruno)
    subscriber = await bureau.subscriber(ana)
    row = await bureau.onnews.archive.deliveries.sent_as(subscriber.id, edition.id)
    assert row is not None
    tapped = await bruno.tap(LeftOut(row.id, 0).pack(), theirs)
    assert tapped.text == "This button no longer works. Please ask again."


async def test_more_of_a_deleted_edition_gets_a_friendly_answer(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    for number in range(1, 6):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(delete(deliveries))
    tapped = await ana.tap("More", edition)
    assert tapped.text == "This button no longer works. Please ask again."


async def test_more_lists_the_stories_its_own_edition_left_out(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "watches"))
    for number in range(1, 8):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    # Three stories are the most from one source.
    assert edition.text.endswith("More: Motor (4)")
    assert edition.labels == ["1", "2", "3", "Why these", "More"]
    shown = set(edition.links)

    await bureau.desk.print_("A rally, the end", "motor")
    await ana.tap("More", edition)
    more = await ana.next()
    assert more.text.startswith("More from Tuesday 24 November\n\nMotor\n1\u2002A rally, day 4")
    assert "the end" not in more.text
    assert shown.isdisjoint(more.links)
    assert len(more.links) == 4
    assert more.labels == ["1", "2", "3", "4"]
    await ana.tap("1", more)
    assert "A rally, day 4" in (await ana.next()).text
