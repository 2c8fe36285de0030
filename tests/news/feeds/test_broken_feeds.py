"""Malformed feeds of publishers: every good item beside the error survives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from news.parse import parse
from tests.news.conftest import NOW
from tests.work import calls

URL = "https://site.example/news/feed.xml"
DATE = "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
GUCCI = f"<item><title>Gucci opens in Milan</title><link>https://site.example/a</link>{DATE}</item>"
FENDI = f"<item><title>Fendi opens in Rome</title><link>https://site.example/b</link>{DATE}</item>"
DC = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
FIRST = ("Gucci opens in Milan", "https://site.example/a", TEN)
SECOND = ("Fendi opens in Rome", "https://site.example/b", TEN)


def rss(items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Site</title>'
        f"<link>https://site.example/</link>{items}</channel></rss>"
    )


def entries_of(document: str) -> list[tuple[str, str, datetime | None]]:
    parsed = parse(document.encode(), url=URL, now=NOW)
    return [(entry.title, entry.link, entry.published) for entry in parsed.entries]


@pytest.mark.parametrize(
    "document",
    [
        rss(GUCCI.replace("</title>", "") + FENDI),
        rss(GUCCI.replace("</link>", "") + FENDI),
        rss(GUCCI.replace("</pubDate>", "") + FENDI),
        rss(GUCCI.replace("</item>", "<description>Some words</item>") + FENDI),
        rss(GUCCI.replace("</item>", "<category>News</item>") + FENDI),
        rss(GUCCI.replace("</item>", "") + FENDI),
        rss(GUCCI.replace("</title>", "<media:credit>A. Rossi</media:credit>") + FENDI),
        rss(GUCCI.replace("<title>", "<title><![CDATA[").replace("</title>", "]]>") + FENDI),
        rss(GUCCI.replace("<link>", "<link/>").replace("</link>", "") + FENDI),
        rss(GUCCI.replace("<link>", "<link/>\n  ").replace("</link>", "\n") + FENDI),
        rss(GUCCI + "<br />\n<b>Notice</b>: undefined in <b>/x.php</b> on line <b>2</b>" + FENDI),
        rss(GUCCI) + rss(FENDI),
        rss(GUCCI).replace("</channel>", f"</channel><channel><title>T</title>{FENDI}</channel>"),
        rss(GUCCI + FENDI).replace("</channel></rss>", ""),
        rss(f"{GUCCI[:-7]}{FENDI}</item>"),
        "<br />\n<b>Warning</b>: x in <b>y</b> on line <b>3</b><br />\n" * 60 + rss(GUCCI + FENDI),
        "<pre>" + rss(GUCCI + FENDI) + "</pre>",
        "<channel><title>Site</title>" + GUCCI + FENDI + "</channel>",
        GUCCI + FENDI,
    ],
)
def test_a_malformed_feed_loses_no_item(document: str) -> None:
    assert entries_of(document) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "root",
    [
        "<{0}rss version='2.0'>",
        "<{0}rss xmlns:x='urn:x' version='2.0'>",
        "<rss version='2.0'>",
    ],
)
@pytest.mark.parametrize("prefix", ["rss:", "ns0:", "x:"])
def test_an_undeclared_prefix_is_ignored(root: str, prefix: str) -> None:
    inner = rss(GUCCI + FENDI).split('<rss version="2.0">')[1].removesuffix("</rss>")
    inner = inner.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    begin = root.format(prefix)
    end = "</" + begin[1:].split(" ")[0] + ">"
    assert entries_of(begin + inner + end) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" href="https://site.example/a/>',
        "<link rel='alternate' href='https://site.example/a\"/>",
    ],
)
def test_a_link_with_a_wrong_quotation_mark_is_read(link: str) -> None:
    entries = (
        f"<entry><title>Gucci opens in Milan</title>{link}<published>2026-11-23T10:00:00Z"
        "</published></entry><entry><title>Fendi opens in Rome</title><link href='/b'/>"
        "<published>2026-11-23T10:00:00Z</published></entry>"
    )
    found = entries_of(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>S</title>{entries}</feed>"
    )
    assert [(title, link.rstrip("/"), at) for title, link, at in found] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("<![CDATA[Gucci ]]]]><![CDATA[>opens]]>", "Gucci opens"),
        ("<![CDATA[<![CDATA[Gucci opens]]>]]>", "Gucci opens"),
        ("<![CDATA[Gucci <![CDATA[opens]]> here]]>", "Gucci opens here"),
        ("&lt;![CDATA[Gucci opens]]&gt;", "Gucci opens"),
        ("Gucci opens]]>", "Gucci opens"),
    ],
)
def test_sections_within_sections_leave_no_marks(title: str, meant: str) -> None:
    body = f"<description>{title.replace('Gucci', '&lt;p>It')} in Rome.</description>"
    (entry, other) = parse(
        rss(f"<item><title>{title}</title><link>/a</link>{body}</item>" + FENDI).encode(),
        url=URL,
        now=NOW,
    ).entries
    assert entry.title == meant
    assert "]]" not in entry.standfirst
    assert "CDATA" not in entry.standfirst
    assert other.title == "Fendi opens in Rome"


def test_a_link_with_blanks_in_it_is_kept_whole() -> None:
    (entry,) = entries_of(rss(GUCCI.replace("/a<", "/a b/c d.html<")))
    assert entry[1] == "https://site.example/a%20b/c%20d.html"


def test_the_first_of_two_links_is_used() -> None:
    item = GUCCI.replace("</item>", "<link>https://site.example/amp/a</link></item>")
    assert entries_of(rss(item)) == [FIRST]


@pytest.mark.parametrize("name", ["links", "tags", "authors", "enclosures", "contributors"])
def test_elements_named_like_parser_fields_do_no_harm(name: str) -> None:
    for element in (f"<{name}>x, y</{name}>", f"<{name}/>", f"<{name}><a>x</a></{name}>"):
        item = GUCCI.replace("<title>", f"{element}<title>")
        after = FENDI.replace("</item>", f"{element}</item>")
        assert entries_of(rss(item + after)) == [FIRST, SECOND]


def test_in_a_barely_valid_feed_only_the_bad_item_is_refused() -> None:
    parsed = parse(b"<rss><item><category[</item>></category<", url=URL, now=NOW)
    assert not parsed.entries
    assert [one.reason for one in parsed.refused] == ["no link"]


def test_a_sitemap_behind_a_program_s_warning_is_read() -> None:
    page = f"<news:news>{NEWS}<news:title>Gucci opens in Milan</news:title></news:news>"
    sitemap = f"<?xml version='1.0'?><urlset><url><loc>/a</loc>{page}</url></urlset>"
    assert entries_of(f"<br />\n<b>Warning</b>: x in <b>y</b><br />\n{sitemap}") == [FIRST]


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("x-gbk", "gb18030", "路易威登在上海"),
        ("x-sjis", "cp932", "銀座"),
        ("x-euc-jp", "euc_jp", "銀座"),
        ("x-cp1251", "cp1251", "Шанель"),
        ("x-x-big5", "big5", "上海"),
        ("csGB2312", "gb18030", "路易"),
        ("x-mac-roman", "mac-roman", "Hermès"),
    ],
)
def test_a_charset_is_known_by_the_web_s_name_for_it(label: str, codec: str, words: str) -> None:
    document = rss(GUCCI.replace("Gucci", words)).replace("UTF-8", label).encode(codec)
    (entry,) = parse(document, url=URL, now=NOW).entries
    assert entry.title == f"{words} opens in Milan"


NEWS = "<news:publication_date>2026-11-23T10:00Z</news:publication_date>"


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("Herm&egrave;s &amp; Dolce & Gabbana&nbsp;open", "Hermès & Dolce & Gabbana open"),
        ("<![CDATA[Dolce & Gabbana opens]]>", "Dolce & Gabbana opens"),
    ],
)
@pytest.mark.parametrize(
    "spaces",
    [
        (
            "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
            "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
        ),
        "",
    ],
)
def test_a_sitemap_with_errors_is_read(title: str, meant: str, spaces: str) -> None:
    page = f"<news:news>{NEWS}<news:title>{title}</news:title></news:news>"
    image = "<image:image><image:loc>/i.jpg</image:loc><image:title>X</image:title></image:image>"
    document = f"<urlset {spaces}><url><loc>/a</loc>{image}{page}</url><url><loc>/b</loc></url>"
    assert entries_of(document) == [(meant, "https://site.example/a", TEN)]


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel>" + "<title>" + "x" * 400_000 + "</p>",
        "<rss><channel>" + "<title>x" * 900,
        "<rss><channel>" + "<title " * 40_000,
        "<rss><channel>" + "<title>" + " " * 400_000,
        "<rss><channel>" + "<link/>\n" * 8_000,
        "<rss><channel>" + "<x:item>" * 900,
        "<rss><channel>" + "<![CDATA[" * 20_000,
        "<rss><channel>" + "<![CDATA[" * 20_000 + "]]>" * 20_000,
        "<rss><channel>" + ("<pubDate>" + " " * 1_000) * 900,
    ],
)
def test_repairing_takes_few_steps(document: str) -> None:
    def repairing() -> None:
        assert not entries_of(document)

    calls(repairing, most=800_000)


def test_a_cdata_section_ending_in_the_next_item_swallows_none() -> None:
    words = "<description><![CDATA[Some words.]]></description></item>"
    items = [item.replace("</item>", words) for item in (GUCCI, FENDI)]
    assert entries_of(rss(items[0].replace("]]>", "") + items[1])) == [FIRST, SECOND]


def test_a_missing_end_of_an_atom_entry_is_repaired() -> None:
    entries = "".join(
        f"<entry><id>{link}</id><title>{title}</title><updated>{date.isoformat()}</updated>"
        f"<link href='{link}'/><summary><![CDATA[A <b>word</b>.]]></summary></entry>"
        for title, link, date in (FIRST, SECOND)
    )
    for end in ("</title>", "</id>", "</updated>", "</summary>"):
        broken = entries.replace(end, "", 1)
        assert entries_of(f"<feed xmlns='http://www.w3.org/2005/Atom'>{broken}</feed>") == [
            FIRST,
            SECOND,
        ]


@pytest.mark.parametrize("broken", ["", "</br>"])
@pytest.mark.parametrize("part", ["link", "guid"])
@pytest.mark.parametrize("mark", ["&", "&amp;", "&amp;amp;"])
@pytest.mark.parametrize("form", ["{}", "<![CDATA[{}]]>", "\n<![CDATA[ {} ]]>\n"])
def test_an_ampersand_of_a_link_is_one_however_often_it_was_escaped(
    form: str, mark: str, part: str, broken: str
) -> None:
    link = form.format(f"https://site.example/a?x=1{mark}copy=2")
    item = f"<item><title>A</title><{part}>{link}</{part}>{broken}</item>"
    assert [link for _, link, _ in entries_of(rss(item))] == ["https://site.example/a?x=1&copy=2"]


def test_an_undeclared_atom_prefix_is_read() -> None:
    entry = (
        "<atom:entry><atom:title>Gucci opens in Milan</atom:title><atom:link "
        "href='https://site.example/a'/><atom:updated>2026-11-23T10:00:00Z</atom:updated>"
        "</atom:entry>"
    )
    assert entries_of(f"<atom:feed><atom:title>Site</atom:title>{entry}</atom:feed>") == [FIRST]


@pytest.mark.parametrize(
    "more",
    [
        "<pubDate>0000-00-00 00:00:00</pubDate>",
        "<pubDate><![CDATA[TBA]]></pubDate>",
        "<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>",
        "<published>true</published><updated>true</updated>",
        "<dc:date>-0001-11-30T00:00:00+00:00</dc:date>",
    ],
)
@pytest.mark.parametrize("broken", ["", "<category>R&D</category>"])
def test_a_malformed_date_does_not_hide_a_good_one(more: str, broken: str) -> None:
    for both in (DATE + more, more + DATE):
        item = GUCCI.replace(DATE, both + broken)
        assert entries_of(rss(item).replace("<rss", f"<rss {DC}")) == [FIRST]
