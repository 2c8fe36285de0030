"""First editions over HTTP: of what was chosen, a week back; of nothing else in a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.taps.callback_data import Pick
from storage.model import Layout
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau

OTHERS = "That’s all for now from what you follow. Also in the news:"


async def motor_news(bureau: Bureau) -> None:
    """Print eight stories of Motor, four to six days old, and other news of today."""
    for number in range(1, 9):
        source = await bureau.desk.source(f"Paper {number}")
        await bureau.desk.print_(
            f"Of cars, number {number}", "motor", hours_ago=80 + 8 * number, source_id=source
        )
    for slug in ("business", "style", "eluxury", "yachts"):
        source = await bureau.desk.source(f"The {slug} paper")
        await bureau.desk.print_(f"Of {slug} today", slug, source_id=source)


async def first_edition(person: Person, slug: str, chat: Room | None = None) -> BotMessage:
    """From Start to the first edition of one category, by its name in the picker."""
    await person.send("/start", chat)
    screen = await person.next(chat)
    await person.tap(Pick(slug, on=True, journey=True).pack(), screen, chat=chat)
    await person.tap("Done", screen, chat=chat)
    await person.tap("Keep 08:00", await person.until("What time", chat), chat=chat)
    await person.tap("Keep Milan", await person.until("Which city?", chat), chat=chat)
    await person.until("All set", chat)
    return await person.next(chat)


def headlines(edition: BotMessage) -> set[str]:
    """The headlines of an edition, without their numbers."""
    lines = (line.partition("\u2002")[2] or line for line in edition.text.split("\n"))
    lines = (line.partition(" · and ")[0] for line in lines)
    return {line for line in lines if line.startswith(("Of ", "A new engine", "Bentley adds"))}


async def test_a_quiet_section_goes_a_week_back_before_anything_else(quiet: Bureau) -> None:
    await motor_news(quiet)
    ana = quiet.town.person("Ana")
    edition = await first_edition(ana, "motor")
    assert headlines(edition) == {f"Of cars, number {number}" for number in range(1, 9)}
    assert OTHERS not in edition.text


async def test_three_taps_bring_five_stories_of_what_was_chosen_from_a_day_of_news(
    quiet: Bureau,
) -> None:
    for number, slug in enumerate(("style", "motor", "business", "art") * 2):
        source = await quiet.desk.source(f"Paper {number}")
        await quiet.desk.print_(f"Of {slug}, number {number}", slug, source_id=source)
    ana = quiet.town.person("Ana")
    await ana.start()
    for label in ("Choose for me", "Keep 08:00", "Keep Milan"):
        await ana.tap(label, await ana.next())
    await ana.until("All set")
    edition = await ana.next()
    assert len(headlines(edition)) == 6
    assert "Of art" not in edition.text


async def test_first_editions_of_groups_and_topics_have_only_chosen_subjects(quiet: Bureau) -> None:
    await motor_news(quiet)
    chief = quiet.town.person("Chief")
    group = quiet.town.group("Desk", [chief], settled=True)
    edition = await first_edition(chief, "motor", group)
    assert headlines(edition) == {f"Of cars, number {number}" for number in range(1, 9)}


async def test_a_group_is_promised_no_edition_if_its_choice_has_no_news(quiet: Bureau) -> None:
    await motor_news(quiet)
    chief = quiet.town.person("Chief")
    group = quiet.town.group("Desk", [chief], settled=True)
    answer = await first_edition(chief, "art", group)
    (ready,) = [each for each in group.messages if "All set" in each.body.get("text", "")]
    assert "Here is the first edition" not in ready.body["text"]
    assert not headlines(answer)


async def test_a_first_edition_of_a_house_is_filled_from_its_section(quiet: Bureau) -> None:
    await motor_news(quiet)
    await quiet.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor", hours_ago=30)
    ana = quiet.town.person("Ana")
    edition = await first_edition(ana, "bentley")
    found = headlines(edition)
    assert "Bentley adds a wing to Mulliner" in found
    assert len(found) == 5
    assert all(each.startswith(("Bentley", "Of cars")) for each in found)
    assert "Motor" in edition.text
    assert OTHERS not in edition.text


async def test_a_private_first_edition_adds_at_most_three_unchosen_stories_below_a_line(
    quiet: Bureau,
) -> None:
    await motor_news(quiet)
    await quiet.desk.print_("Of watches, one", "watches")
    ana = quiet.town.person("Ana")
    edition = await first_edition(ana, "watches")
    above, _, below = edition.text.partition(OTHERS)
    assert "Of watches, one" in above
    assert "One story: Watches" in above
    assert below.count("Of ") == 3
    assert "Of " not in above.replace("Of watches, one", "")


async def test_the_stories_of_a_first_edition_are_the_same_when_it_is_opened_again(
    quiet: Bureau,
) -> None:
    await motor_news(quiet)
    await quiet.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor", hours_ago=30)
    ana = quiet.town.person("Ana")
    edition = await first_edition(ana, "bentley")
    await quiet.heard()
    await ana.send("/digest today")
    again = await ana.until("Mulliner")
    assert again.text == edition.text


async def test_a_first_edition_is_seen_as_a_front_page_and_back_in_the_very_message(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    edition = await first_edition(ana, "motor")
    await bureau.heard()
    assert edition.labels[-2:] == ["See it as a front page", "Change layout"]
    page = await press(ana, "See it as a front page", edition)
    assert (page.edited, page.id, bool(page.blocks)) == (True, edition.id, True)
    assert page.labels[-2:] == ["Back", "Always like this"]
    back = await press(ana, "Back", page)
    assert (back.edited, back.id, back.blocks) == (True, edition.id, [])
    assert (back.text, back.labels) == (edition.text, edition.labels)
    bureau.clock.pass_(minutes=1)
    page = await press(ana, "See it as a front page", back)
    answer = await ana.tap("Always like this", page)
    assert "will look like this from now on" in (answer.text or "")
    assert (await bureau.subscriber(ana)).layout == "front-page"


async def test_a_first_edition_that_is_no_longer_the_newest_leads_to_the_settings(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    edition = await first_edition(ana, "motor")
    await bureau.heard()
    bureau.clock.pass_(minutes=1)
    await bureau.desk.print_("A new tyre", "motor")
    await ana.send("/digest")
    newer = await ana.until("A new tyre")
    await bureau.heard()
    answer = await ana.tap("See it as a front page", edition)
    assert answer.text == "There is a newer edition. Change the layout in /settings."
    assert "See it as a front page" not in newer.labels


async def test_the_plain_edition_leads_back_to_a_front_page_that_could_not_be_seen(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    # One more than an edition has of one source: the page unfolds it.
    for number in range(4):
        await bureau.desk.print_(f"A motor show, day {number}", "motor")
    page = await ask(ana, "/digest")
    await bureau.heard()
    assert any(block["type"] == "details" for block in page.blocks)
    plain = await press(ana, "Can’t see it?", page)
    again = await press(ana, "Back", plain)
    assert (again.edited, again.id) == (True, page.id)
    # How many sources it was chosen from is said by the one that was sent alone.
    assert again.blocks[:-1] == page.blocks[:-1]
