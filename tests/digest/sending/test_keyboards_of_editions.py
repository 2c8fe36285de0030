from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import alert_keyboard, button, edition_keyboard, equal_rows, numbers
from handlers.taps.callback_data import LeftOut, OpenCard, OpenSheet, Sheet, WhyThese
from storage.model import Edition, EditionSection, EditionStory
from templates import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.model import Article


def edition_of(an_article: Callable[..., Article], count: int, left_out: int = 0) -> Edition:
    shown = [EditionStory(an_article(1000 + number), (), ()) for number in range(count)]
    if not shown:
        return Edition(None, ())
    return Edition(shown[0], (EditionSection("style", tuple(shown[1:]), left_out),))


@pytest.mark.parametrize("count", [2, 5, 6, 7, 12, 15])
def test_an_editions_buttons_equal_those_of_python_telegram_bot(
    an_article: Callable[..., Article], count: int
) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    edition = edition_of(an_article, count, left_out=3)
    written = json.loads("".join(edition_keyboard(renderer, edition, "it", first=False)))
    ids = [story.article.id for story in edition.stories]
    below = (button("Perché queste", WhyThese()), button("Altre notizie", LeftOut()))
    assert written == InlineKeyboardMarkup([*numbers(ids), below]).to_dict()


def test_an_edition_that_left_nothing_out_offers_no_more(
    an_article: Callable[..., Article],
) -> None:
    written = json.loads(
        "".join(edition_keyboard(Renderer({}), edition_of(an_article, 2), "en", first=False))
    )
    assert [each["text"] for line in written["inline_keyboard"] for each in line] == [
        "1",
        "2",
        "Why these",
    ]


def test_the_only_story_of_an_edition_is_opened_by_name(an_article: Callable[..., Article]) -> None:
    written = json.loads(
        "".join(edition_keyboard(Renderer({}), edition_of(an_article, 1), "en", first=False))
    )
    opening = button("Open the story", OpenCard(1000))
    why = button("Why this one", WhyThese())
    assert written == InlineKeyboardMarkup([[opening], [why]]).to_dict()


def test_the_first_edition_offers_to_change_the_layout(an_article: Callable[..., Article]) -> None:
    pieces = edition_keyboard(Renderer({}), edition_of(an_article, 2), "en", first=True)
    last = json.loads("".join(pieces))["inline_keyboard"][-1]
    change = button("Change layout", OpenSheet(Sheet.LAYOUT, below=True))
    assert last == InlineKeyboardMarkup([[change]]).to_dict()["inline_keyboard"][0]


def test_an_edition_without_stories_has_no_buttons(an_article: Callable[..., Article]) -> None:
    assert edition_keyboard(Renderer({}), edition_of(an_article, 0), "en", first=False) == []


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (0, ()),
        (1, (1,)),
        (6, (6,)),
        (7, (4, 3)),
        (9, (5, 4)),
        (12, (6, 6)),
        (13, (5, 4, 4)),
        (30, (6,) * 5),
    ],
)
def test_number_buttons_are_in_equal_rows(count: int, rows: tuple[int, ...]) -> None:
    assert tuple(map(len, equal_rows(range(count)))) == rows
    assert [each for row in equal_rows(range(count)) for each in row] == [*range(count)]
    assert tuple(map(len, numbers(range(count)))) == rows


def test_an_alerts_button_opens_its_card(an_article: Callable[..., Article]) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    article = an_article(7)
    written = json.loads("".join(alert_keyboard(renderer, article, "en")))
    opening = button(renderer.label("open_card", "en"), OpenCard(7))
    assert written == InlineKeyboardMarkup([[opening]]).to_dict()
