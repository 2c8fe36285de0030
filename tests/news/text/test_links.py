"""Links, made canonical and comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text.links import absolute, canonical_link, link_key, same_site, spellings

BASE = "https://example.com/news/feed.xml"


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://example.com/a?utm_source=rss&id=7&utm_medium=feed", "https://example.com/a?id=7"),
        ("https://example.com/a?fbclid=x", "https://example.com/a"),
        ("https://example.com/a?source=rss-1------2&x=1", "https://example.com/a?x=1"),
        ("https://example.com/a?gclid=1&MC_CID=2&b=3#top", "https://example.com/a?b=3"),
        ("HTTPS://Example.COM:443/A", "https://example.com/A"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("http://example.com:46605/a", "http://example.com:46605/a"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("http://example.com:443/a", "http://example.com:443/a"),
        ("http://example.com:0080/a", "http://example.com/a"),
        ("/a/b", "https://example.com/a/b"),
        ("../c", "https://example.com/c"),
        ("//cdn.example.com/x", "https://cdn.example.com/x"),
        ("https://example.com/a&amp;b?c=1&amp;d=2", "https://example.com/a&b?c=1&d=2"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://exam\nple.com/a", "https://example.com/a"),
        ("https://example.com/\r\n    a", "https://example.com/a"),
        (
            "http://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fexample.com%2fa&c=1",
            "https://example.com/a",
        ),
        ("https://example.com/è ü", "https://example.com/%C3%A8%20%C3%BC"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://user:pass@example.com/a", "https://example.com/a"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/1"),
        (
            "https://www.google.com/url?rct=j&url=https://site.example/x%3Fa%3D1&ct=ga",
            "https://site.example/x?a=1",
        ),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fsite.example%2Fx", "https://site.example/x"),
    ],
)
def test_a_link_is_made_absolute_and_loses_its_tracking(link: str, canonical: str) -> None:
    assert canonical_link(link, BASE) == canonical


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@b.example",
        "ftp://example.com/",
        "http://",
        "https://[::1",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://ex<b>ample.com/",
        "https://example.com/" + "a" * 3000,
    ],
)
def test_addresses_not_of_the_web_are_refused(link: str) -> None:
    assert canonical_link(link, "") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://www.example.com/a/"),
        ("https://example.com/a?x=1&y=2", "https://example.com/a?y=2&x=1"),
        ("https://example.com/a/amp/", "https://m.example.com/a"),
        ("https://example.com/a/index.html", "https://example.com/a"),
    ],
)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert link_key(one) == link_key(other)


def test_different_sites_are_distinguished() -> None:
    assert same_site("https://www.example.com/a", "https://shop.example.com/")
    assert not same_site("https://example.com/", "https://notexample.com/")


@given(st.text(max_size=80), st.sampled_from(["", BASE, "https://example.com/?q#f"]))
def test_a_canonical_link_is_http_and_canonical_already(link: str, base: str) -> None:
    found = canonical_link(link, base)
    if found is not None:
        assert found.startswith(("http://", "https://"))
        assert found.isascii()
        assert not set(found) & set(" \"<>'\\^`{|}\n\t") - {"'"}
        assert canonical_link(found) == found


@given(st.text(max_size=60).map(lambda text: "https://example.com/" + text))
def test_an_absolute_link_stays_on_its_host(link: str) -> None:
    found = absolute(link)
    assert found is None or found.startswith("https://example.com/")


def test_doubly_escaped_slashes_are_unescaped() -> None:
    assert canonical_link(r"https:\/\/a.example\/i?x=1") == "https://a.example/i?x=1"
    assert canonical_link("https/a", "https://a.example/b/") == "https://a.example/b/https/a"


def test_a_typed_address_is_looked_up_in_every_spelling() -> None:
    for typed in (
        "https://www.one.example/a/?utm_source=x#top",
        "one.example/a",
        " HTTP://ONE.example/a/ ",
        "http://www.one.example/a",
    ):
        assert "https://one.example/a" in spellings(typed), typed
    assert spellings("https://one.example/a?b=1")[0] == "https://one.example/a?b=1"
    assert len(spellings("one.example")) == 5
    for nothing in ("", "javascript:alert(1)", "http://["):
        assert not any(link.startswith("java") for link in spellings(nothing)), nothing
