from __future__ import annotations

from typing import TYPE_CHECKING

from digest.making.pictures_ahead import PicturesAhead
from storage.articles.pictures import Pictures
from storage.model import Layout, Show
from tests.digest.conftest import CATEGORIES, Paper

if TYPE_CHECKING:
    from collections.abc import Sequence


async def test_pictures_are_prepared_for_each_language_and_kind_of_chat(paper: Paper) -> None:
    asked: list[str] = []

    async def prepare(addresses: Sequence[str]) -> int:
        asked.extend(addresses)
        return len(addresses)

    ahead = PicturesAhead(
        Pictures(paper.db),
        paper.deliveries,
        paper.articles,
        prepare,
        categories=CATEGORIES,
        edition_size=12,
    )
    english = await paper.article("A sale", "motor", source="Desk", image="https://p.example/en")
    await paper.article(
        "Una vendita",
        "motor",
        source="Quaderno",
        language="it",
        event=english,
        image="https://p.example/it",
    )
    quiet = await paper.source("Quiet")
    await paper.sources.set_use(quiet.id, pictures=Show.PRIVATE)
    await paper.article("A mill", "style", source="Quiet", image="https://p.example/private")

    await paper.reader(1, "motor", layout=Layout.FRONT_PAGE)
    await paper.reader(-2, "style", layout=Layout.FRONT_PAGE)
    assert await ahead.look(paper.time.now) == 1
    assert asked == ["https://p.example/en"]

    asked.clear()
    for number in (3, 4):
        await paper.reader(number, "motor", layout=Layout.FRONT_PAGE, language="it")
    await paper.reader(5, "style", layout=Layout.FRONT_PAGE)
    await ahead.look(paper.time.now)
    assert asked[0] == "https://p.example/it"
    assert sorted(asked[1:]) == ["https://p.example/en", "https://p.example/private"]
