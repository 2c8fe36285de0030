"""Editions with translated headlines, and their copies after a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.model import STANDFIRSTS, TITLES, ChatKind, Layout, Translation
from tests.digest.correcting.conftest import shown
from tests.plugins.archive import there

if TYPE_CHECKING:
    from playground.people.seen import Message
    from storage.readers.subscribers import Changes
    from tests.digest.correcting.conftest import Desk

PRADA, IN_ENGLISH = "Prada compra Versace per un miliardo", "Prada buys Versace for a billion"
GUCCI, GUCCI_IN_ENGLISH = "Gucci apre un museo a Firenze", "Gucci opens a museum in Florence"
BELOW, BELOW_IN_ENGLISH = "Nasce un gruppo italiano.", "An Italian group is born."
BOTH: Changes = {"translate": frozenset({TITLES, STANDFIRSTS})}
ONLY_TITLES: Changes = {"translate": frozenset({TITLES})}


async def two_translated(desk: Desk) -> tuple[int, int]:
    """Store two Italian stories with translations, and an English one."""
    prada = await desk.article(PRADA, standfirst=BELOW, language="it")
    gucci = await desk.article(GUCCI, language="it", source="Il Foglio")
    await desk.article("Ferrari raises its forecast", language="en", source="Newsstand")
    await desk.translations.keep(
        "en",
        {
            (prada, 0): Translation(IN_ENGLISH, BELOW_IN_ENGLISH),
            (gucci, 0): Translation(GUCCI_IN_ENGLISH),
        },
    )
    return prada, gucci


def last(who: object) -> Message:
    message: Message = who.chat.messages[-1]  # type: ignore[attr-defined]  # a person or a room
    return message


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_foreign_headline_comes_in_the_readers_language_and_says_so(
    desk: Desk, layout: Layout
) -> None:
    ana = await desk.person("Ana", layout, translate=BOTH["translate"])
    await two_translated(desk)
    await desk.morning()
    text = shown(last(ana))
    assert IN_ENGLISH in text
    assert PRADA not in text
    assert GUCCI_IN_ENGLISH in text
    assert "from Italian" in text
    assert (BELOW_IN_ENGLISH in text) == (layout is not Layout.HEADLINES)
    assert desk.town.violations == []


async def test_who_wants_no_translation_gets_none(desk: Desk) -> None:
    off = await desk.person("Off")
    reads = await desk.person("Reads", **BOTH, also_read=frozenset({"it"}))
    titles = await desk.person("Titles", **ONLY_TITLES)
    await two_translated(desk)
    await desk.morning()
    for who in (off, reads):
        assert PRADA in shown(last(who))
        assert "(Italian)" in shown(last(who))
        assert "from Italian" not in shown(last(who))
    assert IN_ENGLISH in shown(last(titles))
    assert BELOW in shown(last(titles))


async def test_a_refused_translation_and_one_of_former_words_are_not_shown(desk: Desk) -> None:
    ana = await desk.person("Ana", **BOTH)
    prada = await desk.article(PRADA, language="it")
    gucci = await desk.article(GUCCI, language="it", source="Il Foglio")
    await desk.translations.keep(
        "en",
        {
            (prada, 0): Translation(refused="a number"),
            (gucci, 0): Translation(GUCCI_IN_ENGLISH),
        },
    )
    await desk.source_says(gucci, "Gucci apre due musei a Firenze")
    await desk.morning()
    text = shown(last(ana))
    assert PRADA in text
    assert "Gucci apre due musei a Firenze" in text
    assert "from Italian" not in text


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_corrected_story_is_shown_by_its_own_words_and_the_others_stay_translated(
    desk: Desk, layout: Layout
) -> None:
    ana = await desk.person("Ana", layout, translate=BOTH["translate"])
    plain = await desk.person("Plain", layout)
    prada, _ = await two_translated(desk)
    await desk.morning()
    before = shown(last(ana)), shown(last(plain))

    amended = await desk.amend(prada, "Prada compra Versace per due miliardi")
    await desk.correct()
    text = shown(last(ana))
    assert "Prada compra Versace per due miliardi" in text
    assert IN_ENGLISH not in text
    assert GUCCI_IN_ENGLISH in text
    assert GUCCI in shown(last(plain))

    await desk.take_back(there(amended.act))
    await desk.correct()
    assert (shown(last(ana)), shown(last(plain))) == before


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_withdrawn_story_is_struck_out_in_translated_copies(
    desk: Desk, layout: Layout
) -> None:
    ana = await desk.person("Ana", layout, translate=BOTH["translate"])
    prada, _ = await two_translated(desk)
    await desk.morning()
    before = shown(last(ana))
    amended = await desk.withdraw(prada)
    await desk.correct()
    text = shown(last(ana))
    assert "Withdrawn: No deal was signed." in text
    assert IN_ENGLISH not in text
    assert GUCCI_IN_ENGLISH in text
    await desk.take_back(there(amended.act))
    await desk.correct()
    assert shown(last(ana)) == before


async def test_a_group_and_a_channel_get_translations_and_their_corrections(desk: Desk) -> None:
    ana = desk.town.person("Ana", "en")
    group = desk.town.group("Editors", [ana])
    channel = desk.town.channel("Luxury", [ana])
    await desk.reader(group.id, kind=ChatKind.GROUP, **BOTH)
    await desk.reader(channel.id, kind=ChatKind.CHANNEL, **BOTH)
    prada, _ = await two_translated(desk)
    await desk.morning()
    for room in (group, channel):
        assert IN_ENGLISH in shown(room.messages[-1])
    await desk.amend(prada, "Prada compra Versace per due miliardi")
    await desk.correct()
    for room in (group, channel):
        assert IN_ENGLISH not in shown(room.messages[-1])
        assert GUCCI_IN_ENGLISH in shown(room.messages[-1])


async def test_readers_who_get_the_same_share_one_message(desk: Desk) -> None:
    for name in ("Ana", "Bob"):
        await desk.person(name, **BOTH)
    await desk.person("Off")
    await two_translated(desk)
    await desk.morning()
    first, second, off = await desk.prints()
    assert first == second != off
