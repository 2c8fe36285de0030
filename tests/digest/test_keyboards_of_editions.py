from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from telegram import InlineKeyboardMarkup

from handlers.callback_data import OpenCard, OpenSettings
from handlers.keyboards import alert_keyboard, button, edition_keyboard, numbers
from storage.model import Edition, EditionSection, EditionStory
from templates import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.model import Article


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7, 12, 15])
def test_an_editions_buttons_are_those_that_the_library_would_make(
    an_article: Callable[..., Article], count: int
) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    told = [EditionStory(an_article(1000 + number), (), ()) for number in range(count)]
    edition = (
        Edition(told[0], (EditionSection("style", tuple(told[1:]), 3),))
        if told
        else Edition(None, ())
    )
    written = json.loads("".join(edition_keyboard(renderer, edition, "it")))
    settings = button(renderer.label("settings", "it"), OpenSettings())
    ids = [story.article.id for story in told]
    assert written == InlineKeyboardMarkup([*numbers(ids), (settings,)]).to_dict()


def test_an_alerts_button_opens_its_card(an_article: Callable[..., Article]) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    article = an_article(7)
    written = json.loads("".join(alert_keyboard(renderer, article, "en")))
    opening = button(renderer.label("open_card", "en"), OpenCard(7))
    assert written == InlineKeyboardMarkup([[opening]]).to_dict()
