"""The first minute over HTTP: the first screen, the city that is offered, questions left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask, hurried, opened, press, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau, Clock

HOME = {
    "en": ("London", "Europe/London"),
    "it": ("Milano", "Europe/Rome"),
    "es": ("Madrid", "Europe/Madrid"),
    "fr": ("Paris", "Europe/Paris"),
    "zh": ("上海", "Asia/Shanghai"),
}


@pytest.fixture
async def anywhere(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bureau]:
    """The bot of an operator who has set no time zone, with an empty archive."""
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)
    async with opened(
        sqlite_url, clock, hurried(), set_up=lambda _: {"default_timezone": ""}
    ) as made:
        yield made
        assert made.town.violations == []


async def at_the_hour(person: Person) -> BotMessage:
    """From Start to the question for the hour."""
    await person.start()
    await person.tap("Choose for me", await person.next())
    return await person.until("What time")


async def at_the_city(person: Person) -> BotMessage:
    """From Start to the question for the city."""
    await at_the_hour(person)
    await person.tap("Keep 08:00")
    return await person.until("Which city?")


async def test_the_first_screen_has_the_eight_busiest_sections_and_nothing_that_is_empty(
    bureau: Bureau,
) -> None:
    for number, slug in enumerate(
        ("art", "beauty", "business", "events", "jewellery", "tourism", "yachts", "sport"), start=2
    ):
        for _ in range(number):
            await bureau.desk.print_(f"News of {slug}", slug, "china")
    ana = bureau.town.person("Ana")
    screen = await start(ana)
    assert screen.labels == [
        "Choose for me",
        *("Motor · 10", "Sport · 9", "Yachts · 8", "Tourism · 7"),
        *("Jewellery · 6", "Events · 5", "Business · 4", "Beauty · 3"),
        *("More sections", "Markets", "Houses", "Done"),
    ]
    assert len(screen.buttons) <= 8
    chosen = await press(ana, "Motor", screen)
    assert chosen.labels[1] == "✓ Motor · 10"
    assert [len(row) for row in chosen.buttons] == [len(row) for row in screen.buttons]
    await ana.tap("More sections")
    assert "Learning" in (await ana.until("Sections")).labels
    await ana.tap("Done")
    assert "You follow Motor." in (await ana.until("What time")).text


async def test_before_there_is_news_eight_sections_are_offered_without_numbers(
    anywhere: Bureau,
) -> None:
    ana = anywhere.town.person("Ana")
    screen = await start(ana)
    assert screen.labels[1:9] == [
        *("Style", "Motor", "Watches", "Jewellery"),
        *("Beauty", "Tourism", "Art", "Business"),
    ]
    assert "Numbers" not in screen.text


async def test_choose_for_me_adds_to_what_was_chosen_and_done_does_not(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await ana.start()
    await ana.tap("Watches", await ana.next())
    await ana.tap("Choose for me", await ana.next())
    assert "You follow Business, Motor, Style and Watches" in (await ana.until("What time")).text


async def test_pages_of_houses_are_turned_by_their_numbers(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "es")
    await ana.start()
    await ana.tap("Marcas", await ana.next())
    await ana.tap("A–C", await ana.next())
    page = await ana.next()
    assert "Siguiente" not in page.labels
    (turn,) = [label for label in page.labels if "/" in label]
    assert turn.startswith("A · 2/")
    assert "A · 1/" in " ".join((await press(ana, turn, page)).labels)


@pytest.mark.parametrize("language", HOME)
async def test_the_city_of_the_language_is_offered_first_and_taken_by_default(
    anywhere: Bureau, language: str
) -> None:
    city, zone = HOME[language]
    ana = anywhere.town.person("Ana", language)
    screen = await start(ana)
    await ana.tap("dc", screen)
    await ana.tap("jv:hour:480", await ana.next())
    asked = await ana.next()
    assert asked.labels[0] == city
    assert city in asked.labels[-1]
    assert (await anywhere.subscriber(ana)).zone == zone
    assert city in (await press(ana, asked.labels[-1], asked)).text
    assert (await anywhere.subscriber(ana)).zone == zone


async def test_the_operators_own_zone_wins_over_the_language(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "fr")
    await ana.start()
    await ana.tap("dc", await ana.next())
    await ana.tap("jv:hour:480", await ana.next())
    asked = await ana.next()
    assert asked.labels[0] == "Milan"
    assert (await bureau.subscriber(ana)).zone == "Europe/Rome"


async def test_an_edition_of_today_is_announced_with_its_hour(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_hour(ana)
    await ana.tap("18:00")
    await ana.tap("Keep Milan", await ana.until("Which city?"))
    assert "The next one comes today at 18:00." in (await ana.until("All set")).text


async def test_an_hour_typed_at_the_citys_step_is_an_hour(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_city(ana)
    await ana.send("07:30")
    again = await ana.until("Every day at 07:30")
    assert "Which city?" in again.text
    await ana.tap("Keep Milan", again)
    await ana.until("All set")
    known = await bureau.subscriber(ana)
    assert (known.digest_minute, known.zone) == (7 * 60 + 30, "Europe/Rome")


async def test_all_set_leads_on_where_the_city_was_typed_or_shared(bureau: Bureau) -> None:
    further = ["Layout", "Settings", "What is kept about you"]
    ana, bo = bureau.town.person("Ana"), bureau.town.person("Bo")
    await at_the_city(ana)
    await ana.send("Bogotá")
    assert (await ana.until("All set")).labels == further
    await at_the_city(bo)
    await bo.tap("Share my location")
    assert (await bo.until("Tap the button below")).reply_keyboard is not None
    await bo.share_location(35.68, 139.69)
    located = await bo.until("Your time zone is Tokyo")
    assert located.reply_keyboard == {"remove_keyboard": True}
    assert (await bo.until("All set")).labels == further


async def test_a_question_stays_open_while_its_reader_looks_elsewhere(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_hour(ana)
    await ana.send("/latest 2")
    await ana.until("The latest")
    await ana.send("what?")
    await ana.until("as a time")
    await ana.send("8")
    assert "Every day at 08:00" in (await ana.until("Which city?")).text
    await ana.send("/category")
    await ana.until("Sections")
    await ana.send("/help")
    await ana.until("/latest")
    await ana.send("Tokyo")
    assert "Tokyo time" in (await ana.until("All set")).text


async def test_a_greeting_in_the_middle_of_the_journey_goes_on_with_it(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_hour(ana)
    await ana.send("/latest 2")
    await ana.until("The latest")
    assert "What time should your edition arrive?" in (await ask(ana, "hello")).text


async def test_a_question_of_the_settings_is_answered_before_the_journeys(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_hour(ana)
    await ana.send("/settings")
    await ana.tap("Pause", await ana.until("Settings"))
    await ana.until("Pause for how long")
    await ana.send("next Monday")
    await ana.until("Settings")
    await ana.send("9")
    assert "Every day at 09:00" in (await ana.until("Which city?")).text


async def test_stop_ends_the_journey(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await at_the_hour(ana)
    await ana.send("/stop")
    await ana.until("Editions stopped")
    await ask(ana, "half past eight")
    assert (await bureau.subscriber(ana)).digest_minute == 8 * 60
