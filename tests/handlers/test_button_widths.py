"""No button of the picker is cut off on a phone: a budget of cells by buttons in a row."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from handlers.callback_data import Tab
from handlers.keyboards import CELLS_IN_A_ROW_OF, cells
from handlers.picker_pages import PER_PAGE, View, houses_by_letter
from news.filing.taxonomy import load
from storage.model import Taste
from templates import Renderer
from templates.languages import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telegram import InlineKeyboardMarkup

    from handlers.context import Context
    from storage.model import Subscriber

TAXONOMY = load()


def view(language: str, taste: Taste, *, journey: bool) -> View:
    """The picker of a reader, in a week in which everything had news."""
    renderer = Renderer(TAXONOMY.categories)
    context = SimpleNamespace(
        services=SimpleNamespace(taxonomy=TAXONOMY),
        label=lambda key, _, **values: renderer.label(key, language, **values),
        category=lambda slug, _: renderer.category(slug, language),
    )
    subscriber = SimpleNamespace(taste=taste, language=language)
    counts = dict.fromkeys(TAXONOMY.categories, 99)
    reader = cast("Subscriber", cast("Any", subscriber))
    return View(cast("Context", cast("Any", context)), reader, counts, journey=journey)


def keyboards(shown: View) -> Iterator[InlineKeyboardMarkup]:
    """Every page of every tab."""
    for tab in Tab:
        for page in range(shown.last_page(tab) + 1):
            yield shown.page(tab, page)
    for letter, slugs in houses_by_letter(TAXONOMY).items():
        for page in range(-(-len(slugs) // PER_PAGE)):
            yield shown.letter(letter, page)
    yield shown.offers(["louis-vuitton", "gucci"])


@pytest.mark.parametrize("language", languages())
def test_no_button_of_the_picker_is_wider_than_its_row_allows(language: str) -> None:
    longest = sorted(TAXONOMY.categories.values(), key=lambda each: -len(each.name))
    followed = Taste(follows=frozenset(each.slug for each in longest[:99]))
    off = Taste(muted_categories=frozenset(TAXONOMY.categories))
    for taste in (Taste(), followed, off):
        for keyboard in keyboards(view(language, taste, journey=True)):
            for row in keyboard.inline_keyboard:
                for each in row:
                    assert cells(each.text) <= CELLS_IN_A_ROW_OF[len(row)], each.text


def test_chinese_letters_and_emoji_are_two_cells_and_accents_none() -> None:
    assert [cells(text) for text in ("Gucci", "古驰", "Herme\u0300s", "🔔")] == [5, 4, 6, 2]
