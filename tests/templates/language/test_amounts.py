from __future__ import annotations

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from templates.language.amounts import amount

LANGUAGES = ("en", "it", "es", "fr", "zh_Hans")


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("1.25 billion", ("1.25 billion", "1,25 Mld", "1250 M", "1,25 Md", "12.5亿")),
        ("200 million", ("200 million", "200 Mln", "200 M", "200 M", "2亿")),
        ("12.5%", ("12.5%", "12,5%", "12,5 %", "12,5 %", "12.5%")),
        ("250000", ("250,000", "250.000", "250.000", "250 000", "250,000")),
    ],
)
def test_an_amount_is_written_as_the_readers_language_does(
    kept: str, shown: tuple[str, ...]
) -> None:
    written = [amount(kept, Locale.parse(each)) for each in LANGUAGES]
    assert [" ".join(each.split()) for each in written] == list(shown)


@pytest.mark.parametrize("text", ["Prada", "2026", "", "%", "1.2.3", "12 Monkeys", "9" * 400])
def test_text_that_is_no_amount_is_unchanged(text: str) -> None:
    assert {amount(text, Locale.parse(each)) for each in LANGUAGES} == {text}


@given(st.text(alphabet="0123456789.% bilon,²٣", max_size=40))
def test_any_text_has_an_amount_if_it_is_not_empty(text: str) -> None:
    assert bool(amount(text, Locale.parse("it"))) == bool(text)
