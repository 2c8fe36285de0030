"""Splitting and shortening lose nothing and break nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates.markup.fit import ENTITIES, UNITS, fit, paginate
from templates.markup.telegram_html import escape, parse
from templates.markup.text import shorten, units, visible
from tests.templates.hostile import markup as any_markup
from tests.templates.hostile import texts
from tests.templates.telegram_parser import assert_telegram_takes, plain

_THOROUGH = settings(max_examples=150)


def seen(text: str) -> str:
    """Return the visible characters of a text."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LNPS")


@_THOROUGH
@given(html=any_markup())
def test_split_markup_keeps_its_text_and_is_valid(html: str) -> None:
    parts = fit(html)
    assert seen("".join(plain(part) for part in parts)) == seen(parse(html).text)
    for part in parts:
        assert_telegram_takes(part)


@_THOROUGH
@given(text=texts(), times=st.integers(1, 3))
def test_escaped_text_parses_back_unchanged(text: str, times: int) -> None:
    whole = parse(escape(text * times)).text
    parts = fit(escape(text * times))
    assert seen("".join(map(plain, parts))) == seen(whole)
    assert all(units(plain(part)) <= UNITS for part in parts)


@_THOROUGH
@given(html=any_markup())
def test_parsing_and_writing_markup_round_trips(html: str) -> None:
    once = parse(html)
    assert parse(once.html()) == once


@pytest.mark.parametrize(
    ("markup", "parts"),
    [
        ("<b>One</b> &amp; two", ("<b>One</b> &amp; two",)),
        # Invisible text makes no part, unknown markup and links that Telegram drops are text.
        (" \n\u200b ", ()),
        ("a < b, <p>x</p>, &nbsp;", ("a &lt; b, &lt;p&gt;x&lt;/p&gt;, &amp;nbsp;",)),
        ('<a href="javascript:x">words</a>', ("words",)),
        (
            "<b>one <i>two</b> three</i> <u>four",
            ("<b>one <i>two</i></b> three <u>four</u>",),
        ),
    ],
)
def test_a_short_message_stays_whole_and_is_put_right(markup: str, parts: tuple[str, ...]) -> None:
    assert fit(markup) == parts


@pytest.mark.parametrize(
    "whole",
    [
        "bespoke ",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "\U0001f1ee\U0001f1f9",
    ],
)
def test_a_split_leaves_words_emoji_and_flags_whole(whole: str) -> None:
    parts = fit(whole * 3_000)
    assert len(parts) > 1
    assert all(part.replace(whole.strip(), "").strip() == "" for part in parts)


def test_a_split_falls_on_the_blank_line_before_the_limit() -> None:
    paragraph = ("word " * 300).strip()
    assert [len(plain(part)) for part in fit("\n\n".join([paragraph] * 4))] == [2 * 1499 + 2] * 2


def test_without_lines_a_split_falls_between_sentences() -> None:
    first, *_ = fit("Nine short words stand in this sentence of ours. " * 200)
    assert first.endswith("ours.")


def test_a_tag_open_at_a_split_is_closed_and_opened_again() -> None:
    first, second = fit('<blockquote expandable><a href="https://a.bc/">' + "x" * 5_000)
    for part in (first, second):
        assert part.startswith('<blockquote expandable><a href="https://a.bc/">x')
        assert part.endswith("x</a></blockquote>")


def test_more_than_a_hundred_entities_are_spread_over_parts() -> None:
    parts = fit(" ".join(f"<b>{number}</b>" for number in range(250)))
    assert [part.count("<b>") for part in parts] == [ENTITIES, ENTITIES, 50]


def test_a_part_stays_within_the_bytes_that_telegram_reads() -> None:
    link = "https://example.com/" + "x" * 2_000
    parts = fit(" ".join(f'<a href="{link}">story</a>' for _ in range(60)))
    assert len(parts) > 3
    for part in parts:
        assert_telegram_takes(part)


@_THOROUGH
@given(paragraphs=st.lists(texts(), max_size=6), limit=st.integers(50, 4_000))
def test_pages_hold_the_whole_body_within_the_limit(paragraphs: list[str], limit: int) -> None:
    pages = paginate(paragraphs, limit)
    assert all(units(page) <= limit and visible(page) for page in pages)
    # A run of marks counts from the page's start where a page begins inside it.
    assert len(seen("".join(pages))) == len(
        seen("".join(parse(escape(each)).text for each in paragraphs))
    )


def test_pages_end_with_a_paragraph() -> None:
    pages = paginate(["A sentence of a body. " * 60] * 6)
    assert len(pages) == 3
    assert all(page.endswith("body.") for page in pages)


@_THOROUGH
@given(text=texts(), limit=st.integers(1, 300))
def test_a_shortened_text_keeps_to_its_limit(text: str, limit: int) -> None:
    assert units(shorten(text, limit)) <= max(limit, 1)


def test_a_text_is_shortened_at_a_word() -> None:
    assert shorten("The new Phantom, at last", 18) == "The new Phantom…"
