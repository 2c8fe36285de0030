"""Cleaning foreign text and links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.markup.text import (
    clean,
    one_line,
    opening,
    quiet,
    seam,
    units,
    visible,
    web_link,
    within,
)
from tests.templates.hostile import links, texts
from tests.templates.telegram_parser import addresses, parsed


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
