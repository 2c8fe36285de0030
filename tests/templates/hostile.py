"""Hypothesis strategies for hostile titles, links and markup."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

PHRASES = (
    "Bentley <b>unveils",
    "</b></a></i>",
    "<a href='javascript:alert(1)'>free watch</a>",
    "AT&T &nbsp; &amp;lt; &#0; &#xD800; &bogus;",
    "a < b > c & d",
    "<!-- never closed",
    "<p>One<br>two</p>",
    "\u202eright to left\u2066",
    "Z\u0351\u0363\u0489\u0300\u0301\u0302\u0303\u0304algo",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f1ee\U0001f1f9\U0001f1eb\U0001f1f7",
    "\ud83d half an emoji",
    "\x00\x01\x1b[31m",
    "\r\n\r\n\u2028\u2029\x85",
    "\ufeff\u200b\u00ad",
    "100% %(name)s %s {0} {{ now }} {% raw %}",
    "\"quoted\" 'twice' «three»",
    "爱马仕推出新款手袋。" * 8,
    "مجوهرات فاخرة",
    "@someone #tag /stop $LVMH https://example.com/x",
    "tg://resolve?domain=someone TG://user?id=1 ton://transfer/x",
    "x" * 10_000,
    "word " * 2_000,
    "\U0001f48e" * 5_000,
    "<b>" * 300,
    "&" * 9_000,
    "",
    " ",
)

LINKS = (
    "https://example.com/story?a=1&b=2",
    "http://127.0.0.1:8080/story",
    "HTTPS://EXAMPLE.COM/Story",
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "file:///etc/passwd",
    "tg://resolve?domain=someone",
    "ftp://example.com/",
    "//example.com/relative",
    "/relative",
    "http://localhost/",
    "https://",
    "https://exa mple.com/a b",
    'https://example.com/"><b>out</b>',
    "https://example.com/'quote'",
    "https://example.com/路径?名=值#片",
    "https://例え.jp/",
    "https://[::1]/",
    "https://[::1/",
    "https://example.com:99999/",
    "https://example.com|evil/",
    "https://user:pass@example.com/",
    "https://example.com/\ud800\x00",
    "https://example.com/" + "x" * 1_900,
    "https://example.com/" + "x" * 5_000,
    "https://example.com/" + "&" * 2_000,
    "",
)


@cache
def texts() -> st.SearchStrategy[str]:
    """Return any text, including lone surrogates and known trouble between ordinary words."""
    pieces = st.sampled_from(PHRASES) | st.text(st.characters(), max_size=40)
    return st.lists(pieces, max_size=5).map("".join)


@cache
def links() -> st.SearchStrategy[str]:
    """Return links as sources write them, good and bad."""
    return st.sampled_from(LINKS) | st.text(st.characters(), max_size=60).map(
        "https://example.com/".__add__
    )


TAGS = ("b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler", "strong", "p", "div")


@cache
def markup() -> st.SearchStrategy[str]:
    """Return any HTML: nested, crossing, unclosed, with attributes and stray end tags."""
    opening = st.sampled_from(TAGS).map("<{}>".format)
    closing = st.sampled_from(TAGS).map("</{}>".format)
    link = links().map('<a href="{}">'.format)
    words = st.sampled_from(
        ("A sentence. ", "word ", "\n\n", "\n", "&lt;", "&amp;", "&quot;", "💎")
    )
    piece = st.one_of(opening, closing, link, words, texts())
    return st.lists(piece, max_size=40).map("".join)
