"""Oddities of real feeds, with the expected result of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from news.entry import UnreadableError
from news.parse import parse
from tests.news.conftest import NOW

if TYPE_CHECKING:
    from news.entry import Entry, Parsed

URL = "https://site.example/news/feed.xml"
LINK = "<link>https://site.example/a</link>"
ITEM = f"<item><title>Gucci opens in Milan</title>{LINK}</item>"
DATE = datetime(2026, 11, 23, 10, tzinfo=UTC)


def read(document: str | bytes, content_type: str | None = None) -> Parsed:
    raw = document.encode() if isinstance(document, str) else document
    return parse(raw, url=URL, content_type=content_type, now=NOW)


def only(document: str | bytes) -> Entry:
    (entry,) = read(document).entries
    return entry


def rss(items: str, spaces: str = "", version: str = ' version="2.0"') -> str:
    return (
        f'<?xml version="1.0"?><rss{version} {spaces}><channel><title>Site</title>'
        f"<link>https://site.example/</link>{items}</channel></rss>"
    )


def titled(title: str) -> str:
    return only(rss(f"<item><title>{title}</title>{LINK}</item>")).title


def linked(link: str) -> str:
    return only(rss(f"<item><title>A</title><link>{link}</link></item>")).link


def pictured(markup: str, spaces: str = "") -> str | None:
    return only(rss(f"<item><title>A</title>{LINK}{markup}</item>", spaces)).image


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


@pytest.mark.parametrize(
    "document",
    [
        rss(ITEM, version=""),
        rss(ITEM, version=' version="0.91"'),
        rss(ITEM, version=' version="0.92"'),
        rss(ITEM)
        .upper()
        .replace("GUCCI OPENS IN MILAN", "Gucci opens in Milan")
        .replace("HTTPS://SITE.EXAMPLE/A", "https://site.example/a"),
        "\n\n <!-- by <rss> -->\n" + rss(ITEM),
        "<?php-error?>\n" + rss(ITEM),
        "<br />\n<b>Warning</b>: Cannot modify header in <b>/x.php</b> on line 3\n" + rss(ITEM),
        "Notice: undefined index\n" + rss(ITEM),
        rss(ITEM) + "\n<!-- cached --><script>track()</script> & more",
        rss(ITEM).replace("</channel>", f"</channel>{ITEM}").replace(ITEM, "", 1),
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://a.example/x.dtd">'
        + rss(ITEM),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            f'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel>{ITEM}'
            "</rdf:RDF>"
        ),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title mode="escaped">'
            'Gucci opens in Milan</title><link rel="alternate" type="text/html" '
            'href="https://site.example/a"/></entry></feed>'
        ),
        (
            '<feed><entry><title>Gucci opens in Milan</title><link href="https://site.example/a"/>'
            "</entry></feed>"
        ),
        (
            '<feed xmlns="https://www.w3.org/2005/Atom"><entry><title>Gucci opens in Milan</title>'
            '<link href="https://site.example/a"/></entry></feed>'
        ),
        (
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Gucci opens in Milan'
            '</a:title><a:link href="https://site.example/a"/></a:entry></a:feed>'
        ),
        (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml"><div '
            'xmlns="http://www.w3.org/1999/xhtml">Gucci <b>opens</b> in Milan</div></title>'
            '<link rel="replies" href="https://site.example/r"/><link rel="alternate" '
            'type="application/json" href="https://site.example/a.json"/><link rel="alternate" '
            'type="text/html" href="https://site.example/a"/></entry></feed>'
        ),
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1",
                "items": [
                    {"id": 1, "url": "https://site.example/a", "title": "Gucci opens in Milan"}
                ],
            }
        ),
    ],
)
def test_old_and_odd_feed_formats_are_read(document: str) -> None:
    entry = only(document)
    assert (entry.title, entry.link) == ("Gucci opens in Milan", "https://site.example/a")


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        (
            "<![CDATA[Dolce &amp;amp; Gabbana&#8217;s &lt;b&gt;look&lt;/b&gt;]]>",
            "Dolce & Gabbana’s look",
        ),
        (
            "Herm&egrave;s &ndash; caf&eacute; & co &euro;5 &unknown;",
            "Hermès – café & co €5 &unknown;",
        ),
        ("&#147;Gucci&#148; &#150; it&#146;s", "“Gucci” – it’s"),
        ("HermÃ¨s â€“ itâ€™s â€œnewâ€\x9d", "Hermès – it’s “new”"),
        ("HERMÃˆS Ã  Paris, Ã‰tÃ© Ã‡a, un cÅ“ur", "HERMÈS à Paris, Été Ça, un cœur"),
        ("HermÃ¨s Ã  Paris, dÃ©jÃ  lÃ  vu", "Hermès à Paris, déjà là vu"),
        ("Chloé’s look: HermÃ¨s, itâ€™s â€œnewâ€ now", "Chloé’s look: Hermès, it’s “new” now"),
        ("Un sac Ã  900 â‚¬", "Un sac à 900 €"),
        ("De 10 â‚¬ à 20 â‚¬", "De 10 € à 20 €"),
        ("« AMANHÃ », diz Chloé", "« AMANHÃ », diz Chloé"),
        ("Ãrea Âé: what is no broken UTF-8 stays", "Ãrea Âé: what is no broken UTF-8 stays"),
        ("&#0;&#x1F;Fendi&#xFFFF;", "Fendi"),
        ("A <i>B</i> C", "A B C"),
        ("What =?is this?=", "What =?is this?="),
        ("Tiffany &#38 Co &amp friends", "Tiffany & Co & friends"),
    ],
)
def test_odd_titles_are_decoded(title: str, plain: str) -> None:
    assert titled(title) == plain


@pytest.mark.parametrize(
    ("link", "meant"),
    [
        ("https://https://site.example/f", "https://site.example/f"),
        ("https://https//site.example/f", "https://site.example/f"),
        ("http:/site.example/g", "http://site.example/g"),
        ("www.other.example/c", "https://www.other.example/c"),
        ("site.example/b", "https://site.example/b"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("b/c.html", "https://site.example/news/b/c.html"),
        ("HTTPS://SITE.example:443/D#comments", "https://site.example/D"),
        ("https://archive.example/web/https://site.example/x",) * 2,
        ("<![CDATA[ https://site.example/a?x=1&amp;utm_source=y ]]>", "https://site.example/a?x=1"),
    ],
)
def test_odd_links_are_resolved(link: str, meant: str) -> None:
    assert linked(link) == meant


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ("<guid>https://site.example/a</guid>", "https://site.example/a"),
        ("<link/><guid isPermaLink='true'>https://site.example/a</guid>", "https://site.example/a"),
        ("<guid isPermaLink='false'>https://site.example/a</guid>", "https://site.example/a"),
        ("<atom:link href='https://site.example/a'/>", "https://site.example/a"),
        ("<atom:link rel='self' href='https://site.example/x'/>" + LINK, "https://site.example/a"),
        ("<link href='https://site.example/a'/>", "https://site.example/a"),
        ("<comments>https://site.example/a#respond</comments>", "https://site.example/a"),
        (
            (
                "<link>http://feeds.example/~r/1</link><feedburner:origLink>https://site.example/a"
                "?utm_source=feedburner</feedburner:origLink>"
            ),
            "https://site.example/a",
        ),
    ],
)
def test_an_article_s_link_is_found_where_the_feed_hides_it(item: str, link: str) -> None:
    spaces = (
        'xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    assert only(rss(f"<item><title>A</title>{item}</item>", spaces)).link == link


@pytest.mark.parametrize(
    ("markup", "picture"),
    [
        ("<enclosure url='https://site.example/e.jpg' type='image/jpeg' length='0'/>", "e.jpg"),
        ("<enclosure url='https://site.example/e.jpg'/>", "e.jpg"),
        ("<enclosure url='https://site.example/e.mp3' type='audio/mpeg'/>", None),
        ("<enclosure url='https://site.example/download'/>", None),
        ("<media:content url='https://site.example/p?id=3'/>", "p?id=3"),
        ("<media:content url='https://site.example/v.mp4'/>", None),
        ("<media:content url='https://site.example/v' medium='video'/>", None),
        ("<media:thumbnail url='https://site.example/t.jpg'/>", "t.jpg"),
        (
            (
                "<media:group><media:content url='https://site.example/s.jpg' width='90'/>"
                "<media:content url='https://site.example/l.jpg' width='900'/></media:group>"
            ),
            "l.jpg",
        ),
        ("<itunes:image href='https://site.example/i.jpg'/>", "i.jpg"),
        ("<image>https://site.example/i.jpg</image>", "i.jpg"),
        ("<thumb>/i.jpg</thumb>", "i.jpg"),
        ("<og:image xmlns:og='http://ogp.me/ns#'>https://site.example/i.jpg</og:image>", "i.jpg"),
        ("<g:image_link xmlns:g='http://base.google.com/ns/1.0'>/i.jpg</g:image_link>", "i.jpg"),
        (
            "<description>&lt;img src='/c' style='width:1px'>&lt;img src='/i.jpg'></description>",
            "i.jpg",
        ),
        (
            "<description>&lt;source srcset='/s.webp'>&lt;img src='/i.jpg'></description>",
            "i.jpg",
        ),
        ("<image><url>https://site.example/i.jpg</url></image>", "i.jpg"),
        ("<description><![CDATA[<img src='/d.jpg' srcset='/x 2x'> Words]]></description>", "d.jpg"),
        (
            "<description><![CDATA[<img src='/pixel.gif'><img src='/d.jpg'>]]></description>",
            "d.jpg",
        ),
    ],
)
def test_a_picture_is_found_wherever_a_feed_puts_it(markup: str, picture: str | None) -> None:
    expected = f"https://site.example/{picture}" if picture else None
    assert pictured(markup, f"{MEDIA} {ITUNES}") == expected


def test_modules_are_known_by_their_names_whatever_their_prefixes() -> None:
    spaces = (
        'xmlns:c="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:m="http://search.yahoo.com/mrss/" xmlns:d="http://purl.org/dc/elements/1.1/"'
    )
    markup = (
        "<d:creator>Author: Anna Rossi</d:creator><d:date>2026-11-23T10:00:00Z</d:date>"
        "<c:encoded><![CDATA[<p>Many words.</p>]]></c:encoded>"
        '<m:content url="https://site.example/p.jpg" medium="image"/>'
    )
    entry = only(rss(f"<item><title>A</title>{LINK}{markup}</item>", spaces))
    assert (entry.author, entry.published, entry.body) == ("Anna Rossi", DATE, "Many words.")
    assert entry.image == "https://site.example/p.jpg"
    undeclared = (
        markup.replace("d:", "dc:").replace("<c:", "<content:").replace("</c:", "</content:")
    )
    entry = only(rss(f"<item><title>A</title>{LINK}{undeclared}</item>"))
    assert (entry.author, entry.published, entry.body) == ("Anna Rossi", DATE, "Many words.")


@pytest.mark.parametrize(
    "markup",
    [
        "<itunes:summary>S.</itunes:summary><description>A good text of it.</description>",
        "<description>A good text of it.</description><itunes:summary>S.</itunes:summary>",
        "<itunes:summary>A good text of it.</itunes:summary><itunes:subtitle>S</itunes:subtitle>",
        "<itunes:summary>A good text of it.</itunes:summary><content:encoded>N.</content:encoded>",
        (
            "<description>A good text of it.</description><content:encoded>N.</content:encoded>"
            "<itunes:summary>S.</itunes:summary>"
        ),
    ],
)
def test_a_podcast_s_own_summary_yields_to_a_better_one(markup: str) -> None:
    spaces = f'{ITUNES} xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    entry = only(rss(f"<item><title>On Gucci</title>{LINK}{markup}</item>", spaces))
    assert entry.standfirst == "A good text of it."


def test_entries_at_several_anchors_of_a_page_are_separate() -> None:
    items = "".join(
        f"<item><title>Story {n}</title><link>https://site.example/now#p{n}</link></item>"
        for n in range(1, 4)
    )
    assert [entry.link for entry in read(rss(items)).entries] == [
        f"https://site.example/now#p{n}" for n in range(1, 4)
    ]
    comments = ITEM + ITEM.replace("/a<", "/a#comments<")
    assert [entry.link for entry in read(rss(comments)).entries] == ["https://site.example/a"]


def test_a_summary_that_says_more_than_the_standfirst_is_the_body() -> None:
    one, other = "It is large, says the house, and red.", "So it is in the centre of the town."
    for text, body in ((f"{one} {other}", None), (f"{one} {other} And new.",) * 2):
        entry = only(rss(f"<item><title>A</title>{LINK}<description>{text}</description></item>"))
        assert (entry.standfirst, entry.body) == (f"{one} {other}", body)


def test_an_authors_page_is_not_an_article() -> None:
    for page in ("<uri>https://anna.example/</uri>", "<url>https://anna.example/</url>"):
        for who in ("author", "contributor"):
            parsed = read(
                '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><id>tag:x,1</id>'
                f"<{who}><name>Anna</name>{page}</{who}></entry></feed>"
            )
            assert not parsed.entries
            assert len(parsed.refused) == 1


def test_ids_that_name_places_in_one_page_are_links_to_them() -> None:
    items = "".join(
        f"<item><title>Part {n}</title>{LINK}<guid>https://site.example/a#p{n}</guid></item>"
        for n in (1, 2, 3)
    )
    assert [entry.link for entry in read(rss(items)).entries] == [
        f"https://site.example/a#p{n}" for n in (1, 2, 3)
    ]


def test_a_page_that_writes_a_feed_in_its_script_is_a_page() -> None:
    script = "<script>x = '<rss version=\"2.0\"><channel>' + '<item>';</script>"
    with pytest.raises(UnreadableError, match="a page, not a feed"):
        read(f"<html><head><title>How to</title>{script}</head><body><p>Words</p></body></html>")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Why? The house opens in Milan. More soon.", "Why? The house opens in Milan."),
        ("Big news! Gucci moves to Rome.", "Big news! Gucci moves to Rome."),
        ("Gucci opens in Milan. More soon.", "Gucci opens in Milan."),
        ("Wow. OK.", "Wow. OK."),
    ],
)
def test_a_title_made_of_first_words_is_meaningful(text: str, title: str) -> None:
    assert only(rss(f"<item>{LINK}<description>{text}</description></item>")).title == title


def test_a_caption_is_used_as_text_only_if_there_is_none() -> None:
    markup = (
        "<description>It is large.</description><media:description>Photo: X</media:description>"
    )
    entry = only(rss(f"<item><title>A</title>{LINK}{markup}</item>", MEDIA))
    assert (entry.standfirst, entry.body) == ("It is large.", None)
    alone = markup.split("</description>")[1]
    entry = only(rss(f"<item><title>A</title>{LINK}{alone}</item>", MEDIA))
    assert entry.standfirst == "Photo: X"


@pytest.mark.parametrize("name", ["publishDate", "datePublished", "prism:publicationDate", "date"])
def test_a_date_is_found_by_a_site_s_own_name_for_it(name: str) -> None:
    spaces = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    markup = f"<{name}>2026-11-23T10:00:00Z</{name}>"
    assert only(rss(f"<item><title>A</title>{LINK}{markup}</item>", spaces)).published == DATE


def test_a_blog_engines_default_tag_is_ignored() -> None:
    markup = "".join(
        f"<category>{tag}</category>" for tag in ("Beauty", "Rome, Italy", "Uncategorized")
    )
    tags = only(rss(f"<item><title>A</title>{LINK}{markup}</item>")).tags
    assert tags == ("Beauty", "Rome, Italy")


def test_unusual_names_of_the_text_are_read_and_data_urls_are_not() -> None:
    assert (
        only(rss(f"<item><title>A</title>{LINK}<text>It is B.</text></item>")).standfirst
        == "It is B."
    )
    entry = only(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="/a"/>'
        '<summary>It is B.</summary><content type="image/png">aVZCT1J3ME8=</content></entry></feed>'
    )
    assert (entry.standfirst, entry.body) == ("It is B.", None)


@pytest.mark.parametrize(
    "title", ["Untitled", "(no title)", "https://site.example/a", "Photo", "Senza titolo", "无标题"]
)
def test_a_placeholder_title_yields_to_the_first_words(title: str) -> None:
    words = "<description>Gucci opens a boutique in Milan. It is large.</description>"
    item = f"<item><title>{title}</title>{LINK}{words}</item>"
    assert only(rss(item)).title == "Gucci opens a boutique in Milan."


def test_dublin_core_alone_makes_an_article() -> None:
    entry = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel '
        'rdf:about="/"><title>T</title></channel><item rdf:about="https://site.example/1">'
        "<dc:title>Titre</dc:title><dc:date>2026-11-23</dc:date><dc:creator>Anna</dc:creator>"
        "<dc:description>Des mots ici.</dc:description></item></rdf:RDF>"
    )
    assert (entry.title, entry.link) == ("Titre", "https://site.example/1")
    assert (entry.author, entry.standfirst) == ("Anna", "Des mots ici.")


def test_xml_base_applies_within_its_element() -> None:
    entry = only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/blog/">'
        '<entry xml:base="2026/"><title>A</title><link href="11/a.html"/><content type="html">'
        "&lt;img src='pic.jpg'&gt; Words.</content></entry></feed>"
    )
    assert entry.link == "https://other.example/blog/2026/11/a.html"
    assert entry.image == "https://other.example/blog/2026/pic.jpg"


@pytest.mark.parametrize(
    ("document", "title"),
    [
        (rss(ITEM.replace("Gucci", "Hermès")).encode().replace("è".encode(), b"\xe8"), "Hermès"),
        (b"\xef\xbb\xbf" + rss(ITEM.replace("Gucci", "Hermès")).encode(), "Hermès"),
        (rss(ITEM).encode("utf-16"), "Gucci"),
        (("\n" + rss(ITEM)).encode("utf-16-le"), "Gucci"),
        (("\n" + rss(ITEM)).encode("utf-16-be"), "Gucci"),
        (f"<rss><channel><title>古驰</title>{ITEM}</channel></rss>".encode("utf-16-le"), "Gucci"),
        (f"<rss><channel><title>古驰</title>{ITEM}</channel></rss>".encode("utf-32-be"), "Gucci"),
        (rss(ITEM).encode("utf-32"), "Gucci"),
        (rss(ITEM).encode("utf-32-le"), "Gucci"),
        (rss(ITEM).encode("utf-32-be"), "Gucci"),
        (
            # UTF-8, into which somebody pasted a word in Windows' charset.
            rss(ITEM.replace("Gucci", "Zürich: @") + f"<!--{'é' * 500}-->")
            .encode()
            .replace(b"@", b"\x93Caf\xe9\x94"),
            "Zürich: “Café”",
        ),
        (
            rss(ITEM.replace("Gucci", "Zürich @...") + f"<!--{'é' * 500}-->")
            .encode()
            .replace(b"@", b"Caf\xc3"),
            "Zürich Caf...",
        ),
    ],
)
def test_words_survive_mixed_charsets(document: bytes, title: str) -> None:
    assert only(document).title == f"{title} opens in Milan"


@pytest.mark.parametrize(
    ("markup", "standfirst"),
    [
        (
            (
                "<figure><img src='/w.jpg'><figcaption>Photo: Somebody</figcaption></figure>"
                "<p>The first sentence. And a second.</p>"
            ),
            "The first sentence. And a second.",
        ),
        ("<p>By Anna Rossi</p><p>The first sentence is here.</p>", "The first sentence is here."),
        ("<p>Gucci opens in Milan</p><p>It is large.</p>", "It is large."),
        (
            "Gucci opens in Milan. It is large, says the house of it.",
            "It is large, says the house of it.",
        ),
        ("Gucci opens in Milan, and it is large.", "Gucci opens in Milan, and it is large."),
        ("Gucci opens in Milan this week.", "Gucci opens in Milan this week."),
    ],
)
def test_a_standfirst_begins_where_the_text_does(markup: str, standfirst: str) -> None:
    item = ITEM.replace("</item>", f"<description><![CDATA[{markup}]]></description></item>")
    assert only(rss(item)).standfirst == standfirst


def test_a_section_that_is_never_closed_swallows_no_other_item() -> None:
    broken = "<item><title><![CDATA[Broken</title><link>https://site.example/x</link></item>"
    fine = ITEM.replace("Gucci", "<![CDATA[Fendi]]>").replace("/a<", "/b<")
    parsed = read(rss(broken + ITEM + fine + broken.replace("/x", "/y")))
    titles = [entry.title for entry in parsed.entries]
    assert titles == ["Gucci opens in Milan", "Fendi opens in Milan"]
    assert [one.reason for one in parsed.refused] == ["no link"] * 2


def test_empty_items_are_refused_beside_good_ones() -> None:
    parsed = read(rss("<item/><item></item>" + ITEM + "<item><title></title><link></link></item>"))
    (entry,) = parsed.entries
    assert entry.guid == entry.link
    assert [one.reason for one in parsed.refused] == ["no link"] * 3


def test_of_too_many_items_the_newest_are_kept_in_either_order() -> None:
    items = [
        f"<item><title>Story {number}</title><link>/{number}</link><pubDate>"
        f"2026-0{number // 100 + 1}-01</pubDate></item>"
        for number in range(700)
    ]
    for markup in (items, items[::-1]):
        parsed = read(rss("".join(markup)))
        titles = {entry.title for entry in parsed.entries}
        assert titles == {f"Story {number}" for number in range(200, 700)}
        assert "too many items" in {one.reason for one in parsed.refused}


@pytest.mark.parametrize("end", ["", "<itunes:explicit>no</itunes:explicit>", "</br>"])
def test_a_videos_description_is_read_whatever_its_type(end: str) -> None:
    markup = '<media:group><media:description type="plain">A day in Milan.</media:description>'
    item = f"<item><title>A film</title>{LINK}{markup}</media:group>{end}</item>"
    assert only(rss(item, f"{MEDIA} {ITUNES}")).standfirst == "A day in Milan."


def test_a_doctype_mentioned_in_an_article_is_ignored() -> None:
    item = f"<item>{LINK}<title>On pages</title><description><![CDATA[<!DOCTYPE ]]></description>"
    assert only(rss(f"{item}</item>")).title == "On pages"


@pytest.mark.parametrize("broken", ["", "</br>"])
@pytest.mark.parametrize(
    ("markup", "link"),
    [
        ("/b", "https://house.example/b"),
        ("<![CDATA[c.html?p=1]]>", "https://house.example/news/c.html?p=1"),
        ("https://feeds.example/~r/d", "https://feeds.example/~r/d"),
    ],
)
def test_a_relative_link_in_a_feed_that_another_host_hands_on_is_the_site_s(
    markup: str, link: str, broken: str
) -> None:
    item = f"<item><title>A</title><link>{markup}</link>{broken}</item>"
    site = "<link>https://house.example/news/</link>"
    document = rss(item).replace("<link>https://site.example/</link>", site)
    (entry,) = parse(document.encode(), url="https://feeds.example/house", now=NOW).entries
    assert entry.link == link


def test_a_feeds_authors_are_its_entries_authors() -> None:
    names = "".join(f"<author><name>{name}</name></author>" for name in ("A. Rossi", "B. Verdi"))
    entry = "<entry><title>A</title><link href='/a'/><id>a</id></entry>"
    document = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{names}{entry}</feed>"
    assert only(document).author == "A. Rossi, B. Verdi"


def test_the_language_of_a_body_is_its_entry_s() -> None:
    markup = "<content xml:lang='it-IT'>Gucci apre a Milano.</content>"
    entry = f"<entry><title>Gucci</title><link href='/a'/><id>a</id>{markup}</entry>"
    assert only(f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>").language == "it"


@pytest.mark.parametrize("broken", ["", "</br>"])
def test_an_item_s_own_language_outranks_its_feed_s(broken: str) -> None:
    markup = f"<dc:language>it-IT</dc:language>{broken}"
    item = f"<language>en</language><item><title>Gucci apre</title>{LINK}{markup}</item>"
    assert only(rss(item, 'xmlns:dc="http://purl.org/dc/elements/1.1/"')).language == "it"
