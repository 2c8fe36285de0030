"""Article pages as sites build them, with the expected fields of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from trafilatura.external import jt_stoplist_init

from news.article.page import read_article
from tests.news.conftest import NOW
from tests.work import calls

HOME = "https://house.example"
URL = f"{HOME}/en/news/boutique-milan"
TITLE = "House opens its largest boutique in Milan"
PARAGRAPHS = (
    "The house opened its largest boutique in Milan on Monday, on three floors of a palace.",
    "The boutique holds leather goods, shoes and a room for repairs, and employs sixty people.",
    "A second address in Rome will follow in the spring, the chief executive said on the day.",
)
BODY = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
DATE = datetime(2026, 11, 23, tzinfo=UTC)


def read(head: str = "", body: str = "", url: str = URL, lang: str = " lang=en") -> Any:  # noqa: ANN401 — asked for one field each
    document = f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>"
    return read_article(document.encode(), url=url, now=NOW)


def article(body: str, head: str = "", url: str = URL) -> Any:  # noqa: ANN401 — as above
    return read(head, f"<article><h1>{TITLE}</h1>{body}{BODY}</article>", url)


def ld(*things: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(things)}</script>"


def graph(**more: object) -> str:
    return ld({"@type": "NewsArticle", "headline": TITLE, **more})


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("某品牌在米兰开设最大旗舰店_时尚频道_新闻网", "某品牌在米兰开设最大旗舰店"),
        ("ハウス、ミラノに旗艦店｜ハウス公式", "ハウス、ミラノに旗艦店"),
    ],
)
def test_a_headline_in_chinese_or_japanese_has_its_own_dashes(title: str, headline: str) -> None:
    assert read(f"<title>{title}</title>", f"<h1>{headline}</h1>").title == headline


@pytest.mark.parametrize(
    "stated",
    [
        "<p class=date>23 novembre 2026</p>",
        "<div class=datum>23. November 2026</div>",
        "<span class=fecha>23 de noviembre de 2026</span>",
        "<p class=meta>Published 23 Nov 2026, updated 24 Nov 2026</p>",
        "<p class=pubtime>发布时间：2026-11-23 来源：新闻网</p>",
        "<p>Milano, 23 novembre 2026</p>",
        "<p>2026年11月23日</p>",
        "<span data-date='2026-11-23'></span>",
        "<time datetime=PT5M>5 min read</time><time datetime=2026-11-23>x</time>",
        "<time class=updated datetime=2026-11-24>x</time><time datetime=2026-11-23>x</time>",
        "<div class=event-date>3 March 2026</div><p class=date>23 November 2026</p>",
        "<p class=date><span>23</span> <span>Nov</span> <span>2026</span></p>",
        "<abbr class=published title='2026-11-23T01:00:00+01:00'>1:00 AM</abbr>",
        "<p class=timestamp>November 22, 2026 07:00 PM Eastern Standard Time</p>",
        "<p><span>作者：李言</span><span>2026-11-23</span><span>阅读 1203</span></p>",
        "<dl><dt>Published</dt><dd>23 Nov 2026</dd></dl>",
        "<p>Published <time datetime=2026-11-23>x</time> Updated <time datetime=2026-11-24>y",
        "<div>Posted by admin on Nov 23rd, 2026 in the news of the house</div>",
        (
            "<p class=meta>On <time class=published datetime=2026-11-23>November 23</time><time "
            "class=updated datetime=2026-11-24>November 24, 2026</time> by Ann</p>"
        ),
    ],
)
def test_a_date_is_read_as_readers_see_it(stated: str) -> None:
    others = "<ul><li><a href=/x>Another</a> <time datetime=2026-11-24>x</time></li></ul>"
    aside = "<aside><time datetime=2026-01-01>1 Jan</time></aside>"
    assert article(stated + aside).published == DATE
    assert read("", f"{others}<article><h1>{TITLE}</h1>{stated}{BODY}</article>").published == DATE


@pytest.mark.parametrize(
    "head",
    [
        graph(dateCreated="2026-11-23"),
        ld({"@type": "WebPage", "datePublished": "2026-11-23"}),
        graph(dateModified="2026-11-23"),
        "<meta property='article:modified_time' content='2026-11-23'>",
        graph(datePublished="2026-11-23", dateModified="2026-11-24"),
        ld({"@type": "VideoObject", "name": TITLE, "uploadDate": "2026-11-23"}),
        ld({"@type": "DiscussionForumPosting", "headline": TITLE, "datePublished": "2026-11-23"}),
        ('<script type="application/ld+json">{"@type":"NewsArticle","description":"a "b" c",'
        '"datePublished":"2026-11-23"}</script>'),
        ld(
            {"@type": "ListItem", "item": {"@type": "Article", "headline": "Another",
             "datePublished": "2026-11-20"}},
            {"@type": "Article", "headline": f"{TITLE[:-8]}…", "datePublished": "2026-11-23"},
        ),
        ('<script type="application/ld+json">{"@type":"Article","datePublished":'
        '"2026-11-23",}</script>'),
        ('<script type="application/ld+json">//<![CDATA[\n{"@type":"Article","datePublished":'
        '"2026-11-23"}\n//]]></script>'),
        ('<script type="application/ld+json">{"@type":"WebPage"}{"@type":"Article",'
        '"datePublished":"2026-11-23"}</script>'),
    ],
)  # fmt: skip
def test_a_date_is_read_from_data_that_is_not_quite_right(head: str) -> None:
    assert article("", head).published == DATE


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        (graph(author=[{"name": "Ann Rossi"}, {"name": "Bob Weiss"}]), "Ann Rossi, Bob Weiss"),
        (
            ld(
                {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#ann"}},
                {"@type": "Person", "@id": "#ann", "name": "Ann Rossi"},
            ),
            "Ann Rossi",
        ),
        ("<p class=byline>By <a rel=author href=/a>Ann Rossi</a></p>", "Ann Rossi"),
        ("<span itemprop=author><span itemprop=name>Ann Rossi</span></span>", "Ann Rossi"),
        ("<p class=byline>Di Ann Rossi | 23 novembre 2026</p>", "Ann Rossi"),
        ("<span class='entry-author vcard'>Ann Rossi</span>", "Ann Rossi"),
        ("<p>By Ann Rossi</p>", "Ann Rossi"),
        ("<div class=info>2026-11-23 08:00 / 作者：周惠宁 / 来源：网</div>", "周惠宁"),
        ("<div>Par <b>Ann Rossi</b> — Publié le 23 novembre 2026</div>", "Ann Rossi"),
        ("<p class=byline>Interview by <a href=/a>Ann Rossi</a></p>", "Ann Rossi"),
        ("<p class=byline><a>Ann Rossi</a><span>November 23, 2026</span></p>", "Ann Rossi"),
        ("<h3 itemprop=author>By <span itemprop=name>Ann Rossi</span></h3>", "Ann Rossi"),
        ("<p class=byline>By <a href=/a>Ann Rossi</a>, Senior Editor</p>", "Ann Rossi"),
        ("<p class=byline>Ann Rossi, Watch Editor</p>", "Ann Rossi"),
        ("<a class='p-author h-card' href=/a>Ann Rossi</a>", "Ann Rossi"),
        ("<p class=byline>Autor: Ewa Nowak</p>", "Ewa Nowak"),
        ("<div>By Marta de la Cruz</div>", "Marta de la Cruz"),
        ("<p class=byline>Published 23 November 2026 by Ann Rossi</p>", "Ann Rossi"),
        ("<p class=byline>By Ann Rossi Updated Nov 23, 2026</p>", "Ann Rossi"),
        ("<p class=byline>Pubblicato il 23 novembre 2026 da Ann Rossi</p>", "Ann Rossi"),
        ("<p class=auteur>Par Ann Rossi, le 23 novembre 2026</p>", "Ann Rossi"),
        ("<p class=byline>By Ann Rossi, photographs by Bob Weiss</p>", "Ann Rossi"),
        ("<p class=byline>By Ann Rossi ann@house.example</p>", "Ann Rossi"),
        ("<p>By <a rel=author>Ann Rossi</a> and <a rel=author>Bo Lee</a></p>", "Ann Rossi, Bo Lee"),
        ("<p class=author>作者：周惠宁</p>", "周惠宁"),
        ("<p class=contributor>Contributor: Ann Rossi</p>", "Ann Rossi"),
        ("<p class=byline>Last updated: 23 Nov 2026 10:30</p>", None),
        ("<aside><p class=author>By Ann Rossi</p></aside>", None),
        ("<p>By the lake, the house has built a place for its makers.</p>", None),
        (graph(author={"name": "Shopify API"}), None),
        ("<div class=author-bio>Ann Rossi has written of watches since 2009</div>", None),
        ("<meta property=article:author content='https://facebook.com/ann'>", None),
    ],
)
def test_authors_are_read(markup: str, author: str | None) -> None:
    assert article(markup).author == author


@pytest.mark.parametrize(
    ("markup", "picture"),
    [
        ("<img src='data:image/gif;base64,R0' data-src='/p.jpg' width=800>", "p.jpg"),
        ("<figure><img srcset='/s.jpg 480w, /p.jpg 1600w' alt=x></figure>", "p.jpg"),
        (
            (
                "<picture><source srcset='/s.webp 1x, /p.webp 2x'>"
                "<img src='data:image/svg+xml,x'></picture>"
            ),
            "p.webp",
        ),
        ("<img src='/blank.gif' data-srcset='/p.jpg 1x'>", "p.jpg"),
        ("<noscript><img src='/p.jpg'></noscript>", "p.jpg"),
        ("<amp-img src='/p.jpg' width=800 height=400></amp-img>", "p.jpg"),
        ("<a href='/large.jpg'><img src='/p.jpg'></a>", "p.jpg"),
        ("<a href='/other'><img src='/other.jpg'></a>", None),
        ("<img src='/s.png' width=40><img class=avatar src='/a.jpg'>", None),
        ("<link rel=image_src href='/p.jpg'><img src='/other.jpg'>", "p.jpg"),
        ("<meta itemprop=image content='/p.jpg'>", "p.jpg"),
        (
            ld(
                {"@type": "NewsArticle", "headline": TITLE, "image": {"@id": "#p"}},
                {"@type": "ImageObject", "@id": "#p", "url": "/p.jpg"},
            ),
            "p.jpg",
        ),
        (graph(image={"@id": "#nowhere"}), None),
        ("<meta property=og:image content='/share-logo.png'><img src='/p.jpg'>", "p.jpg"),
        ("<meta property=og:image content='/site-logo.png'>", None),
        (
            "<meta property=og:image content='/b.png'><img src='/p.jpg'>"
            + graph(publisher={"logo": {"url": "/b.png"}}),
            "p.jpg",
        ),
        ("<img src='/img/ad.gif' width=120 height=120><img src='/p.jpg'>", "p.jpg"),
    ],
)
def test_an_article_s_picture_is_found_where_the_page_names_none(
    markup: str, picture: str | None
) -> None:
    assert article(markup).image == (f"{HOME}/{picture}" if picture else None)


def test_a_text_only_in_the_pages_data_is_read_in_paragraphs() -> None:
    text = "\n".join(PARAGRAPHS)
    whole = "\n\n".join(PARAGRAPHS)
    assert read(graph(articleBody=text), "<div id=root></div>").body == whole
    shown = f"<h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p><div>Subscribe to read on.</div>"
    assert read(graph(articleBody=text), shown).body == whole
    # Flattened, it says no more than the page.
    assert article("", graph(articleBody=" ".join(PARAGRAPHS))).body == whole


@pytest.mark.parametrize(
    ("lang", "head"),
    [
        (" lang=it-IT", ""),
        (" xml:lang=it", ""),
        ("", "<meta http-equiv=content-language content=it-IT>"),
        ("", "<meta property=og:locale content=it_IT>"),
        ("", graph(inLanguage="it-IT")),
    ],
)
def test_a_page_s_language_is_read_wherever_it_is_said(lang: str, head: str) -> None:
    assert read(head, f"<h1>{TITLE}</h1>{BODY}", lang=lang).language == "it"


@pytest.mark.parametrize(
    "piece",
    [
        "<div class=date>",
        "<p class=author>x",
        "<time>",
        "<h1>News</h1>",
        "<span itemprop=author>",
        "<img srcset='a 1w,' alt=x>",
        "<picture><source srcset='x 1x'>",
        "<h3>Related</h3><ul><li><a href=/x>y</a></li></ul>",
        "<h2>Comments</h2><form><p>Some words of a reader, which are long enough.</p></form>",
        "<script type='application/ld+json'>[{</script>",
        '<script type=\'application/ld+json\'>{"@type":"Article",},</script>',
    ],
)
def test_a_page_that_repeats_without_end_is_not_read_again_and_again(piece: str) -> None:
    document = piece * (24_000 // len(piece))
    jt_stoplist_init()  # else the first page of a process would pay for it
    calls(lambda: read(f"<title>{TITLE}</title>", document), most=800_000)


@pytest.mark.parametrize(("lang", "month"), [(" lang=en-US", 11), (" lang=en-GB", 5)])
def test_a_date_in_numbers_is_read_as_the_page_s_country_writes_it(lang: str, month: int) -> None:
    body = f"<article><h1>{TITLE}</h1><p class=date>11/05/2026</p>{BODY}</article>"
    published = datetime(2026, month, 16 - month, tzinfo=UTC)
    assert read("", body, lang=lang).published == published


def test_a_page_of_tables_shows_its_date_beneath_its_headline() -> None:
    old = f"<td><b>{TITLE}</b><br><font size=1>23 November 2026</font></td>"
    assert read(f"<title>{TITLE}</title>", f"<table><tr>{old}</table>{BODY}").published == DATE


def test_endlessly_nested_data_is_ignored() -> None:
    for field in ("author", "image", "datePublished"):
        value = '{"name":' * 900 + '"x"' + "}" * 900
        markup = (
            f'{{"@type":"Article","headline":"{TITLE}","{field}":{value.replace("name", "url")}}}'
        )
        page = article("", f"<script type='application/ld+json'>{markup}</script>")
        assert (page.title, page.author, page.image, page.published) == (TITLE, None, None, None)


@pytest.mark.parametrize(
    "markup",
    [
        graph(author={"@type": "Organization", "name": "The Daily"}),
        graph(author=[{"@type": "NewsMediaOrganization", "name": "An agency"}]),
        "<meta name=author content='House'>",
    ],
)
def test_a_person_in_the_byline_replaces_the_site_as_author(markup: str) -> None:
    for byline in ("<p class=byline>By Ann Rossi</p>", "<p>By Ann Rossi and Bob Weiss</p>"):
        assert article(byline, markup).author == byline.partition("By ")[2].removesuffix("</p>")
    # No other person is named.
    named = article("", markup).author
    assert named
    assert article("<p class=byline>By our staff</p>", markup).author == named


@pytest.mark.parametrize(
    ("stated", "paywall"),
    [
        (False, True),
        ("False", True),
        ("http://schema.org/False", True),
        (True, False),
        ("true", False),
        ("perhaps", None),
        ([], None),
    ],
)
def test_a_page_says_whether_it_is_for_subscribers(stated: object, *, paywall: bool | None) -> None:
    data = {"@type": "NewsArticle", "headline": TITLE, "isAccessibleForFree": stated}
    assert read(ld(data), f"<h1>{TITLE}</h1>{BODY}").paywall is paywall


_WALLED = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".rest"}


@pytest.mark.parametrize(
    ("stated", "tier", "paywall"),
    [
        ({"hasPart": _WALLED}, "", True),
        ({"hasPart": [{"@type": "WebPageElement"}, _WALLED]}, "", True),
        ({"hasPart": [{"isAccessibleForFree": True}, "?", None]}, "", None),
        ({"hasPart": _WALLED, "isAccessibleForFree": True}, "locked", False),
        ({}, "locked", True),
        ({}, "Free", False),
        ({}, "metered", None),
        ({"isAccessibleForFree": False}, "free", True),
    ],
)
def test_a_page_that_is_partly_for_subscribers_says_so_in_several_ways(
    stated: dict[str, object], tier: str, *, paywall: bool | None
) -> None:
    data = {"@type": "NewsArticle", "headline": TITLE, **stated}
    for name in ("article:content_tier", "og:article:content_tier"):
        head = f'{ld(data)}<meta property="{name}" content="{tier}">'
        assert read(head, f"<h1>{TITLE}</h1>{BODY}").paywall is paywall, name


@pytest.mark.parametrize(
    "engine_s", [f"The post {TITLE} appeared first on The House.", "Continue reading"]
)
def test_a_blog_engines_appended_line_is_not_in_the_standfirst(engine_s: str) -> None:
    summary = "Three floors of a palace hold leather goods and a room for repairs"
    head = f"<meta property='og:description' content='{summary} {engine_s}'>"
    assert article("", head).standfirst == summary


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<meta property=og:site_name content='Vogue Italia'>", "Vogue Italia"),
        ("<meta property=og:site_name content='WWD &#8211; Women’s Wear Daily'>", "WWD"),
        ("<meta property=og:site_name content='时尚 | 新闻网'>", "时尚"),
        (graph(publisher={"@type": "Organization", "name": "The Post"}), "The Post"),
        (
            "<meta property=og:site_name content='Vogue'>"
            + graph(publisher={"@type": "Organization", "name": "Condé Nast"}),
            "Vogue",
        ),
        (f"<meta property=og:site_name content='{'All about luxury ' * 3}'>", ""),
        ("<meta name=application-name content=Luxe>", "Luxe"),
        ("<meta property=og:site_name content='***'>", ""),
        (graph(publisher=[{"name": 5}]), ""),
        ("", ""),
    ],
)
def test_a_page_names_its_publication(head: str, name: str) -> None:
    assert article("", head).outlet == name
