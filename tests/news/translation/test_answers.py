"""Which lines count as a translation."""

from __future__ import annotations

import pytest

from news.translation.answers import judged, unfit

PRADA = "Prada compra Versace per 1,25 miliardi di euro"


@pytest.mark.parametrize(
    ("source", "answer", "of", "language"),
    [
        (PRADA, "Prada buys Versace for 1.25 billion euros", "it", "en"),
        (PRADA, "Prada以12.5亿欧元收购范思哲", "it", "zh"),
        ("普拉达收购范思哲", "Prada buys Versace", "zh", "en"),
        ("Moda, il ritorno", "Fashion makes its return", "it", "en"),
        ("Amazon.com cresce in Italia", "Amazon.com grows in Italy", "it", "en"),
        ("Il designer @marni su Instagram", "The designer @marni on Instagram", "it", "en"),
        ("Utili per $5 mln negli Stati Uniti", "Profits of $5 mn in the United States", "it", "en"),
        ("Il Q&A con Miuccia Prada", "The Q&A with Miuccia Prada", "it", "en"),
        ("Orologi", "Watches", "it", "en"),
    ],
)
def test_a_translation_is_taken(source: str, answer: str, of: str, language: str) -> None:
    assert unfit(source, answer, of, language) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (PRADA, "not translated"),
        (PRADA.upper(), "not translated"),
        ("Prada buys", "too short"),
        ("Prada buys Versace " * 6, "too long"),
        ("Prada buys Versace <i>for</i> 1.25 billion euros", "markup"),
        ("Prada buys Versace, see vogue.com, for 1.25 billion", "a link"),
        ("Prada compra la Versace per 1,25 miliardi di euro", "another language"),
        ("Prada kauft Versace für 1,25 Milliarden Euro von der Familie", "another language"),
        ("Prada buys Versace\nfor 1.25 billion euros", "a control character"),
    ],
)
def test_what_is_no_translation_is_refused_with_its_reason(answer: str, reason: str) -> None:
    assert unfit(PRADA, answer, "it", "en") == reason


def test_what_is_a_translation_is_compared_with_the_source() -> None:
    pairs = [(PRADA, "Prada buys Versace for 2 billion euros"), (PRADA, "OK")]
    assert judged(pairs, ["it", None], "en") == ["a number", "too short"]
