"""JSON-LD that is made to take long: what is looked at of it is bounded, whatever its shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from news.article.page import read_article
from tests.work import calls

NOW = datetime(2026, 12, 2, tzinfo=UTC)
MOST = 250_000
"""Calls of functions for one page, of which an honest one takes a few thousand."""
SIZE = 900_000
"""Characters of a script: fewer than those above which JSON-LD is not read at all."""


def many(unit: str, size: int = SIZE) -> str:
    return (unit * (size // len(unit))).rstrip(",")


def listed(unit: str, size: int = SIZE) -> str:
    return f"[{many(unit, size)}]"


def article(**fields: str) -> str:
    stated = {"@type": '"NewsArticle"', "headline": '"A headline"'} | fields
    return "{" + ",".join(f'"{name}":{value}' for name, value in stated.items()) + "}"


def with_author(fields: str) -> str:
    """Return an article that names one author again and again, and the author."""
    named = article(author=listed('{"@id":"x"},', SIZE // 3))
    return f'[{named},{{"@id":"x","name":"Jo Do",{fields}}}]'


SHAPES = {
    "types": article(**{"@type": listed('"Ab",')}),
    "things": listed('{"@type":"NewsArticle","headline":"b"},'),
    "things with many types": listed('{"@type":' + listed('"Ab",', 2_000) + "},"),
    "nearly articles": listed('{"@type":"WebPage","datePublished":"x"},'),
    "deep graph": '{"@graph":' * 900 + "{}" + "}" * 900,
    "deep graphs": listed('{"@graph":[{"@graph":[{"@graph":[{}]}]}]},'),
    "values": many("{}"),
    "typed values": many('{"@type":"NewsArticle"}'),
    "empty lists": listed("[],"),
    "one author of many types": with_author('"@type":' + listed('"Aa",', SIZE // 2)),
    "one author of nested names": with_author(
        '"k":1,"name":' + json.dumps([[[[[]] * 29] * 29] * 29])
    ),
    "firms": article(author=listed('{"@type":"Organization","name":"Jo"},')),
    "keywords": article(keywords=listed('"Jo Do",')),
    "sections": article(articleSection=listed("[],")),
    "images": article(image=listed('{"@id":"#a"},')),
    "parts": article(hasPart=listed('{"isAccessibleForFree":true},')),
    "headlines": article(headline=listed("[[]],")),
    "broken": many('[{"a":1,}'),
}


def page(*scripts: str) -> bytes:
    held = "".join(f'<script type="application/ld+json">{one}</script>' for one in scripts)
    text = "Some words of an article, which are long enough to be one. " * 30
    return f"<!doctype html><title>A headline</title>{held}<h1>A headline</h1><p>{text}".encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_json_ld_is_little_work_whatever_its_shape(shape: str) -> None:
    document = page(SHAPES[shape])
    made = calls(lambda: read_article(document, url="https://news.example/a", now=NOW), most=MOST)
    assert made > 0


def test_more_json_ld_than_any_honest_page_has_is_not_read() -> None:
    within = page(article(author='{"@type":"Person","name":"Anna Rossi"}'), article(x='"a"'))
    hidden = page(article(x='"' + many("a", 1_000_001) + '"'), article(author='"Anna Rossi"'))
    assert read_article(within, url="https://news.example/a", now=NOW).author == "Anna Rossi"
    assert read_article(hidden, url="https://news.example/a", now=NOW).author is None


def test_many_authors_in_one_list_are_read_as_before() -> None:
    people = ",".join(f'{{"@type":"Person","name":"Anna {name}"}}' for name in ("Rossi", "Bianchi"))
    found = read_article(page(article(author=f"[{people}]")), url="https://news.example/a", now=NOW)
    assert found.author == "Anna Rossi, Anna Bianchi"
