"""Cleaning foreign text and links. Splitting and shortening lose nothing and break nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates.markup.fit import ENTITIES, UNITS, fit, paginate
from templates.markup.telegram_html import escape, parse
from templates.markup.text import (
    clean,
    one_line,
    opening,
    quiet,
    seam,
    shorten,
    units,
    visible,
    web_link,
    within,
)
from tests.templates.hostile import links, texts
from tests.templates.hostile import markup as any_markup
from tests.templates.telegram_parser import addresses, assert_telegram_takes, parsed, plain


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        # Lone surrogates, controls and overrides of the direction are dropped.
        ("a\ud83d b\udc8e", "a b"),
        ("a\x00b\r\nc\x1bd\re\u2028f", "ab\ncd\ne\nf"),
        ("\u202eabc\u2066", "abc"),
        # More than three combining marks are cut, and those of real scripts are kept.
        ("Z" + "\u0301" * 50 + "x", "Z\u0301\u0301\u0301x"),
        *((word, word) for word in ("Việt Nam", "Hermès", "ภาษาไทย", "עִבְרִית", "👩‍👩‍👧‍👦", "酩悦")),
    ],
)
def test_a_text_is_cleaned_of_what_cannot_be_shown(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(text=texts())
def test_clean_text_can_be_sent_and_stays_clean(text: str) -> None:
    once = clean(text)
    once.encode()
    assert clean(once) == once


def test_one_line_has_single_spaces() -> None:
    assert one_line("  a\n\n b\t\u00a0c ") == "a b c"


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d", "\u0301"])
def test_invisible_text_is_recognised(text: str) -> None:
    assert not visible(text)


def test_an_excerpt_has_whole_sentences_if_they_fit() -> None:
    text = "The engine leaves. Crewe says so, and has said so before."
    assert opening(text, 30) == "The engine leaves."
    assert opening(text, 45) == "The engine leaves. Crewe says so, and has…"
    assert opening(text, 100) == text


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("@dior", True),
        ("(/stop)", True),
        ("and/or", False),
        ("a@b.cd", False),
        ("see tg://resolve?domain=somebody", True),
        ("TON://transfer/x", True),
        ("ftp://a.bc", True),
        ("see https://a.bc and HTTP://a.bc", False),
    ],
)
def test_only_text_that_telegram_would_make_tappable_is_neutralised(
    text: str, *, command: bool
) -> None:
    assert ("\u2060" in quiet(text)) is command


@given(text=texts())
def test_no_text_contains_a_non_web_address(text: str) -> None:
    for _, address in addresses(quiet(clean(text))):
        assert "://" not in address or address.lower().startswith(("http://", "https://")), address


@given(text=st.text(), limit=st.integers(0, 40))
def test_within_returns_the_longest_prefix_that_fits(text: str, limit: int) -> None:
    end = within(text, 0, limit)
    assert units(text[:end]) <= limit
    assert end == len(text) or units(text[: end + 1]) > limit


@given(text=st.text())
def test_lengths_are_counted_in_utf_16_units(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "tg://resolve?domain=somebody",
        " TG://user?id=1",
        "tg:resolve?domain=somebody",
        "ton://transfer/x",
        "https:/a.bc",
        "http:a.bc",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.bc/",
        "//a.bc/",
        "/relative",
        "https://",
        "http://localhost/",
        "https://a.bc:99999/",
        "https://[::1/",
        "https://a.bc/" + "x" * 3_000,
        "",
        None,
    ],
)
def test_a_link_that_telegram_drops_is_rejected(url: str | None) -> None:
    assert web_link(url) is None


def test_a_quote_or_a_space_in_a_link_is_percent_encoded() -> None:
    assert web_link('https://a.bc/x "y" <z>') == "https://a.bc/x%20%22y%22%20%3Cz%3E"


@given(url=links())
def test_a_link_that_is_kept_is_kept_by_telegram(url: str) -> None:
    link = web_link(url)
    if link is not None:
        href = link.replace("&", "&amp;")
        assert len(parsed(f'<a href="{href}">x</a>')["entities"]) == 1


@pytest.mark.parametrize(
    "whole",
    [
        "e\u0301",
        "\U0001f44d\U0001f3fd",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\U0001f469\u200d\U0001f4bb",
        "\u2764\ufe0f",
        "\U0001f1ee\U0001f1f9",
    ],
)
def test_text_is_never_cut_inside_a_letter_or_emoji(whole: str) -> None:
    text = f"ab{whole}cd"
    assert {seam(text, at) for at in range(3, 2 + len(whole))} == {2}
    assert seam(text, 2 + len(whole)) == 2 + len(whole)


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
