"""Whole documents as engines, newsrooms and wires write them, and what comes out of each."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from news import documents
from news.entry import Reading
from tests.news.conftest import NOW, SAMPLES, sample

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((SAMPLES / "engines/expected.toml").read_text())


def test_every_document_is_expected_to_say_something() -> None:
    names = {path.name for path in (SAMPLES / "engines").iterdir()} - {"expected.toml"}
    assert names == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_an_article_comes_out_as_its_publisher_meant_it(name: str) -> None:
    expected = dict(EXPECTED[name])
    entry = documents.read(sample(f"engines/{name}"), Reading(expected.pop("url")), NOW).entries[0]
    assert entry.standfirst.startswith(expected.pop("standfirst", ""))
    tags = expected.pop("tags", None)
    assert tags is None or list(entry.tags) == tags
    assert {field: getattr(entry, field) for field in expected} == expected
