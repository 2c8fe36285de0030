"""Documents of every format become entries; bad items do not spoil good ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from news import documents
from news.entry import Reading, UnreadableError
from news.parse import parse
from news.stories.report import report_of as whole_report_of
from tests.news.conftest import NOW, SAMPLES, sample

if TYPE_CHECKING:
    from news.entry import Entry, Parsed, Report

URL = "https://example.com/feed"
NO_FEEDS = {
    # Fragments that belong to other samples, and one page of HTML.
    "AmazonWebServicesBlogFirstEntryContent.xml": "a page, not a feed",
    "HREFConsideredHarmfulFirstEntry.xml": "a page, not a feed",
    "PaulDixExplainsNothingFirstEntryContent.xml": "a page, not a feed",
    "TechCrunchFirstEntry.xml": "not a feed",
    "TechCrunchFirstEntryDescription.xml": "not a feed",
    "TenderLovemakingFirstEntry.xml": "a page, not a feed",
}
VARIOUS = sorted(path.name for path in (SAMPLES / "various").iterdir())


def read(document: str | bytes, url: str = URL, content_type: str | None = None) -> Parsed:
    raw = document.encode() if isinstance(document, str) else document
    return parse(raw, url=url, content_type=content_type, now=NOW)


def rss(items: str, channel: str = "") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/'
        'content/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/'
        f'elements/1.1/"><channel><title>T</title><link>https://example.com/</link>{channel}'
        f"{items}</channel></rss>"
    )


def only(parsed: Parsed) -> Entry:
    assert len(parsed.entries) == 1, parsed
    return parsed.entries[0]


def test_a_feed_that_is_set_into_a_page_is_read() -> None:
    parsed = read(sample("various/DuplicateContentAtomFeed.xml"))
    assert parsed.title == "Avian’s Blog"
    assert len(parsed.entries) > 1
    bare = rss("<item><title>A</title><link>https://example.com/a</link></item>")
    assert only(read(f"<html><body>{bare}</body></html>")).title == "A"


@pytest.mark.parametrize("name", VARIOUS)
def test_every_sample_is_read_or_refused_by_name(name: str) -> None:
    document = sample(f"various/{name}")
    if name in NO_FEEDS:
        with pytest.raises(UnreadableError) as refused:
            read(document)
        assert refused.value.reason == NO_FEEDS[name]
        return
    parsed = read(document)
    assert parsed.entries or parsed.refused
    for entry in parsed.entries:
        assert entry.title
        assert "<" not in entry.title
        assert entry.link.startswith(("http://", "https://"))
        assert entry.published is None or entry.published <= NOW


@pytest.mark.parametrize(
    ("name", "count", "title", "published"),
    [
        (
            "newsrooms/feed_lexus_newsroom.xml",
            12,
            "Five Things to Know About the All-New 2027 Lexus TZ",
            datetime(2026, 8, 21, 13, 58, 12, tzinfo=UTC),
        ),
        (
            "newsrooms/feed_lexus_newsroom.json",
            3,
            "Five Things to Know About the All-New 2027 Lexus TZ",
            datetime(2026, 8, 21, 13, 58, 12, tzinfo=UTC),
        ),
        (
            "newsrooms/feed_toyota_global.xml",
            3,
            "Toyota Is Still Working On That New Fluoride-Ion EV Battery",
            datetime(2026, 8, 21, 14, 12, 51, tzinfo=UTC),
        ),
        (
            "various/HREFConsideredHarmful.xml",
            3,
            "Chrome, V8 and Strongtalk",
            datetime(2008, 9, 2, 19, 50, 7, tzinfo=UTC),
        ),
        (
            "various/TechCrunch.xml",
            3,
            "Angie’s List Sets Price Range IPO At $11 To $13 Per Share; Valued At Over $600M",
            datetime(2011, 11, 2, 17, 25, 27, tzinfo=UTC),
        ),
    ],
)
def test_samples_come_out_with_their_titles_and_dates(
    name: str, count: int, title: str, published: datetime
) -> None:
    parsed = read(sample(name))
    assert len(parsed.entries) == count
    assert parsed.entries[0].title == title
    assert parsed.entries[0].published == published


def test_a_google_alert_links_to_the_article_itself() -> None:
    first = read(sample("various/google_alerts_atom.xml")).entries[0]
    assert first.link.startswith("https://www.aglobalmarketresearch.com/report-offers-")


def test_the_modules_of_rss_bring_body_picture_author_and_tags() -> None:
    entry = only(
        read(
            rss(
                "<item><title>T</title><link>https://example.com/1</link>"
                "<guid isPermaLink='false'>id-1</guid><dc:creator>By Anna Rossi</dc:creator>"
                "<category>Style</category><category><![CDATA[Gucci & co]]></category>"
                "<description>Short.  The summary.</description>"
                "<content:encoded><![CDATA[<p>First para.</p><p>Second <i>para</i>.</p>"
                "<img src='/pixel.gif' width='1'>]]></content:encoded>"
                "<media:content url='https://example.com/s.jpg' medium='image' width='100'/>"
                "<media:content url='/l.jpg' type='image/jpeg' width='900'/></item>"
            )
        )
    )
    assert entry.guid == "id-1"
    assert entry.body == "First para.\n\nSecond para."
    assert entry.standfirst == "Short. The summary."
    assert entry.image == "https://example.com/l.jpg"
    assert entry.author == "Anna Rossi"
    assert entry.tags == ("Style", "Gucci & co")


def test_json_feed_is_read_with_text_that_looks_like_markup() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "home_page_url": "https://example.com/",
        "language": "it-IT",
        "items": [
            {
                "id": 7,
                "url": "/a",
                "title": "Prezzi < 100 €",
                "content_text": "Tre < quattro.",
                "date_published": "2026-06-01T10:00:00Z",
                "authors": [{"name": "Anna"}],
                "image": "/i.jpg",
                "tags": ["moda", 3],
            },
            "not an item",
            {"title": "No link"},
            {"url": "javascript:alert(1)", "title": "Bad link"},
        ],
    }
    parsed = read(json.dumps(feed))
    entry = only(parsed)
    assert entry.title == "Prezzi < 100 €"
    assert entry.body == "Tre < quattro."
    assert entry.image == "https://example.com/i.jpg"
    assert parsed.language == "it"
    assert sorted(one.reason for one in parsed.refused) == ["bad link", "no link", "not an item"]


def test_good_items_survive_beside_bad_ones() -> None:
    parsed = read(
        rss(
            "<item><title>Good</title><link>https://example.com/1</link></item>"
            "<item><title>No link</title></item>"
            "<item><title>Script</title><link>javascript:alert(1)</link></item>"
            "<item><link>https://example.com/2</link></item>"
            "<item><title>Same</title><link>https://example.com/1?utm_source=x</link></item>"
            "<item><title>Bad <b>nesting</i> & date</title><link>https://example.com/3</link>"
            "<pubDate>0000-00-00</pubDate></item>"
        )
    )
    assert [entry.title for entry in parsed.entries] == ["Good", "Bad nesting & date"]
    assert parsed.entries[1].published is None
    assert sorted(one.reason for one in parsed.refused) == [
        "bad link",
        "no link",
        "no title",
        "same link twice",
    ]


def test_a_bug_on_one_article_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def report_of(title: str, *rest: Any, **named: Any) -> Report:  # noqa: ANN401  # whatever it takes
        if title in {"Headline 2", "Headline 5"}:
            raise IndexError(title)
        return whole_report_of(title, *rest, **named)

    items = "".join(
        f"<item><title>Headline {n}</title><link>https://example.com/{n}</link></item>"
        for n in range(7)
    )
    reading = Reading(URL)
    unharmed = documents.read(rss(items).encode(), reading, NOW)
    monkeypatch.setattr(documents, "report_of", report_of)
    parsed = documents.read(rss(items).encode(), reading, NOW)
    assert parsed.entries == tuple(
        each for n, each in enumerate(unharmed.entries) if n not in {2, 5}
    )
    assert [(one.item, one.reason) for one in parsed.refused] == [
        ("Headline 2", "defect (IndexError)"),
        ("Headline 5", "defect (IndexError)"),
    ]


def test_a_bug_outside_the_articles_fails_even_an_empty_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> NoReturn:
        raise OSError("no taxonomy")

    monkeypatch.setattr(documents, "taxonomy_of_worker", missing)
    with pytest.raises(OSError, match="no taxonomy"):
        documents.read(rss("").encode(), Reading(URL), NOW)


def test_items_with_one_id_are_distinguished_by_their_links() -> None:
    parsed = read(
        rss(
            "".join(
                f"<item><title>{n}</title><link>https://example.com/{n}</link>"
                "<guid>same</guid></item>"
                for n in range(3)
            )
        )
    )
    assert len({entry.guid for entry in parsed.entries}) == 3


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "empty document"),
        (b" \r\n\x00", "empty document"),
        (b"<html><title>Just a moment...</title><div class=cf-chl>", "wall page"),
        (b"<!DOCTYPE html><html><head><title>Access Denied</title>", "wall page"),
        (b"<!doctype html><html><head><title>My shop</title></head></html>", "a page, not a feed"),
        (b"<?xml version='1.0'?><!DOCTYPE html><title>x</title>", "a page, not a feed"),
        (b"garbage", "not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed"),
        (b"%PDF-1.7", "not a feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a feed"),
        (b'{"error": "forbidden"}', "not a feed"),
        (b"[1, 2", "broken json"),
        (b"{" * 100_000, "broken json"),
        (b"[" * 100_000, "broken json"),
        (b"/etc/passwd", "not a feed"),
        (b"http://127.0.0.1/", "not a feed"),
        (rss("<a>" * 50_000).encode(), "nested too deep"),
    ],
)
def test_documents_that_are_not_feeds_are_refused_with_a_reason(
    document: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(document)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary data"),
        (bytes(range(255, 0, -1)) * 40, "binary data"),
        (b"%PDF-1.7\n1 0 obj", "%PDF-1.7 1 0 obj"),
        ("l’article du jour\n".encode(), "l’article du jour"),
    ],
)
def test_the_page_in_place_of_a_feed_is_quoted(document: bytes, seen: str) -> None:
    with pytest.raises(UnreadableError, match="not a feed") as refused:
        read(document)
    assert refused.value.detail == seen


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8", "iso-8859-1", None),
        ("utf-8", None, "text/xml; charset=iso-8859-1"),
        ("cp1252", "iso-8859-1", None),
        ("cp1252", "utf-8", "text/xml; charset=windows-1252"),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-8-sig", None, None),
        ("gb18030", "gb2312", None),
        ("gb18030", None, "application/rss+xml; charset=gbk"),
        ("shift_jis", "shift_jis", None),
        ("euc_jp", None, "text/xml; charset=EUC-JP"),
        ("euc_kr", "euc-kr", None),
    ],
)
def test_a_declared_charset_is_found(
    encoding: str, declared: str | None, header: str | None
) -> None:
    title = {
        "gb18030": "爱马仕在上海开店",
        "shift_jis": "銀座に新しい店",
        "euc_jp": "銀座に新しい店",
        "euc_kr": "서울에 새로운 매장",
    }.get(encoding, "Hermès à Zürich £")
    start = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    document = (
        start + rss(f"<item><title>{title}</title><link>https://example.com/1</link></item>")[21:]
    )
    assert only(read(document.encode(encoding), content_type=header)).title == title


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "rot13"]
)
def test_pythons_non_charset_codecs_are_refused(name: str) -> None:
    title = r"Hermès \x3cb\x3e à Zürich"
    item = f"<item><title>{title}</title><link>https://example.com/1</link></item>"
    declared = f'<?xml version="1.0" encoding="{name}"?>{rss(item)[21:]}'
    for document, header in ((declared, None), (rss(item)[21:], f"text/xml; charset={name}")):
        assert only(read(document.encode("cp1252"), content_type=header)).title == title


def test_deeply_nested_content_costs_only_its_item() -> None:
    deep = "<div>" * 50_000 + "x"
    parsed = read(
        rss(
            f"<item><title>Deep</title><link>https://example.com/1</link><description><![CDATA["
            f"{deep}]]></description></item>"
            "<item><title>Flat</title><link>https://example.com/2</link></item>"
        )
    )
    assert [entry.title for entry in parsed.entries] == ["Deep", "Flat"]


def test_a_news_sitemap_is_read_and_an_index_names_its_newest_parts() -> None:
    entry = only(
        read(
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
            'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
            "<url><loc>https://example.com/a</loc><news:news><news:publication><news:name>N"
            "</news:name><news:language>it</news:language></news:publication>"
            "<news:publication_date>2026-06-01</news:publication_date><news:title>Uno &amp; due"
            "</news:title><news:keywords>moda, Gucci</news:keywords></news:news>"
            "<image:image><image:loc>https://example.com/a.jpg</image:loc></image:image></url>"
            "<url><loc>https://example.com/b</loc></url></urlset>"
        )
    )
    assert entry.title == "Uno & due"
    assert entry.language == "it"
    assert entry.image == "https://example.com/a.jpg"
    assert entry.tags == ("moda", "Gucci")
    index = read(
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(
            f"<sitemap><loc>https://example.com/{n}.xml</loc><lastmod>2026-0{n}-01</lastmod></sitemap>"
            for n in range(1, 6)
        )
        + "<sitemap><loc>https://example.com/news.xml</loc></sitemap></sitemapindex>"
    )
    assert index.more == (
        "https://example.com/news.xml",
        "https://example.com/5.xml",
        "https://example.com/4.xml",
    )
