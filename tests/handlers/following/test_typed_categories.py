"""Every category can be typed by its displayed name, in each language, with typing errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from news.filing import taxonomy
from news.filing.tokenising.folding import has_cjk, key
from news.text.letters import without_accents
from storage.model import Kind
from templates import Renderer
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = languages()
KNOWN = taxonomy.load()
LEAST = 4
"""The fewest letters of a word in which a typing error is forgiven.

An error in a shorter word makes another word.
"""


def spellings(name: str) -> set[str]:
    """Yield the ways in which people type a name."""
    bare = without_accents(name)
    return {name, name.upper(), name.lower(), bare, name.replace("-", " "), bare.replace(" ", "-")}


def slips(name: str) -> Iterator[str]:
    """Yield the name with its second, middle or last letter missing, doubled or swapped."""
    if has_cjk(name):
        yield from (name[:n] + name[n + 1 :] for n in range(1, len(name)) if len(name) > LEAST)
        return
    for n in {1, len(name) // 2, len(name) - 1}:
        yield name[:n] + name[n + 1 :]
        yield name[:n] + name[n] + name[n:]
        yield name[:n] + name[n + 1 : n + 2] + name[n] + name[n + 2 :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_is_found_by_the_name_that_its_reader_sees(language: str) -> None:
    renderer = Renderer(KNOWN.categories, username="OnNewsBot")
    lost = []
    for slug, category in KNOWN.categories.items():
        shown = renderer.category(slug, language)
        for typed in spellings(shown):
            found = KNOWN.find(typed)
            # A house and its group may have one name: the house is meant.
            if found is None or slug not in {found.slug, found.group}:
                lost.append((slug, category.kind.value, typed, found and found.slug))
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_misspelt_section_or_market_is_recognised(language: str) -> None:
    renderer = Renderer(KNOWN.categories, username="OnNewsBot")
    lost = []
    for kind in (Kind.SECTION, Kind.MARKET):
        for category in KNOWN.by_kind(kind):
            for typed in slips(renderer.category(category.slug, language)):
                named = KNOWN.find(typed)
                offered = [named] if named is not None else KNOWN.suggest(typed)
                if len(typed) >= LEAST and category not in offered:
                    lost.append((category.slug, typed))
    assert lost == []


def test_a_misspelt_house_is_recognised() -> None:
    lost = []
    for number, house in enumerate(KNOWN.by_kind(Kind.HOUSE)):
        every = list(slips(house.name))
        typed = every[number % len(every)]
        # A letter less makes another house of some: citizenM and Citizen.
        if len(key(typed)) < LEAST or KNOWN.find(typed) is not None:
            continue
        if house not in KNOWN.suggest(typed):
            lost.append((house.slug, typed))
    assert lost == []


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        *(("yate", "yachts"), ("yates", "yachts"), ("barche", "yachts"), ("bateaux", "yachts")),
        *(("reloj", "watches"), ("orologio", "watches"), ("montre", "watches")),
        *(("数字奢侈品", "eluxury"), ("线上奢侈品", "eluxury"), ("lusso digitale", "eluxury")),
        *(("学习", "learning"), ("教育", "learning"), ("cours", "learning"), ("corsi", "learning")),
        *(("古驰", "gucci"), ("爱马仕", "hermes"), ("hermes", "hermes"), ("开云", "kering")),
        *(("etats unis", "united-states"), ("oriente próximo", "middle-east"), ("名表", "watches")),
    ],
)  # fmt: skip
def test_other_everyday_words_for_a_category_find_it(typed: str, slug: str) -> None:
    found = KNOWN.find(typed)
    assert found is not None
    assert found.slug == slug
