from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage.model import NewSource, Show
from storage.sources.sources import Sources
from templates import Renderer
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from storage.db.database import Database


@pytest.mark.parametrize(
    ("setting", "in_private", "elsewhere"),
    [(Show.YES, True, True), (Show.PRIVATE, True, False), (Show.NO, False, False)],
)
def test_private_texts_are_shown_in_private_chats_only(
    setting: Show, *, in_private: bool, elsewhere: bool
) -> None:
    assert setting.within(private=True) is in_private
    assert setting.within(private=False) is elsewhere


async def test_a_source_stores_where_its_texts_and_pictures_may_be_shown(db: Database) -> None:
    sources = Sources(db)
    usual = await sources.add(NewSource("Usual", "https://usual.example/feed"), FIRST)
    assert (usual.full_text, usual.pictures, usual.paywall) == (Show.PRIVATE, Show.YES, None)
    strict = await sources.add(
        NewSource(
            "Strict",
            "https://strict.example/feed",
            full_text=Show.NO,
            pictures=Show.PRIVATE,
            paywall=True,
        ),
        FIRST,
    )
    assert (strict.full_text, strict.pictures, strict.paywall) == (Show.NO, Show.PRIVATE, True)
    await sources.set_use(strict.id, pictures=Show.NO)
    assert await sources.get(strict.id) == replace(strict, pictures=Show.NO)
    await sources.set_use(strict.id, full_text=Show.YES, paywall=False)
    assert await sources.get(strict.id) == replace(
        strict, pictures=Show.NO, full_text=Show.YES, paywall=False
    )
    await sources.set_use(strict.id)
    assert await sources.get(usual.id) == usual


async def test_an_article_carries_its_sources_permissions_and_paywall(archive: Archive) -> None:
    """A source's current permission applies to older articles; the page's paywall outranks it."""
    await archive.store(
        archive.article("Silent", image="https://e.example/1.jpg"),
        replace(archive.article("Free"), paywall=False),
        replace(archive.article("Closed"), paywall=True),
    )

    async def walls() -> dict[str, bool]:
        found = await archive.articles.recent(FIRST)
        return {each.title: each.paywall for each in found}

    assert await walls() == {"Silent": False, "Free": False, "Closed": True}
    await archive.sources.set_use(archive.source.id, paywall=True, pictures=Show.PRIVATE)
    assert await walls() == {"Silent": True, "Free": False, "Closed": True}
    (silent,) = [each for each in await archive.articles.recent(FIRST) if each.title == "Silent"]
    assert silent.picture_in(private=True) == "https://e.example/1.jpg"
    assert silent.picture_in(private=False) is None

    # By the name of its source it says so, before anybody taps.
    renderer = Renderer({})
    card = renderer.card(silent, language="en", private=False)
    assert "Daily (paywall)" in card.parts[0]
    assert card.preview is None
    assert "Daily (a pagamento)" in renderer.card(silent, language="it").parts[0]
    assert renderer.card(silent, language="en").preview is not None
    assert "(paywall)" in renderer.alert(silent, language="en").parts[0]
    # A later page without the mark does not remove it.
    await archive.store(archive.article("Closed", standfirst="More of it."))
    assert (await walls())["Closed"]
