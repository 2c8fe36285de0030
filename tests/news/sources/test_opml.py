"""Lists of sources as OPML, exported and imported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.entry import UnreadableError
from news.sources import opml
from storage.model import NewSource
from tests.work import calls


@pytest.mark.parametrize(
    "name", ["Q&amp;A", "<b>Bold", "a <!-- b", "<![CDATA[x]]>", "]]>", "&#65;"]
)
def test_a_name_that_looks_like_markup_comes_back_as_it_is(name: str) -> None:
    source = NewSource(name, "https://example.com/feed")
    assert opml.read(opml.write([source])) == (source,)


def test_a_list_of_another_program_is_read() -> None:
    found = opml.read(
        b"<?xml version='1.0' encoding='utf-8'?><opml version='1.0'><head><title>My feeds</title>"
        b"</head><body><outline text='Style'><outline text='Vogue' title='Vogue' type='rss' "
        b"xmlUrl='https://www.vogue.com/feed/rss' htmlUrl='https://www.vogue.com'/>"
        b"<outline text='Twice' xmlUrl='https://www.vogue.com/feed/rss'/>"
        b"<outline text='Bad' xmlUrl='javascript:alert(1)'/><outline text='No address'/>"
        b"</outline></body></opml>"
    )
    assert found == (
        NewSource(
            "Vogue",
            "https://www.vogue.com/feed/rss",
            site="https://www.vogue.com/",
            categories=("style",),
        ),
        NewSource("Twice", "https://www.vogue.com/feed/rss", categories=("style",)),
        NewSource("Bad", "javascript:alert(1)", categories=("style",)),
    )


def test_nested_folders_file_their_sources() -> None:
    inside = (
        '<outline text="Reading"><outline text="Watches"><outline text="A" '
        'xmlUrl="https://a.example/" category="/Motor/Swiss,China"/></outline></outline>'
    )
    (found,) = opml.read(f"<opml><body>{inside}</body></opml>".encode())
    assert set(found.categories) == {"reading", "watches", "motor", "swiss", "china"}


def test_an_address_that_says_feed_first_is_an_address() -> None:
    for written, url in (
        ("feed://a.example/x", "http://a.example/x"),
        ("feed:https://a.example/x", "https://a.example/x"),
        ("feed://https://a.example/x", "https://a.example/x"),
    ):
        outline = f'<opml><body><outline text="A" xmlUrl="{written}"/></body></opml>'
        assert [one.url for one in opml.read(outline.encode())] == [url]


def test_a_weight_is_a_number() -> None:
    for weight in ("true", '"9"', "1e999", "NaN", "-1"):
        outline = f"<outline xmlUrl='https://a.example/' onnews='{{\"weight\": {weight}}}'/>"
        (found,) = opml.read(f"<opml><body>{outline}</body></opml>".encode())
        assert repr(found.weight) == "50"


def test_entities_of_a_list_s_own_are_not_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
        b'<!ENTITY x SYSTEM "file:///etc/passwd">]><opml version="2.0"><body>'
        b'<outline text="&b;&x;" xmlUrl="https://example.com/feed"/></body></opml>'
    )
    (source,) = opml.read(bomb)
    assert "ha" not in source.name
    assert "root:" not in source.name


def test_a_list_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableError, match="too large"):
        opml.read(b"<opml>" + b" " * opml.MAX_BYTES)


def test_endless_doctypes_are_passed_over_at_once() -> None:
    outline = b"<outline xmlUrl='https://example.com/feed'/>"
    flood = b"<!DOCTYPE [" * 200_000

    def reading() -> None:
        with pytest.raises(UnreadableError):
            opml.read(flood + b"<opml><body>" + outline + b"</body></opml>")
        (source,) = opml.read(b"<opml><body>" + outline + b"</body></opml>" + flood)
        assert source.url == "https://example.com/feed"

    calls(reading, most=4_000_000)


@given(st.text(max_size=40))
def test_any_name_makes_a_document_that_can_be_read(name: str) -> None:
    (found,) = opml.read(opml.write([NewSource(name, "https://example.com/feed")]))
    assert found.url == "https://example.com/feed"
    assert found.name
