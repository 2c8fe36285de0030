"""Whole documents of engines, newsrooms and news agencies, with the expected result of each."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from news import documents
from news.entry import Reading
from tests.news.conftest import NOW, SAMPLES, sample

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((SAMPLES / "engines/expected.toml").read_text())


def test_every_sample_document_has_expectations() -> None:
    names = {path.name for path in (SAMPLES / "engines").iterdir()} - {"expected.toml"}
    assert names == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_articles_are_extracted_as_expected(name: str) -> None:
    expected = dict(EXPECTED[name])
    entry = documents.read(sample(f"engines/{name}"), Reading(expected.pop("url")), NOW).entries[0]
    assert entry.standfirst.startswith(expected.pop("standfirst", ""))
    tags = expected.pop("tags", None)
    assert tags is None or list(entry.tags) == tags
    assert {field: getattr(entry, field) for field in expected} == expected
