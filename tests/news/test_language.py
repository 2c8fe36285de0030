"""The language of an article: what is said outranks what is guessed."""

from __future__ import annotations

import pytest

from news import work
from news.entry import Reading
from news.language import detect
from news.tag import code
from tests.news.conftest import NOW


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hermès apre una nuova boutique a Milano in via Montenapoleone", "it"),
        ("The house opens its largest boutique on the avenue this week", "en"),
        ("Louis Vuitton ouvre une nouvelle maison sur les Champs-Élysées", "fr"),
        ("Cartier abre su nueva tienda en el centro de Madrid", "es"),
        ("Dior eröffnet neuen Store in Berlin und zeigt die Kollektion", "de"),
        ("爱马仕在北京开设了新的旗舰店", "zh"),
        ("シャネルが銀座に新しい店舗をオープン", "ja"),
        ("Rolex Submariner Patek Philippe Nautilus", None),
        ("Gucci 2026", None),
        ("", None),
    ],
)
def test_a_language_is_named_only_where_it_is_certain(text: str, language: str | None) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("tag", "letters"),
    [("en-GB", "en"), ("zh_Hans", "zh"), ("IT", "it"), ("", None), (None, None), ("english", None)],
)
def test_a_language_tag_is_two_letters(tag: str | None, letters: str | None) -> None:
    assert code(tag) == letters


@pytest.mark.parametrize(
    ("operator", "feed", "language"), [("fr", "en", "fr"), (None, "en", "en"), (None, "", "it")]
)
def test_the_operator_outranks_the_feed_and_the_feed_a_guess(
    operator: str | None, feed: str, language: str
) -> None:
    document = (
        f"<rss version='2.0'><channel><title>T</title><language>{feed}</language><item>"
        "<title>Hermès apre una nuova boutique a Milano in via Montenapoleone</title>"
        "<link>https://example.com/1</link></item></channel></rss>"
    )
    parsed = work.read(
        document.encode(), Reading("https://example.com/feed", language=operator), NOW
    )
    assert parsed.entries[0].language == language
