"""Bodies keep their headings, quotations and lists from every kind of document."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.article.page import read_article
from news.documents import read
from news.entry import Reading
from news.text import clean
from storage.model.body_model import BlockKind, Body, BodyBlock
from tests.plugins.archive import there

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
P, H, Q, U, O = BlockKind  # noqa: E741  # as they are written

FRAGMENT = """
<p>Prada has bought Versace for 1.25 billion euros, the two houses said on Thursday morning.</p>
<h2>What it paid</h2>
<p>The price is a third below what Capri Holdings paid for the house seven years before.</p>
<blockquote><p>We have long admired what Gianni and Donatella made.</p><p>It stays as it is.</p>
</blockquote>
<p>Three things follow from that:</p>
<ul><li>Versace stays in Milan, in the Via Gesù.</li><li><p>Its couture goes on.</p></li></ul>
<h3>What comes next</h3>
<ol><li>The regulators look at it until the spring.</li><li>Then the boards vote.</li></ol>
<p>Both houses close their books in December, and tell more about it afterwards.</p>
"""
TOLD = (P, H, P, Q, Q, P, U, U, H, O, O, P)


def kinds(body: Body | None) -> tuple[BlockKind, ...]:
    return tuple(block.kind for block in body.blocks) if body else ()


def test_a_fragment_of_a_feed_keeps_what_its_paragraphs_are() -> None:
    body = clean.body(FRAGMENT)
    assert kinds(body) == TOLD
    assert body is not None
    assert body.blocks[1].text == "What it paid"
    assert body.blocks[6] == BodyBlock(U, "Versace stays in Milan, in the Via Gesù.")
    # In the plain text an item of a list keeps its sign.
    assert "\n\n\u2022 Versace stays in Milan" in body.text


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feeds_article_goes_on_its_way_with_them(form: str) -> None:
    link = "https://news.example/prada-versace"
    documents = {
        "rss": f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><item><title>Prada buys Versace</title><link>{link}</link>"
        f"<content:encoded><![CDATA[{FRAGMENT}]]></content:encoded></item></channel></rss>",
        "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Prada buys Versace</title>'
        f'<link href="{link}"/><content type="html"><![CDATA[{FRAGMENT}]]></content></entry>'
        "</feed>",
        "json": json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "News",
                "items": [
                    {
                        "id": link,
                        "url": link,
                        "title": "Prada buys Versace",
                        "content_html": FRAGMENT,
                    }
                ],
            }
        ),
    }
    parsed = read(documents[form].encode(), Reading("https://news.example/feed"), NOW)
    (entry,) = parsed.entries
    assert kinds(Body(entry.body or "", entry.body_kinds)) == TOLD


def page(article: str, head: str = "") -> bytes:
    menu = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Style", "Motor", "Art"))
    return (
        f"<!doctype html><html><head><title>Prada buys Versace</title>{head}</head><body>"
        f"<nav><ul>{menu}</ul></nav><article><h1>Prada buys Versace</h1>{article}</article>"
        "<footer><p>All rights reserved</p></footer></body></html>"
    ).encode()


def test_an_articles_page_keeps_what_its_paragraphs_are() -> None:
    found = read_article(page(FRAGMENT), url="https://news.example/prada-versace", now=NOW)
    assert kinds(Body(found.body or "", found.body_kinds)) == TOLD


def test_a_page_of_paragraphs_alone_has_nothing_to_keep() -> None:
    text = "".join(
        f"<p>Paragraph number {number} tells of the sale in so many words, and no more.</p>"
        for number in range(6)
    )
    found = read_article(page(text), url="https://news.example/prada-versace", now=NOW)
    assert found.body
    assert found.body_kinds == ""
    plain = clean.body("<p>One.</p><p>Two.</p>")
    assert plain == Body("One.\n\nTwo.")


def test_cutting_a_text_cuts_the_kinds_of_its_paragraphs() -> None:
    trailer = "<p>The post Prada appeared first on News.</p>"
    body = clean.body(f"<h2>One</h2><p>Two.</p>{trailer}")
    assert body == Body("One\n\nTwo.", "hp")
    long = there(clean.body("<h2>Part</h2>" + "<p>Words and words and words.</p>" * 4_000))
    assert len(long.blocks) == len(long.kinds) < 4_000
    assert long.blocks[-1].text.endswith("\u2026")


def test_lists_and_quotations_may_be_within_one_another() -> None:
    markup = (
        "<ul><li>One<ol><li>First</li><li>Second</li></ol></li><li>Two</li></ul>"
        "<blockquote><h3>Said</h3>Words.<ul><li>Item</li></ul></blockquote>After."
    )
    body = there(clean.body(markup))
    assert [(block.kind, block.text) for block in body.blocks] == [
        (U, "One"), (O, "First"), (O, "Second"), (U, "Two"),
        (H, "Said"), (Q, "Words."), (U, "Item"), (P, "After."),
    ]  # fmt: skip


def test_a_wrong_number_of_paragraph_kinds_is_ignored() -> None:
    assert kinds(Body("One.\n\nTwo.", "h")) == (P, P)
    assert kinds(Body("One.\n\nTwo.")) == (P, P)
    assert kinds(Body("")) == ()


TAGS = ("p", "h2", "ul", "ol", "li", "blockquote", "b", "div", "br", "td", "pre")


@given(
    st.lists(
        st.one_of(
            st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
            st.text(max_size=12),
            st.sampled_from(["&#9;", "&#10;", "&lt;p&gt;", "\t", "\n\n", "\u2022 ", "<br><br>"]),
        ),
        max_size=40,
    )
)
def test_every_paragraph_has_its_kind_whatever_the_markup(pieces: list[str]) -> None:
    body = clean.body("".join(pieces))
    if body is None:
        return
    assert body.kinds == "" or len(body.kinds) == len(body.text.split("\n\n"))
    assert body.text == "\n\n".join(clean.paragraphs("".join(pieces)))
