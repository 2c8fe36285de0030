"""No button is cut off on a phone: each row has a budget of character cells."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from telegram import InlineKeyboardButton

from bot.samples import Sample
from handlers.buttons.follow_buttons import category_rows
from handlers.buttons.keyboards import (
    CELLS_IN_A_ROW_OF,
    CHOSEN,
    cells,
    edition_keyboard,
    ordered_rows,
)
from handlers.buttons.pages import Pages
from handlers.following.category_pages import PER_PAGE, houses_by_letter
from handlers.following.picker import View
from handlers.settings import settings
from handlers.taps.callback_data import OpenManaged, Sheet, Tab
from news.filing.taxonomy import load
from storage.model import Taste
from templates import Renderer
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from telegram import InlineKeyboardMarkup

    from handlers.core.context import Context
    from storage.model import Subscriber

TAXONOMY = load()
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def words_in(language: str) -> Context:
    """Return a handler's context with only what labels of buttons need."""
    renderer = Renderer(TAXONOMY.categories)
    context = SimpleNamespace(
        services=SimpleNamespace(
            taxonomy=TAXONOMY,
            renderer=renderer,
            translates=True,
            defaults=SimpleNamespace(zone_for=lambda _: "Asia/Hong_Kong"),
        ),
        now=NOW,
        managed=None,
        forum=True,
        language_for=lambda _: language,
        label=lambda key, _, **values: renderer.label(key, language, **values),
        seen_by_many=lambda _: False,
        label_for=lambda key, _, **values: renderer.label(key, language, **values),
        category=lambda slug, _: renderer.category(slug, language),
        by_name=lambda slugs, _: renderer.filters(language).by_name(slugs),
        city=lambda subscriber: subscriber.city,
        hour=lambda minute, _: renderer.filters(language).dates.hour(minute),
    )
    return cast("Context", cast("Any", context))


def view(language: str, taste: Taste, *, journey: bool) -> View:
    """Return the picker of a reader in a week with news in every category."""
    subscriber = SimpleNamespace(taste=taste, language=language)
    counts = dict.fromkeys(TAXONOMY.categories, 99)
    reader = cast("Subscriber", cast("Any", subscriber))
    return View(words_in(language), reader, counts, journey=journey)


def keyboards(shown: View) -> Iterator[InlineKeyboardMarkup]:
    """Yield every page of every tab."""
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


def settings_rows(context: Context, reader: Subscriber) -> Iterator[Sequence[InlineKeyboardButton]]:
    """Yield every row of the settings."""
    for sheet in Sheet:
        yield from settings.lines_of(context, reader, sheet)
    follows = reader.taste.follows
    for alerts in (frozenset[str](), follows):
        yield from settings.main(context, reader, alerts)
        for page in range(-(-len(follows) // settings.PER_PAGE)):
            yield from settings.bells(context, reader, alerts, follows, page)


@pytest.mark.parametrize("language", languages())
def test_no_button_of_settings_lists_and_editions_is_wider_than_its_row_allows(
    language: str,
) -> None:
    longest = sorted(TAXONOMY.categories.values(), key=lambda each: -len(each.name))
    context = words_in(language)
    sample = Sample("WWD", "https://example.com/story", NOW, language=language)
    busy = replace(
        sample.subscriber(),
        taste=Taste(follows=frozenset(each.slug for each in longest[:40])),
        zone="Asia/Hong_Kong",
        days=0b0010101,
        evening_minute=18 * 60,
        paused_until=NOW + timedelta(days=40),
        quiet_from=23 * 60 + 30,
        quiet_to=8 * 60,
    )
    rows: list[Sequence[InlineKeyboardButton]] = []
    for reader in (sample.subscriber(), busy):
        rows += settings_rows(context, reader)
        for alerts in (True, False):
            rows += category_rows(context, reader, longest[0].slug, alerts=alerts)
    for first in (True, False):
        pieces = edition_keyboard(
            context.services.renderer, sample.edition(), language, first=first, front_page=True
        )
        for line in json.loads("".join(pieces))["inline_keyboard"]:
            rows.append([InlineKeyboardButton(**each) for each in line])
    assert len(rows) > 100
    for row in rows:
        for each in row:
            assert cells(each.text) <= CELLS_IN_A_ROW_OF[len(row)], each.text


@pytest.mark.parametrize(
    ("times", "lengths"),
    [
        (["Pas en tête", "Aujourd’hui à 16 h 41", "Demain à 10 h 41"], [1, 1, 1]),
        (["Not the lead", "Today 16:30", "Fri 27 Nov, 10:30"], [2, 1]),
    ],
)
def test_rows_of_a_list_keep_its_order_and_stay_when_one_is_chosen(
    times: list[str], lengths: list[int]
) -> None:
    for chosen in (None, *times):
        labels = [f"{CHOSEN}{each}" if each == chosen else each for each in times]
        lines = ordered_rows([InlineKeyboardButton(each, callback_data="t") for each in labels])
        assert [each.text for line in lines for each in line] == labels
        assert [len(line) for line in lines] == lengths


def numbered(page: int, count: int, name: str = "A") -> list[tuple[str, str]]:
    row = Pages(page, count, 14).numbered(name, OpenManaged)
    return [(each.text, str(each.callback_data)) for each in row]


@pytest.mark.parametrize("count", [0, 1, 14])
def test_a_list_of_one_page_has_no_buttons_to_turn_it(count: int) -> None:
    assert numbered(0, count) == []


def test_each_page_leads_to_those_beside_it() -> None:
    first, second, third = (OpenManaged(page).pack() for page in range(3))
    assert numbered(0, 29) == [("A · 2/3", second)]
    assert numbered(1, 29) == [("A · 1/3", first), ("A · 3/3", third)]
    assert numbered(2, 29) == [("A · 2/3", second)]


def test_a_page_that_no_longer_exists_leads_back_to_the_last() -> None:
    assert numbered(7, 15) == [("A · 2/2", OpenManaged(1).pack())]


def test_names_that_a_phone_would_cut_off_leave_the_numbers() -> None:
    assert [label for label, _ in numbered(1, 29, "A" * 20)] == ["1/3", "3/3"]


def test_a_page_has_its_part_of_the_entries() -> None:
    assert [list(Pages(page, 5, 2).part(range(5))) for page in range(4)] == [
        [0, 1],
        [2, 3],
        [4],
        [],
    ]
