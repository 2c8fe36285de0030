"""A reader's whole journey in every language with a catalogue, by button data alone."""

from __future__ import annotations

import json
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, cells
from handlers.taps.callback_codec import base36
from handlers.taps.callback_data import (
    ExportAll,
    Forget,
    JourneyValue,
    OpenCard,
    OpenSheet,
    Pick,
    Picked,
    SetValue,
    Sheet,
    WhyThese,
)
from playground.people.seen import Message
from templates import catalogue
from templates.language.category_names import CATEGORY_CONTEXT
from templates.language.languages import languages, translations
from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.taps.callback_codec import Tap
    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau

SAME = Path(__file__).parents[2] / "templates/same_as_english.toml"
OWN = {
    "en": frozenset({"en"}),
    "it": frozenset({"en", "it"}),
    "es": frozenset({"en", "es"}),
    "fr": frozenset({"en", "fr"}),
    "zh": frozenset({"en", "zh"}),
}
WORDY = 12
"""The fewest letters of a text with values that distinguish it from others."""


def data_of(message: Message, kind: type[Tap], number: int = 0) -> str:
    """Return the data of the first button of a kind, or of a later one."""
    found = [b.data for row in message.buttons for b in row if b.data and kind.matches(b.data)]
    assert len(found) > number, f"{message.text}\n{message.labels}"
    return found[number]


async def tapped(person: Person, message: Message, kind: type[Tap]) -> BotMessage:
    """Tap the first button of a kind, and return the result."""
    return await press(person, data_of(message, kind), message)


@lru_cache
def english() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return all English texts of the bot, and patterns of those with values."""
    texts: set[str] = set()
    for message in catalogue.extract():
        forms = [message.id] if isinstance(message.id, str) else [*message.id]
        texts.update(re.sub(r"<[^>]+>", "", form) for form in forms if form)
    plain = frozenset(each for each in texts if "%(" not in each)
    valued = [
        ".+?".join(map(re.escape, re.split(r"%\(\w+\)s", each)))
        for each in sorted(texts - plain)
        if len(re.sub(r"%\(\w+\)s|\W", "", each)) >= WORDY
    ]
    return plain, re.compile("|".join(valued))


def shown_to(person: Person) -> Iterator[str]:
    """Return all lines and buttons that a person was shown."""
    for _, record, body in person.chat.raw.log:
        message = Message(record, body)
        yield from filter(None, map(str.strip, message.text.split("\n")))
        yield from filter(None, map(str.strip, body.get("caption", "").split("\n")))
        yield from (label.removeprefix("✓ ").strip() for label in message.labels)


def too_wide(person: Person) -> set[str]:
    """Return the buttons that a phone would cut off."""
    return {
        button.text
        for _, record, body in person.chat.raw.log
        for row in Message(record, body).buttons
        for button in row
        if cells(button.text) > CELLS_IN_A_ROW_OF[len(row)]
    }


@pytest.mark.parametrize("language", languages())
async def test_the_whole_journey_works_in_each_language(bureau: Bureau, language: str) -> None:
    for number in range(6):
        await bureau.desk.print_(f"東京の時計 {number}", "china", language="ja", hours_ago=2)
    ana = bureau.town.person("Ana", language.replace("_", "-"))
    answers: list[str] = []

    picker = await start(ana)
    motor = Pick("motor", on=True, journey=True).pack()
    answers.append((await ana.tap(motor, picker)).text or "")
    picker = await ana.next()
    subscriber = await bureau.subscriber(ana)
    assert subscriber.language == language
    assert subscriber.taste.follows == {"motor"}
    assert subscriber.taste.languages == OWN.get(language, {"en", language})
    await bureau.onnews.archive.subscribers.follow(subscriber.id, "china")

    hours = await tapped(ana, picker, Picked)
    cities = await tapped(ana, hours, JourneyValue)
    await tapped(ana, cities, JourneyValue)
    edition = await ana.next()
    assert "https://news.example/10" in edition.links
    await tapped(ana, edition, WhyThese)

    # Most news of China is in Japanese, which no default includes; the edition offers it.
    assert data_of(edition, OpenSheet) == OpenSheet(Sheet.LAYOUT, below=True).pack()
    offered = data_of(edition, OpenSheet, 1)
    assert offered == OpenSheet(Sheet.ARTICLES, below=True).pack()
    sheet = await press(ana, offered, edition)
    await press(ana, SetValue("articles", "+ja").pack(), sheet)
    assert "ja" in (await bureau.subscriber(ana)).taste.languages

    card = await tapped(ana, edition, OpenCard)
    opened = data_of(edition, OpenCard)
    article = OpenCard.unpack(opened).article
    friend = bureau.town.person("Bo", language.replace("_", "-"))
    chat = bureau.town.direct(ana, friend)
    (result,) = await ana.inline(f"#{base36(article)}", chat)
    passed = await ana.choose(result, chat)
    (link,) = [link for link in passed.links if "?start=" in link]
    await friend.open(link)
    landing = await friend.next()
    assert {*card.links} & {*landing.links}, "the friend sees the story"

    main = await ask(ana, "/settings")
    sheets = [b.data for row in main.buttons for b in row if b.data and OpenSheet.matches(b.data)]
    assert len(sheets) == 10
    for sheet_data in sheets:
        await press(ana, sheet_data, main)
        await press(ana, OpenSheet(Sheet.MAIN).pack(), main)
    layouts = await press(ana, OpenSheet(Sheet.LAYOUT).pack(), main)
    for layout in (b.data for row in layouts.buttons for b in row):
        if layout and layout.startswith("set:layout:"):
            await ana.tap(layout, main)
            await bureau.heard()

    await ana.send("/privacy")
    privacy = await ana.until("/forget")
    await ana.tap(data_of(privacy, ExportAll), privacy)
    made, page = await ana.next(), await ana.next()
    kept = bureau.town.world.files[made.body["document"]["file_id"]].data
    assert json.loads(kept)["chat_id"] == ana.id
    assert page.body["document"]["file_name"] == "on-news.html"
    shown = bureau.town.world.files[page.body["document"]["file_id"]].data.decode()
    exported = {line.strip() for line in re.sub(r"<[^>]+>", "\n", shown).split("\n")}
    assert translations(language).pgettext(CATEGORY_CONTEXT, "Motor") in exported

    asked = await ask(ana, "/forget")
    await tapped(ana, asked, Forget)
    assert await bureau.onnews.archive.subscribers.find(ana.id) is None

    for person in (ana, friend):
        assert too_wide(person) == set()
    if language == "en":
        return
    plain, valued = english()
    with SAME.open("rb") as file:
        same = set(tomllib.load(file).get(language, ()))
    lines = {*answers, *shown_to(ana), *shown_to(friend), *exported}
    assert len(lines) > 100
    assert sorted(lines & (plain - same)) == []
    assert sorted(line for line in lines if valued.fullmatch(line)) == []
