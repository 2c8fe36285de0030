"""Texts of the desk: what an article's page says of its messages, and which buttons are pairs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.samples import Sample
from bot.texts.sample_corrections import corrections_of
from bot.texts.sample_desk import DESK
from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, cells
from templates.language.languages import languages
from tests.templates.telegram_parser import plain

if TYPE_CHECKING:
    from storage.model import Correction
    from templates import Renderer

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SAMPLE = Sample("The new Phantom", "https://example.com/phantom", NOW)


def page(renderer: Renderer, language: str, correction: Correction, *reasons: str) -> str:
    """Return the text of an article's page at the desk."""
    message = renderer.message(
        "desk_article",
        language,
        subscriber=SAMPLE.subscriber(),
        article=SAMPLE.article(),
        reports=1,
        reason="",
        act=None,
        lead=None,
        kind="",
        weight="",
        kinds=(),
        sentences=(),
        correction=correction,
        reasons=reasons,
        now=NOW,
    )
    return plain(message.parts[0])


def test_a_correction_that_has_just_begun_counts_no_messages(renderer: Renderer) -> None:
    begun = replace(corrections_of(SAMPLE)[0], changed=0, waiting=0)
    assert "Looking for messages that carry this story." in page(renderer, "en", begun)
    assert "to change" not in page(renderer, "en", begun)
    assert "No message had to be changed" in page(renderer, "en", replace(begun, done=NOW))
    assert "to change" not in page(renderer, "en", replace(begun, changed=3))


def test_the_public_list_never_denies_and_counts_messages_at_once(renderer: Renderer) -> None:
    def listed(language: str, correction: Correction) -> str:
        message = renderer.message(
            "corrections", language, corrections=[correction], first=1, zone="UTC", now=NOW
        )
        return plain(message.parts[0])

    begun = replace(corrections_of(SAMPLE)[0], changed=0, waiting=3)
    assert listed("en", begun).endswith("messages are being changed")
    assert "one more is being changed" in listed("en", replace(begun, changed=2, waiting=1))
    done = replace(begun, waiting=0, done=NOW)
    assert listed("en", done).endswith("no message had to be changed")
    assert "。原标题：" in listed("zh", replace(done, title_was="Phantum"))


def test_no_message_is_not_called_one_in_french(renderer: Renderer) -> None:
    failing = replace(corrections_of(SAMPLE)[0], changed=0, waiting=2, failed={"blocked": 1})
    assert "0 message modifié" in page(renderer, "fr", failing, "why")


def test_messages_of_which_none_could_be_changed_are_counted_once(renderer: Renderer) -> None:
    failed = replace(corrections_of(SAMPLE)[0], changed=0, waiting=0, failed={"gone": 2}, done=NOW)
    assert "0 messages" not in page(renderer, "en", failed, "why")
    assert "2 messages could not be changed: why" in page(renderer, "en", failed, "why")


def test_reasons_follow_the_colon_of_each_language(renderer: Renderer) -> None:
    failed = replace(corrections_of(SAMPLE)[0], failed={"blocked": 2}, done=NOW)
    assert "could not be changed: why" in page(renderer, "en", failed, "why")
    assert "modifiés\u202f: why" in page(renderer, "fr", failed, "why")
    assert "无法修改：why" in page(renderer, "zh", failed, "why")
    assert "无法修改：why，because" in page(renderer, "zh", failed, "why", "because")


def test_an_act_of_a_forgotten_editor_names_nobody(renderer: Renderer) -> None:
    history = DESK["desk_journal"](SAMPLE)[0]
    first = history["acts"][0].act
    assert (first.number, first.person_id, first.about_id) == (1, None, None)
    text = plain(renderer.message("desk_journal", "en", **history).parts[0])
    lines = [
        "No. 1 by a former editor, today 08:00",
        "Rights of a former editor: write and publish · undone",
    ]
    assert text.splitlines()[2:4] == lines
    assert "No. 2 by Anna, today 08:00" in text


def test_an_editor_reads_before_a_change_what_readers_will_see(renderer: Renderer) -> None:
    said = {
        fact: plain(
            renderer.message(
                "desk_ask",
                "en",
                subscriber=SAMPLE.subscriber(),
                what="title",
                now="A headline",
                fact=fact,
            ).parts[0]
        )
        for fact in (False, True)
    }
    assert said[False].startswith("Send the new headline. Readers see no note. Tap the current")
    assert said[True].startswith("Send the correct headline. Readers will see “corrected” and")


@pytest.mark.parametrize("language", languages())
def test_the_two_grades_of_a_text_stand_side_by_side(renderer: Renderer, language: str) -> None:
    wide = [
        label
        for key in ("typo_title", "fact_title", "typo_standfirst", "fact_standfirst")
        if cells(label := renderer.label(key, language)) > CELLS_IN_A_ROW_OF[2]
    ]
    assert wide == []
