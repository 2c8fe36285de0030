"""What a reader sees of a story that is in another language than the bot's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau


@pytest.mark.parametrize(
    ("language", "marked", "own"),
    [
        ("en", "The Luxury Courier (German)", "en-GB"),
        ("it", "The Luxury Courier (tedesco)", "it"),
        ("es", "The Luxury Courier (alemán)", "es-MX"),
        ("fr", "The Luxury Courier (allemand)", "fr"),
        ("zh", "The Luxury Courier（德语）", "zh-Hant"),
    ],
)
async def test_a_story_in_another_language_says_which(
    bureau: Bureau, language: str, marked: str, own: str
) -> None:
    ana = await bureau.reader("Ana", language, follows=("gucci",))
    known = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(known.id, languages=frozenset())
    await bureau.desk.print_("Gucci, in the reader's own", "gucci", language=own)
    await bureau.desk.print_("Gucci baut in Florenz", "gucci", hours_ago=0.5, language="de")
    await ana.send("/latest 5 gucci")
    listed = await ana.next()
    assert listed.text.count(marked) == 1
    await ana.tap("1", listed)
    assert marked in (await ana.next()).text
    await ana.send("/digest")
    assert (await ana.next()).text.count(marked) == 1


async def test_a_language_stands_before_a_paywall(bureau: Bureau) -> None:
    await bureau.desk.print_("Gucci baut in Florenz", "gucci", language="de")
    await bureau.onnews.archive.sources.set_use(bureau.desk.source_id, paywall=True)
    for name, language, marked in (
        ("Ana", "en", "(German, paywall)"),
        ("Ada", "fr", "(allemand, pour abonnés)"),
        ("Lin", "zh", "（德语、付费）"),
    ):
        reader = await bureau.reader(name, language)
        known = await bureau.subscriber(reader)
        await bureau.onnews.archive.subscribers.change(known.id, languages=frozenset())
        await reader.send("/latest 5 gucci")
        assert marked in (await reader.next()).text
