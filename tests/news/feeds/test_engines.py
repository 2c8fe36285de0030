"""Feeds of many publishing engines, with the expected result of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from news.entry import Refused
from news.parse import parse
from tests.news.conftest import NOW

if TYPE_CHECKING:
    from news.entry import Entry, Parsed

URL = "https://house.example/news/feed.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)
LINK = "<link>https://house.example/a</link>"
DATE = datetime(2026, 11, 23, 10, tzinfo=UTC)


def read(document: str | bytes) -> Parsed:
    raw = document.encode() if isinstance(document, str) else document
    return parse(raw, url=URL, now=NOW)


def rss(*items: str) -> str:
    markup = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0" {SPACES}><channel><title>House</title>'
        f"<link>https://house.example/</link>{markup}</channel></rss>"
    )


def only(*markup: str) -> Entry:
    (entry,) = read(rss("".join(markup))).entries
    return entry


def atom(entry: str, about: str = "") -> Parsed:
    return read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>House</title>'
        f"<link href='https://house.example/'/>{about}<entry>{entry}</entry></feed>"
    )


def test_drupal_s_fields_around_a_text_are_left_out() -> None:
    entry = only(
        "<title>&lt;a href='/n/1'&gt;Couture returns&lt;/a&gt;</title>",
        LINK,
        "<description>&lt;span class='field field--name-title'&gt;Couture returns&lt;/span&gt;\n"
        "&lt;span class='field field--name-uid'&gt;&lt;span&gt;admin&lt;/span&gt;&lt;/span&gt;\n"
        "&lt;span class='field field--name-created'&gt;&lt;time&gt;Fri, 11/20&lt;/time&gt;"
        "&lt;/span&gt; &lt;div class='field field--name-body'&gt;&lt;p&gt;Paris welcomes forty "
        "houses.&lt;/p&gt;&lt;/div&gt;</description>",
    )
    assert (entry.title, entry.standfirst) == ("Couture returns", "Paris welcomes forty houses.")


@pytest.mark.parametrize(
    "markup",
    [
        '[vc_row][vc_column width="1/2"]It is large.[/vc_column][/vc_row]',
        '[et_pb_section fb_built="1"]<p>It is large.</p>[/et_pb_section]',
        '[caption id="a" width="300"]<img src="/i.jpg"> A caption[/caption]<p>It is large.</p>',
        '<p>It is large.</p>[gallery ids="1,2,3"]',
        f'<p>[fusion_builder_row style="{"x" * 9_000}"]It is large.[/fusion_builder_row]</p>',
        # Of a text that was cut off, the ends are missing.
        '<p>[et_pb_section fb_built="1"][et_pb_row]It is large.</p>',
        '<p>[fusion_text columns=""]It is large.</p>',
        '<p>[caption id="attachment_1" width="300"]It is large.</p>',
        '<p>[elementor-template id="12"]It is large.</p>',
        "<p>[embed]https://video.example/watch?v=1[/embed]It is large.</p>",
    ],
)
def test_codes_in_square_brackets_are_left_out(markup: str) -> None:
    entry = only("<title>A</title>", LINK, f"<description><![CDATA[{markup}]]></description>")
    assert entry.standfirst == "It is large."
    assert only("<title>[Sponsored] [video] A</title>", LINK).title == "[Sponsored] [video] A"


def test_a_newsletter_s_buttons_and_medium_s_last_line_are_left_out() -> None:
    entry = only(
        "<title>A letter</title>",
        LINK,
        "<content:encoded><![CDATA[<p>What follows is long.</p><div class='widget'><p class="
        "'button-wrapper'><a href='x'><span>Subscribe now</span></a></p></div><p>It ends.</p><hr>"
        "<p><a href='x'>A letter</a> was originally published in <a href='y'>Luxe</a> on Medium, "
        "where people are talking.</p>]]></content:encoded>",
    )
    assert entry.body == "What follows is long.\n\nIt ends."


def test_an_aggregated_headline_loses_its_sources_name() -> None:
    entry = only(
        f"<title>Gucci opens in Seoul - Vogue Business</title>{LINK}",
        "<description>&lt;a href='x'&gt;Gucci opens in Seoul&lt;/a&gt; Vogue Business"
        "</description><source url='https://v.example'>Vogue Business</source>",
    )
    assert (entry.title, entry.standfirst) == ("Gucci opens in Seoul", "")
    assert entry.tags == ("Vogue Business",)


@pytest.mark.parametrize(
    ("markup", "picture"),
    [
        # Blogger's thumbnail of a picture in the text.
        (("<description>&lt;img src='/l.jpg'&gt;</description><media:thumbnail url='/s.jpg' "
         "width='72'/>"), "l.jpg"),
        ("<media:thumbnail url='/s.jpg' width='72'/>", "s.jpg"),
        (("<description>&lt;img src='data:image/gif;base64,R0' data-lazy-srcset='/s.jpg 300w, "
         "/l.jpg 900w, /print.jpg 6000w'&gt;</description>"), "l.jpg"),
        ("<description>&lt;img srcset='/c_fill,w_9/l.jpg 2x, /s.jpg 1x'&gt;</description>",
         "c_fill,w_9/l.jpg"),
        ("<thumbnail>https://house.example/t.jpg</thumbnail>", "t.jpg"),
    ],
)  # fmt: skip
def test_the_better_picture_is_taken(markup: str, picture: str) -> None:
    assert only(f"<title>A</title>{LINK}{markup}").image == f"https://house.example/{picture}"


def test_a_pictures_text_is_not_the_articles() -> None:
    about = (
        "<media:content url='/p.jpg' medium='image'><media:title>IMG 1</media:title>"
        "<media:description>What the photograph shows, in more words than the article's own."
        "</media:description></media:content>"
    )
    markup = "<title>A title</title><description>Some words that tell.</description>"
    for item in (about + markup, markup + about, markup + about + "<itunes:x>1</itunes:x>"):
        entry = only(item, LINK)
        assert (entry.title, entry.standfirst) == ("A title", "Some words that tell.")


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        ("<author>ann@house.boutique (Ann Rossi)</author>", "Ann Rossi"),
        ("<author>ann@house.boutique</author>", None),
        ("<author>Ann Rossi &lt;ann@house.boutique&gt;</author>", "Ann Rossi"),
        ("<author><![CDATA[Ann Rossi <ann@house.boutique>]]></author>", "Ann Rossi"),
        ("<author>Ann Rossi (ann@house.boutique)</author>", "Ann Rossi"),
        ("<dc:creator><![CDATA[ann@house.boutique (Ann Rossi)]]></dc:creator>", "Ann Rossi"),
    ],
)
def test_an_email_address_is_not_an_author(markup: str, author: str | None) -> None:
    assert only(f"<title>A</title>{LINK}{markup}").author == author


def test_the_author_of_an_atom_feed_is_its_entries_unless_it_is_the_site() -> None:
    entry = "<title>A</title><link href='/a'/>"
    for name, author in (("Ann Rossi", "Ann Rossi"), ("House", None)):
        (named,) = atom(entry, f"<author><name>{name}</name></author>").entries
        assert named.author == author
        (own,) = atom(
            f"{entry}<author><name>Bob</name></author>", f"<author><name>{name}</name></author>"
        ).entries
        assert own.author == "Bob"


def test_a_link_may_be_that_of_the_content_alone() -> None:
    (entry,) = atom("<title>A</title><id>tag:a</id><content type='text/html' src='/a'/>").entries
    assert entry.link == "https://house.example/a"
    assert only("<title>A</title><url>https://house.example/a</url>").link == entry.link


@pytest.mark.parametrize("bare", ["1", "p12345", "2026-11-23", "Émile"])
def test_an_id_of_one_word_is_not_a_link(bare: str) -> None:
    refused = (Refused("no link", "A"),)
    assert atom(f"<title>A</title><id>{bare}</id>").refused == refused
    assert read(rss(f"<title>A</title><guid>{bare}</guid>")).refused == refused
    assert read(rss(f"<title>A &nbsp;</title><guid>{bare}</guid>")).refused == refused
    entry = only(f"<title>A</title>{LINK}<guid isPermaLink='true'>{bare}</guid>")
    assert (entry.link, entry.guid) == ("https://house.example/a", bare)
    assert only("<title>A</title><guid>a.html</guid>").link == "https://house.example/news/a.html"


@pytest.mark.parametrize(
    "empty",
    [
        "<pubDate></pubDate>",
        "<pubDate/>",
        "<pubDate> <![CDATA[ ]]> </pubDate>",
    ],
)
def test_an_empty_second_date_is_ignored(empty: str) -> None:
    written = "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
    for dates in (written + empty, empty + written):
        assert only(f"<title>A</title>{LINK}{dates}").published == DATE


def test_a_videos_title_is_a_headline() -> None:
    (entry,) = read(
        '<urlset xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"><url><loc>/a</loc>'
        "<video:video><video:title>The show</video:title>"
        "<video:description>All looks.</video:description>"
        "<video:thumbnail_loc>/t.jpg</video:thumbnail_loc><video:publication_date>"
        "2026-11-23T10:00:00Z</video:publication_date></video:video></url></urlset>"
    ).entries
    assert (entry.title, entry.standfirst, entry.published) == ("The show", "All looks.", DATE)
    assert entry.image == "https://house.example/t.jpg"


def test_the_latest_months_of_a_sitemaps_parts_are_read() -> None:
    parts = [
        f"https://house.example/sitemap-{month}.xml"
        for month in ("2025-12", "2026-1", "2026-9", "2026-11")
    ]
    index = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in parts)
    assert read(f"<sitemapindex>{index}</sitemapindex>").more == tuple(reversed(parts[1:]))


def test_a_news_sitemap_names_its_site() -> None:
    parsed = read(
        '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>'
        "https://house.example/a</loc><news:news><news:publication><news:name>House</news:name>"
        "</news:publication><news:title>A</news:title></news:news></url></urlset>"
    )
    assert (parsed.title, parsed.entries[0].title) == ("House", "A")
