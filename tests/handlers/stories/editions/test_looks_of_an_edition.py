"""An edition as it arrives, in each layout and language: every story is named, a section once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from storage.model import Layout

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

LANGUAGES = [("en", "Style"), ("it", "Stile"), ("es", "Estilo"), ("fr", "Mode"), ("zh", "时尚")]
TITLES = ("Prada buys Versace", "Loewe names a designer", "Hermès opens in Milan")


@pytest.mark.parametrize(("language", "name"), LANGUAGES)
async def test_each_headline_has_its_number_and_a_front_page_names_a_section_once(
    bureau: Bureau, language: str, name: str
) -> None:
    ana = await bureau.reader("Ana", language, follows=("style",))
    own, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    for title in TITLES:
        await bureau.desk.print_(title, "style")
    await subscribers.change(own, layout=Layout.HEADLINES)
    await ana.send("/digest")
    lines = (await ana.next()).text.splitlines()
    numbered = {line[:1]: line for line in lines if line[1:2] == "\u2002"}
    assert sorted(numbered) == ["1", "2", "3"]
    assert {title for title in TITLES for line in numbered.values() if title in line} == {*TITLES}
    assert numbered["1"].split("\u2002")[1].split(" —")[0] in lines[0]
    assert lines.count(name) == 1

    await subscribers.change(own, layout=Layout.FRONT_PAGE)
    for title in TITLES:
        await bureau.desk.print_(f"{title} again", "style")
    bureau.clock.pass_(minutes=5)
    await ana.send("/digest")
    page = (await ana.next()).record.body["rich_message"]["blocks"]
    named = [
        block
        for block in page
        if name.casefold() in json.dumps(block, ensure_ascii=False).casefold()
    ]
    # The greeting names it, and then one heading.
    assert [block["type"] for block in named] == ["paragraph", "heading"]


async def test_a_groups_list_of_headlines_has_the_leads_too(bureau: Bureau) -> None:
    ana = await bureau.reader()
    room = bureau.town.group("Club", [ana], settled=True)
    await ana.send("/latest@OnNewsBot 1", room)
    await ana.next(room)
    group, subscribers = (await bureau.subscriber(room)).id, bureau.onnews.archive.subscribers
    await subscribers.follow(group, "style")
    await subscribers.change(group, layout=Layout.HEADLINES)
    for title in TITLES:
        await bureau.desk.print_(title, "style")
    await ana.send("/digest@OnNewsBot", room)
    text = (await ana.next(room)).text
    headline = text.split(" · ")[0]
    assert f"\n1\u2002{headline} —\u00a0The Luxury Courier\n" in text
