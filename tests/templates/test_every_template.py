"""No text leaves for Telegram that its parser refuses, whatever a source writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from storage.model import Edition, Layout
from templates import languages
from tests.templates.contexts import CONTEXTS, Sample
from tests.templates.hostile import LINKS, PHRASES, links, texts
from tests.templates.telegram_parser import assert_telegram_takes

if TYPE_CHECKING:
    from templates import Message, Renderer

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LANGUAGES = languages.languages()
TEMPLATES = sorted(
    path.name.removesuffix(".html.j2")
    for path in languages.LOCALES.parent.glob("*.html.j2")
    if not path.name.startswith("_")
)
_ONCE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def assert_sendable(message: Message) -> None:
    assert message.parts
    for part in message.parts:
        assert_telegram_takes(part)
    if message.preview is not None:
        assert message.preview.url.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_example_values_in_contexts(template: str) -> None:
    assert template in CONTEXTS


def test_no_example_values_are_left_of_a_template_that_is_gone() -> None:
    assert set(CONTEXTS) <= set(TEMPLATES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_stays_valid_with_any_words(
    renderer: Renderer, template: str, language: str
) -> None:
    @_ONCE
    @given(text=texts(), url=links())
    def check(text: str, url: str) -> None:
        for values in CONTEXTS[template](Sample(text, url, NOW)):
            assert_sendable(renderer.message(template, language, **values))

    check()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_stays_valid_with_known_trouble(renderer: Renderer, template: str) -> None:
    samples = [Sample(text, LINKS[0], NOW) for text in PHRASES]
    samples += [Sample("A title", url, NOW) for url in LINKS]
    for sample in samples:
        for values in CONTEXTS[template](sample):
            assert_sendable(renderer.message(template, "en", **values))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_edition_stays_valid_with_any_words(renderer: Renderer, language: str) -> None:
    @_ONCE
    @given(text=texts(), url=links())
    def check(text: str, url: str) -> None:
        sample = Sample(text, url, NOW)
        for layout in Layout:
            for edition in (sample.edition(), sample.edition(stories=40), Edition(None, ())):
                message = renderer.edition(
                    edition, language=language, layout=layout, zone="Asia/Tokyo", now=NOW
                )
                assert_sendable(message)

    check()
