"""What a reader muted and then asks for: it is shown, with a line that says it is muted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.model import Level

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

CARS = ("A coachbuilt Phantom", "A Spectre for the desert", "A new hall at Goodwood")


async def print_cars(bureau: Bureau) -> None:
    for number, title in enumerate(CARS):
        await bureau.desk.print_(title, "rolls-royce", "motor", hours_ago=number + 1)


@pytest.mark.parametrize(
    ("language", "mute", "question", "line"),
    [
        ("en", "no more cars", "latest about rolls royce", "Muted in your editions: Motor"),
        ("it", "basta auto", "novità su rolls royce", "Fuori dalle tue edizioni: Motori"),
        ("es", "no más coches", "noticias de rolls royce", "Fuera de tus ediciones: Motor"),
        (
            "fr",
            "je ne veux plus de voitures",
            "actualités rolls royce",
            "Masqué dans vos éditions\u202f: Automobile",
        ),
        ("zh", "不要汽车", "劳斯莱斯的新闻", "您的简报已屏蔽：汽车"),
    ],
)
async def test_a_house_asked_for_is_shown_though_its_section_is_muted(
    bureau: Bureau, language: str, mute: str, question: str, line: str
) -> None:
    await print_cars(bureau)
    ana = await bureau.reader("Ana", language, follows=("style",))
    await ana.send(mute)
    await ana.next()
    assert "motor" in (await bureau.subscriber(ana)).taste.muted_categories
    for asked in (question, "/latest 5 rolls royce", "rolls royce"):
        await ana.send(asked)
        answer = await ana.next()
        assert all(title in answer.text for title in CARS), (asked, answer.text)
        assert answer.text.splitlines()[-1] == line, asked
    # The mute itself stays.
    await ana.send("/latest 20")
    assert "Phantom" not in (await ana.next()).text


async def test_a_search_says_which_of_its_words_categories_and_sources_are_muted(
    bureau: Bureau,
) -> None:
    await print_cars(bureau)
    ana = await bureau.reader(follows=("style",))
    reader, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    await subscribers.mute_word(reader, "spectre")
    await ana.send("/search spectre desert")
    assert (await ana.next()).text.endswith("Muted in your editions: “spectre”")
    await subscribers.set_level(reader, "rolls-royce", Level.OFF)
    await subscribers.set_level(reader, bureau.desk.source_id, Level.OFF)
    await ana.send("/search spectre desert")
    line = "Muted in your editions: Rolls-Royce, The Luxury Courier and “spectre”"
    assert (await ana.next()).text.endswith(line)
    await ana.send("/search goodwood")
    assert "spectre" not in (await ana.next()).text.splitlines()[-1]


async def test_a_section_asked_for_leaves_out_its_muted_house(bureau: Bureau) -> None:
    await print_cars(bureau)
    ana = await bureau.reader(follows=("style",))
    reader = (await bureau.subscriber(ana)).id
    await bureau.onnews.archive.subscribers.set_level(reader, "rolls-royce", Level.OFF)
    await ana.send("/latest 5 motor")
    answer = await ana.next()
    assert "A new engine, number 9" in answer.text
    assert "Phantom" not in answer.text
    assert "Muted" not in answer.text


async def test_a_group_hears_that_its_editions_leave_out_what_was_asked_for(
    bureau: Bureau,
) -> None:
    await print_cars(bureau)
    ana = await bureau.reader()
    room = bureau.town.group("Desk", [ana], settled=True)
    await ana.send("/latest@OnNewsBot 1", room)
    await ana.next(room)
    await bureau.onnews.archive.subscribers.set_level(
        (await bureau.subscriber(room)).id, "motor", Level.OFF
    )
    await ana.send("/latest@OnNewsBot 5 rolls royce", room)
    answer = await ana.next(room)
    assert CARS[0] in answer.text
    assert answer.text.endswith("Muted in this chat’s editions: Motor")
