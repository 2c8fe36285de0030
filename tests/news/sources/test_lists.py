"""Lists of sources, exported and imported."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.filing import taxonomy
from news.sources import lists
from news.sources.defaults import defaults
from news.sources.lists import Format, ListError
from news.text import clean
from news.text.links import absolute
from storage.model import NewSource, Show, SourceKind

KNOWN = taxonomy.load()
FILE = Path(__file__).parents[3] / "news" / "sources" / "sources.toml"

kinds = st.sampled_from(SourceKind)
names = (
    st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1, max_size=60)
    .map(lambda text: clean.title(clean.one_line(text)))
    .filter(lambda text: text and clean.title(text) == text and clean.one_line(text) == text)
)
addresses = st.builds(
    lambda host, path: absolute(f"https://{host}.example/{path}") or "",
    st.text("abcxyz019-", min_size=1, max_size=9).filter(lambda text: text.strip("-") == text),
    st.text("abc/?&=+%#'\"<>è中", max_size=20),
).filter(lambda url: url and absolute(url) == url)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"]), max_size=20)
any_sources = st.builds(
    NewSource,
    name=names,
    url=addresses,
    site=st.just("") | addresses,
    kind=kinds,
    language=st.none() | st.sampled_from(["en", "it", "zh"]),
    weight=st.integers(0, 100),
    categories=st.lists(st.sampled_from(sorted(KNOWN.categories)), unique=True, max_size=4).map(
        tuple
    ),
    read_pages=st.booleans(),
    full_text=st.sampled_from(Show),
    pictures=st.sampled_from(Show),
    paywall=st.none() | st.booleans(),
    paused=st.booleans(),
    selectors=st.dictionaries(texts, texts, max_size=3),
)
many = st.lists(any_sources, min_size=1, max_size=5, unique_by=lambda source: source.url)


@pytest.mark.parametrize("form", Format)
@given(listed=many)
def test_any_list_of_sources_round_trips(form: Format, listed: list[NewSource]) -> None:
    found = lists.read(lists.write(listed, form), form, KNOWN)
    assert found == lists.SourceList(tuple(listed))


@pytest.mark.parametrize("form", Format)
def test_the_default_sources_come_back_without_loss(form: Format) -> None:
    assert lists.read(lists.write(defaults(), form), form, KNOWN).sources == defaults()


def test_the_file_of_the_default_sources_says_the_same_when_it_is_written_again() -> None:
    written = tomllib.loads(lists.write(defaults(), Format.TOML).decode())
    assert written == tomllib.loads(FILE.read_text("utf-8"))


@given(st.text())
def test_any_text_is_the_same_text_in_toml(text: str) -> None:
    document = lists.write(
        [NewSource("A", "https://a.example/", selectors={"item": text})], Format.TOML
    )
    read = tomllib.loads(document.decode())["source"][0].get("selectors", {})
    assert read == {"item": text.encode("utf-8", "replace").decode()}


def test_an_opml_list_of_another_program_is_read_with_known_categories() -> None:
    found = lists.read(
        b"<opml version='2.0'><body><outline text='Real Estate'>"
        b"<outline text='Homes' xmlUrl='https://homes.example/feed'/>"
        b"<outline text='Homes again' xmlUrl='https://homes.example/feed'/>"
        b"</outline><outline text='Cooking'>"
        b"<outline text='Pans' xmlUrl='https://pans.example/feed'/>"
        b"<outline text='Old' xmlUrl='feed.xml'/><outline text='Bad' xmlUrl=\"javascript:x('1')\"/>"
        b"<outline text='Router' xmlUrl='http://192.168.1.1/feed'/>"
        b"</outline></body></opml>",
        Format.OPML,
        KNOWN,
    )
    assert [(source.name, source.categories) for source in found.sources] == [
        ("Homes", ("real-estate",)),
        ("Pans", ()),
    ]
    assert found.unfiled == (("Pans", "cooking"),)
    assert {(one.item, one.reason) for one in found.refused} == {
        ("Homes again https://homes.example/feed", "listed twice"),
        ("Old feed.xml", "no http or https address"),
        ("Bad javascript:x('1')", "no http or https address"),
        (
            "Router http://192.168.1.1/feed",
            "private address; ALLOW_PRIVATE_SOURCES=true allows it",
        ),
    }


def test_private_sources_are_imported_if_allowed() -> None:
    listed = [NewSource("Router", "http://192.168.1.1/feed")]
    document = lists.write(listed, Format.TOML)
    assert lists.read(document, Format.TOML, KNOWN).sources == ()
    assert lists.read(document, Format.TOML, KNOWN, allow_private=True).sources == tuple(listed)


def test_one_bad_source_of_a_list_refuses_no_other() -> None:
    found = lists.read(
        b"""
        [[source]]
        name = "A\\u0000 B\\nC"
        url = "HTTPS://A.example"
        categories = ["Motor", "\xe5\xae\xbe\xe5\x88\xa9", "motor", "cooking"]
        language = "en-GB"
        [[source]]
        name = "Twice"
        url = "https://a.example/"
        [[source]]
        name = "Local"
        url = "file:///etc/passwd"
        """,
        Format.TOML,
        KNOWN,
    )
    (source,) = found.sources
    assert (source.name, source.url, source.language) == ("A B C", "https://a.example/", "en")
    assert source.categories == ("motor", "bentley")
    assert found.unfiled == (("A B C", "cooking"),)
    assert [one.reason for one in found.refused] == [
        "listed twice",
        "no http or https address",
    ]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "no [[source]]"),
        (b"source = 5", "no [[source]]"),
        (b"source = [5]", "source 1: it must be a table"),
        (b"\xff\xfe", "UTF-8"),
        (b"[[source", "not TOML"),
        (b"x = " + b"[" * 100_000, "not TOML"),
        (b"x = " + b"9" * 10_000, "not TOML"),
        (b'[[source]]\nname = "A"', "source A: it needs a name and a url"),
        (b'[[source]]\nname = "A"\nurl = 5', "its url must be text in quotation marks"),
        (b'[[source]]\nname = "A"\nurl = "u"\npaywall = "yes"', "paywall must be true or false"),
        (b'[[source]]\nname = "A"\nurl = "u"\nweight = true', "weight"),
        (b'[[source]]\nname = "A"\nurl = "u"\nweight = 101', "weight"),
        (b'[[source]]\nname = "A"\nurl = "u"\ncategories = "motor"', "categories"),
        (b'[[source]]\nname = "A"\nurl = "u"\ncategories = [1]', "categories"),
        (b'[[source]]\nname = "A"\nurl = "u"\nselectors = {a = 1}', "selectors"),
        (b'[[source]]\nname = "A"\nurl = "u"\nkind = "radio"', "no such kind"),
        (b'[[source]]\nname = "A"\nurl = "u"\ncolour = "red"', "unknown fields: colour"),
        *(
            (
                f'[[source]]\nname = "A"\nurl = "u"\n{shown} = "maybe"'.encode(),
                f"its {shown} must be",
            )
            for shown in ("full_text", "pictures")
        ),
        (b"#" * (6 * 1024 * 1024), "larger than 5 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_brings_nothing_and_says_why(document: bytes, says: str) -> None:
    with pytest.raises(ListError) as caught:
        lists.read(document, Format.TOML, KNOWN)
    assert says in str(caught.value)


def test_a_file_that_is_not_opml_is_refused_as_a_whole() -> None:
    for document in (b"", b"<rss/>", b"<html></html>", b"[[source]]", b"\x89PNG", b"\x00" * 100):
        with pytest.raises(ListError, match="not OPML"):
            lists.read(document, Format.OPML, KNOWN)


def test_a_feed_of_an_opml_without_an_address_is_named() -> None:
    document = (
        b"<opml><body><outline type='rss' text='Lost'/><outline text='Folder'>"
        b"<outline title='Blank &amp; bare' xmlUrl=' '/></outline>"
        b"<outline text='A' xmlUrl='https://a.example/'/></body></opml>"
    )
    found = lists.read(document, Format.OPML, KNOWN)
    assert [source.name for source in found.sources] == ["A"]
    assert {(one.reason, one.item) for one in found.refused} == {
        ("no address", "Lost"),
        ("no address", "Blank & bare"),
    }


@given(st.binary(max_size=300))
def test_garbage_in_a_list_is_an_error_or_no_source(garbage: bytes) -> None:
    for form, start in ((Format.TOML, b"[[source]]\n"), (Format.OPML, b"<opml><outline ")):
        try:
            found = lists.read(start + garbage, form, KNOWN)
        except ListError:
            continue
        assert all(source.url.startswith("http") for source in found.sources)


def test_a_truncated_opml_list_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("news.sources.lists.MAX_SOURCES", 2)
    listed = [NewSource(f"S{n}", f"https://{n}.example/") for n in range(3)]
    found = lists.read(lists.write(listed, Format.OPML), Format.OPML, KNOWN)
    assert len(found.sources) == 2
    assert [one.item for one in found.refused] == ["S2 https://2.example/"]


def test_a_file_s_ending_says_how_it_is_written() -> None:
    endings = ["a.toml", "b/c.OPML", "d.xml", "-", "e.json", "opml"]
    assert [lists.format_of(name) for name in endings] == [
        Format.TOML,
        Format.OPML,
        Format.OPML,
        None,
        None,
        Format.OPML,
    ]
