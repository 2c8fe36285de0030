"""Lists of sources, exported and imported. Lists of sources as OPML, exported and imported."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.entry import UnreadableError
from news.filing import taxonomy
from news.sources import lists, opml
from news.sources.defaults import chosen, defaults, trade_of, trades
from news.sources.lists import Format, ListError
from news.text import clean
from news.text.links import absolute
from storage.model import NewSource, Show, SourceKind
from tests.work import calls

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
    translate=st.booleans(),
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


def test_every_default_source_has_an_address_a_language_and_known_categories() -> None:
    known = taxonomy.load().categories
    listed = defaults()

    assert len(listed) > 100
    for source in listed:
        assert urlsplit(source.url).scheme == "https", source
        assert source.language in {"en", "it", "es", "fr", "de", "zh", "ja"}, source
        assert set(source.categories) <= set(known), source


def test_no_default_source_is_listed_twice() -> None:
    listed = defaults()

    assert len({source.url for source in listed}) == len(listed)
    assert len({source.name.casefold() for source in listed}) == len(listed)


def test_without_packs_an_archive_starts_with_all_sources() -> None:
    assert chosen(()) == defaults()
    assert all(map(trade_of, defaults()))
    assert trades() >= {"watches", "beauty", "art", "real-estate", "yachts"}


def test_packs_are_languages_and_trades_of_which_a_source_has_one_each() -> None:
    italian = chosen(("it",))
    assert {source.language for source in italian} == {"it"}
    watches = chosen(("en", "de", "watches", "jewellery"))
    assert {source.language for source in watches} == {"en", "de"}
    assert {source.categories for source in watches} == {("watches",), ("jewellery",)}


@pytest.mark.parametrize("slug", ["beauty", "art", "real-estate", "yachts", "tourism", "watches"])
def test_each_trade_has_default_sources(slug: str) -> None:
    assert len(chosen((slug,))) >= 4
