"""Corrections that are longer than what they replace, in editions that are full already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.model import Layout
from templates.markup.text import units
from tests.digest.correcting.conftest import EDITOR, Desk

if TYPE_CHECKING:
    from playground.people.people import Room

LIMIT = 4_096
"""UTF-16 units of a message at most."""
LONGEST = "Prada & Versace " * 18 + "in one <b>group</b>"
"""A headline nearly as long as an editor can type."""
REASON = "No deal was signed, and none was planned. " * 7
"""Why a story was withdrawn, nearly as long as an editor can type."""


async def filled(desk: Desk, layout: Layout) -> tuple[int, Room]:
    """Send an edition that nearly fills one message; return its only short story and its chat."""
    ana = await desk.person("Ana", layout)
    words, more = (53, 44) if layout is Layout.HEADLINES else (45, 36)
    for number in range(11):
        await desk.article(
            f"Story {number} " + "word " * words,
            standfirst="A fact. " * 9,
            source=f"{number} " + "p" * more,
        )
    short = await desk.article("Prada buys Versase", standfirst="A fact.")
    await desk.morning()
    assert LIMIT - 150 < units(ana.chat.messages[-1].text) <= LIMIT
    return short, ana.chat


@pytest.mark.parametrize("layout", [Layout.SUMMARIES, Layout.HEADLINES])
async def test_a_headline_that_does_not_fit_is_cut_at_a_word(desk: Desk, layout: Layout) -> None:
    story, chat = await filled(desk, layout)
    await desk.amend(story, LONGEST)
    correction = await desk.correct()
    text = chat.messages[-1].text
    assert (correction.changed, correction.failed) == (1, {})
    assert "Prada &… — The Gazette · corrected 08:00" in text.replace("\xa0", " ")
    assert units(text) <= LIMIT
    assert desk.town.violations == []


@pytest.mark.parametrize("layout", [Layout.SUMMARIES, Layout.HEADLINES])
async def test_the_reason_of_a_withdrawal_that_does_not_fit_is_cut_or_left_out(
    desk: Desk, layout: Layout
) -> None:
    story, chat = await filled(desk, layout)
    await desk.amendments.withdraw(story, REASON, person_id=EDITOR, now=desk.time.now)
    correction = await desk.correct()
    message = chat.messages[-1]
    assert (correction.changed, correction.failed) == (1, {})
    assert message.parts("strikethrough") == ["Prada buys Versase"]
    assert "Withdrawn" in message.text
    assert REASON not in message.text
    assert units(message.text) <= LIMIT
    assert desk.town.violations == []
