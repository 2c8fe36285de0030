"""Our reader of py3langid's language model."""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text.language import LANGUAGES, model
from train.languages import FILE, loaded, packed

HEADLINES = Path(__file__).parents[1] / "labelled" / "headlines.jsonl"


@cache
def theirs() -> Any:  # noqa: ANN401 - the library is untyped
    return loaded()


def check_same(text: str) -> None:
    language, certainty = model().classify(text)
    expected, sure = theirs().classify(text)
    assert certainty == pytest.approx(sure, abs=1e-4), text
    # Two may be alike to the last digit.
    assert language == expected or certainty < 0.5, text


def test_headlines_get_the_language_that_py3langid_gives() -> None:
    titles = [json.loads(line)["title"] for line in HEADLINES.read_text().splitlines()]
    assert len(titles) >= 800
    for title in titles:
        check_same(title)
        check_same(title.upper())
    for first, second in pairwise(titles):
        check_same(f"{first} {second}"[:300])


@given(st.text(max_size=300))
def test_any_text_gets_the_language_that_py3langid_gives(text: str) -> None:
    check_same(text)


@pytest.mark.parametrize("text", ["", " ", "a", "1", "\ud800", "é" * 5_000, "the " * 5_000])
def test_empty_broken_and_long_texts_raise_nothing(text: str) -> None:
    language, certainty = model().classify(text)
    assert language in LANGUAGES
    assert 0 < certainty <= 1


def test_the_model_file_is_generated_from_py3langid() -> None:
    assert gzip.decompress(FILE.read_bytes()) == packed(theirs())
