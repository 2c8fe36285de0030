"""Catalogues use the words of the glossary in docs/languages.md, and none that it rules out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from templates.language.dates import DATE_CONTEXT
from templates.language.languages import LOCALES, languages, read
from templates.language.layout_samples import SAMPLE_CONTEXT

DOCS = Path(__file__).parents[2] / "docs" / "languages.md"
COLUMNS = {"en": "English", "it": "Italian", "es": "Spanish", "fr": "French", "zh": "Chinese"}
TRANSLATED = [language for language in languages() if language != "en"]
LEFT_OUT = {
    "it": {"Or type your own quiet hours, such as 22-7."},
    "es": {"Or type your own quiet hours, such as 22-7."},
    "fr": {"Or type your own quiet hours, such as 22-7.", "What I follow", "Remove from saved"},
    "zh": {"Why these stories on %(day)s"},
}
"""Texts that name a thing in English and not in a language, where a reader knows what is meant."""


@cache
def tables() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of the glossary's two tables, by the names of their columns."""
    glossary = DOCS.read_text(encoding="utf-8").split("\n## Glossary\n")[1].split("\n## ")[0]
    found = []
    for table in re.findall(r"(?:^\|.*\n?)+", glossary, re.MULTILINE):
        head, _, *rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
        ]
        found.append([dict(zip(head, row, strict=True)) for row in rows])
    terms, ruled_out = found
    return terms, ruled_out


def words_of(cell: str) -> list[str]:
    """The words of a cell, between commas."""
    return [word.strip() for word in cell.split(",")]


def in_any_form(word: str, language: str) -> str:
    """A pattern of a word's forms: they begin alike, and end as number, person or gender asks."""
    if language == "zh":
        return re.escape(word)
    if language == "en":
        *before, last = word.split(" ")
        ending = "(?:y|ies)" if last.endswith("y") else "(?:s|d|ed|ing)?"
        return rf"\b{re.escape(' '.join([*before, last.removesuffix('y')]))}{ending}\b"
    stems = (each[: max(4, len(each) - 2)] for each in word.split(" "))
    return r"\b" + " ".join(rf"{re.escape(stem)}\w*" for stem in stems)


def texts(language: str) -> list[tuple[str, str]]:
    """English texts beside those of a language; of a plural, each form beside the last."""
    pairs = []
    for message in read(LOCALES / f"{'it' if language == 'en' else language}.po"):
        if not message.id or message.context in {DATE_CONTEXT, SAMPLE_CONTEXT}:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        string = message.string or ""
        targets = [string] if isinstance(string, str) else list(string)
        pairs += [(source, each) for each in ([source] if language == "en" else targets)]
    return pairs


def test_the_glossary_has_twenty_five_terms_each_in_every_language() -> None:
    terms, ruled_out = tables()
    assert len(terms) >= 25
    assert all(row[name] for row in terms for name in COLUMNS.values())
    assert {row["language"] for row in ruled_out} == set(COLUMNS.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_glossarys_word_for_a_term_of_its_source(language: str) -> None:
    terms, _ = tables()
    wrong = []
    for row in terms:
        term = re.compile(in_any_form(row["English"], "en"), re.IGNORECASE)
        forms = [in_any_form(word, language) for word in words_of(row[COLUMNS[language]])]
        known = re.compile("|".join(forms), re.IGNORECASE)
        for source, target in texts(language):
            bare = re.sub(r"%\(\w+\)s|/\w+", "", source)
            if term.search(bare) and source not in LEFT_OUT[language] and not known.search(target):
                wrong.append((row["English"], target))
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_no_text_has_a_word_that_the_glossary_rules_out(language: str) -> None:
    _, ruled_out = tables()
    words = [
        word
        for row in ruled_out
        if row["language"] == COLUMNS[language]
        for word in words_of(row["not"])
    ]
    edge = "" if language == "zh" else r"(?<![\w/])"
    end = "" if language == "zh" else r"(?!\w)"
    pattern = re.compile(rf"{edge}(?:{'|'.join(map(re.escape, words))}){end}", re.IGNORECASE)
    assert [target for _, target in texts(language) if pattern.search(target)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_may_leave_a_term_out_is_a_text_still(language: str) -> None:
    assert LEFT_OUT[language] <= {source for source, _ in texts(language)}
