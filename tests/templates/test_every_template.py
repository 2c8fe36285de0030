"""Telegram's parser accepts every template with any text of a source."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.samples import Sample
from bot.texts.sample_values import SAMPLE_VALUES
from storage.model import Edition, Layout
from templates.language import languages
from templates.renderer import FOLDER
from tests.templates.hostile import LINKS, PHRASES, links, texts
from tests.templates.telegram_parser import assert_telegram_takes

if TYPE_CHECKING:
    from templates import RenderedMessage, Renderer

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LANGUAGES = languages.languages()
TEMPLATES = sorted(
    path.name.removesuffix(".html.j2")
    for path in (FOLDER / "messages").rglob("*.html.j2")
    if not path.name.startswith("_")
)
STATES = 4
"""The number of a template's states that are tested with one text.

The next text gets the states that follow.
"""
_ONCE = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def assert_sendable(message: RenderedMessage) -> None:
    assert message.parts
    for part in message.parts:
        assert_telegram_takes(part)
    if message.preview is not None:
        assert message.preview.url.lower().startswith(("http://", "https://"))


def test_no_two_templates_have_one_name() -> None:
    names = [path.name for path in FOLDER.rglob("*.j2")]
    assert sorted(names) == sorted(set(names))


def test_every_template_and_no_other_has_sample_values() -> None:
    assert set(SAMPLE_VALUES) == set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_stays_valid_with_any_words_in_any_language(
    renderer: Renderer, template: str
) -> None:
    @_ONCE
    @given(text=texts(), url=links(), language=st.sampled_from(LANGUAGES), data=st.data())
    def check(text: str, url: str, language: str, data: st.DataObject) -> None:
        states = list(SAMPLE_VALUES[template](Sample(text, url, NOW)))
        first = data.draw(st.integers(0, len(states) - 1))
        for values in (states[first:] + states[:first])[:STATES]:
            assert_sendable(renderer.message(template, language, **values))

    check()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_stays_valid_with_known_trouble_in_every_language(
    renderer: Renderer, template: str
) -> None:
    words = [Sample(text, LINKS[0], NOW) for text in PHRASES]
    addresses = [Sample("A title", url, NOW) for url in LINKS]
    speaking = cycle(LANGUAGES)
    for turn, sample in enumerate((*words, *addresses)):
        states = list(SAMPLE_VALUES[template](sample))
        first = turn * STATES % len(states)
        for values in (states[first:] + states[:first])[:STATES]:
            assert_sendable(renderer.message(template, next(speaking), **values))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_valid_in_all_its_states(renderer: Renderer, language: str) -> None:
    for template in TEMPLATES:
        for values in SAMPLE_VALUES[template](Sample("A title", LINKS[0], NOW)):
            assert_sendable(renderer.message(template, language, **values))


def test_an_edition_stays_valid_with_any_words_in_any_language(renderer: Renderer) -> None:
    @_ONCE
    @given(text=texts(), url=links(), language=st.sampled_from(LANGUAGES))
    def check(text: str, url: str, language: str) -> None:
        sample = Sample(text, url, NOW)
        for layout in Layout:
            for edition in (sample.edition(), sample.edition(stories=40), Edition(None, ())):
                message = renderer.edition(
                    edition, language=language, layout=layout, zone="Asia/Tokyo", now=NOW
                )
                assert_sendable(message)

    check()
