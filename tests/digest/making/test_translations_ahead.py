"""Which stories the model is asked for before editions are due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.making.translations_ahead import TranslationsAhead
from storage.model import TITLES, Layout, Translation
from tests.digest.conftest import CATEGORIES, Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.model import Article

WANTS = frozenset({TITLES})


class Asked:
    """A model that records what it is asked, and may fail from some request on."""

    def __init__(self, paper: Paper) -> None:
        self.batches: list[tuple[str, list[str]]] = []
        self.left = 100
        self.ahead = TranslationsAhead(
            paper.translations,
            paper.deliveries,
            paper.articles,
            self.translate,
            categories=CATEGORIES,
            edition_size=12,
        )

    async def translate(
        self, articles: Sequence[Article], language: str
    ) -> Sequence[Translation] | None:
        self.batches.append((language, [each.title for each in articles]))
        self.left -= 1
        return [Translation(each.title.upper()) for each in articles] if self.left >= 0 else None


@pytest.fixture
def asked(paper: Paper) -> Asked:
    return Asked(paper)


async def test_nothing_is_asked_while_nobody_wants_it(paper: Paper, asked: Asked) -> None:
    await paper.article("Una vendita", "motor", language="it")
    await paper.reader(1, "motor")
    await asked.ahead.look(paper.time.now)
    assert asked.batches == []


async def test_what_editions_will_show_is_asked_once_for_all_readers_of_a_language(
    paper: Paper, asked: Asked
) -> None:
    await paper.article("Una vendita", "motor", language="it")
    await paper.article("A sale", "motor", language="en", source="Desk")
    await paper.article("Una mostra", "style", language="it", source="Quaderno")
    await paper.article("Un hôtel", "tourism", language="fr", source="Journal")
    for number in (1, 2):
        await paper.reader(number, "motor", translate=WANTS, layout=Layout.FRONT_PAGE)
    await paper.reader(3, "motor", "style", translate=WANTS)
    await paper.reader(4, "motor", language="it", translate=WANTS)
    await paper.reader(5, "tourism")
    await asked.ahead.look(paper.time.now)
    assert sorted(asked.batches) == [
        ("en", ["Una vendita", "Una mostra"]),
        ("it", ["A sale"]),
    ]
    await asked.ahead.look(paper.time.now)
    assert len(asked.batches) == 2


async def test_languages_that_a_reader_also_reads_are_not_asked_for(
    paper: Paper, asked: Asked
) -> None:
    await paper.article("Una vendita", "motor", language="it")
    await paper.article("Une vente", "motor", language="fr", source="Journal")
    await paper.reader(1, "motor", translate=WANTS, also_read=frozenset({"it"}))
    await asked.ahead.look(paper.time.now)
    assert asked.batches == [("en", ["Une vente"])]


async def test_a_source_that_forbids_it_is_not_asked_for(paper: Paper, asked: Asked) -> None:
    await paper.article("Una vendita", "motor", language="it")
    await paper.sources.set_use((await paper.source()).id, translate=False)
    await paper.reader(1, "motor", translate=WANTS)
    await asked.ahead.look(paper.time.now)
    assert asked.batches == []


async def test_a_model_that_fails_is_not_asked_on(paper: Paper, asked: Asked) -> None:
    for number in range(12):
        await paper.article(f"Storia {number}", "motor", language="it", source=f"Foglio {number}")
    await paper.reader(1, "motor", translate=WANTS)
    asked.left = 1
    await asked.ahead.look(paper.time.now)
    assert [len(titles) for _, titles in asked.batches] == [10, 2]
    asked.left = 1
    await asked.ahead.look(paper.time.now)
    assert [len(titles) for _, titles in asked.batches] == [10, 2, 2]


async def test_refused_stories_are_not_asked_for_again_but_corrected_ones_are(
    paper: Paper, asked: Asked
) -> None:
    story = await paper.article("Una vendita", "motor", language="it")
    await paper.translations.keep("en", {(story, 0): Translation(refused="a number")})
    await paper.translations.keep("en", {(story, 0): Translation("A sale")})
    await paper.reader(1, "motor", translate=WANTS)
    await asked.ahead.look(paper.time.now)
    assert asked.batches == []
    assert await paper.translations.of_article(story) == [
        ("en", 0, Translation(refused="a number"))
    ]
