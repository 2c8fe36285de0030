"""The fast reader and feedparser read alike: what the one takes, the other would have told too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from news.feeds import repair_xml, well_formed, xml_feed
from tests.news.conftest import NOW, SAMPLES, sample

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://magazine.example/news/feed"
ELSEWHERE = "https://cdn.example/feeds/all.xml"
PATHS = sorted(
    path
    for folder in ("various", "newsrooms")
    for path in (SAMPLES / folder).iterdir()
    if not path.name.endswith(".json")
)
RSS = (
    "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='http://www.w3.org/2005/Atom' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Tïtle</title>"
    "<link>https://magazine.example/</link><language>it-IT</language><ttl>30</ttl>"
    "<atom:link rel='self' href='https://magazine.example/feed'/>{}</channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='fr-FR'><title>T</title>"
    "<link href='/'/>{}</feed>"
)
TAKEN = {
    "a relative link": RSS.format("<item><title>One</title><link>/a?b=1&amp;c=2</link></item>"),
    "an id that is a link": RSS.format(
        "<item><title>One</title><guid>https://a.example/1</guid></item>"
    ),
    "an id that is none": RSS.format(
        "<item><title>One</title><guid isPermaLink='false'>7</guid><link>/7</link></item>"
    ),
    "escaped markup": RSS.format(
        "<item><title>Herm&#232;s &amp;amp; &lt;b&gt;Co&lt;/b&gt;</title><link>/1</link>"
        "<description>&lt;p&gt;Dolce &amp;amp; Gabbana&lt;/p&gt;</description></item>"
    ),
    "bodies in CDATA around a comment": RSS.format(
        "<item><title><![CDATA[One]]><!-- no --> and <![CDATA[two]]></title><link>/1</link>"
        "<content:encoded><![CDATA[<p>A & B &nbsp; C</p>]]></content:encoded>"
        "<description>Short one, said after it.</description></item>"
    ),
    "twice encoded": RSS.format("<item><title>CafÃ© \x93au lait\x94</title><link>/1</link></item>"),
    "tags": RSS.format(
        "<item><title>One</title><link>/1</link><category domain='x'>Watches</category>"
        "<category domain='x'>Cars</category><category/><dc:subject>Style</dc:subject></item>"
    ),
    "media": RSS.format(
        "<item><title>One</title><link>/1</link><media:group><media:content url='/s.jpg' "
        "medium='image' width='10'/><media:content url='/l.jpg' type='IMAGE/JPEG' width='900'>"
        "<media:title>L</media:title><media:credit>C</media:credit></media:content>"
        "<media:thumbnail url='/t.jpg'/></media:group>"
        "<enclosure url='/e.png' type='image/png' length='3'/></item>"
    ),
    "an enclosed picture": RSS.format(
        "<item><title>One</title><link>/1</link><description>A. <![CDATA[<img src='/b.jpg'>]]>"
        "</description><enclosure url='/e.png' type='image/png' length='3'/></item>"
    ),
    "nothing but an enclosure": RSS.format(
        "<item><title>One</title><enclosure url='https://a.example/e.mp3' type='audio/mpeg'/>"
        "</item><item><title>Two</title><link>/2</link><enclosure href='/x.png' type='image/png'/>"
        "<enclosure type='image/png'/></item>"
    ),
    "several authors and dates": RSS.format(
        "<item><title>One</title><link>/1</link><dc:creator>Ann</dc:creator>"
        "<dc:creator>Bob</dc:creator><pubDate>Mon, 02 Nov 2026 10:00:00 +0100</pubDate>"
        "<dc:date>2026-11-03</dc:date></item>"
    ),
    "two dates of a kind, one of them none": RSS.format(
        "<item><title>One</title><link>/1</link><pubDate>Mon, 02 Nov 2026 10:00:00 +0100</pubDate>"
        "<pubDate>soon</pubDate><dc:date>0000-00-00</dc:date></item><item><title>Two</title>"
        "<link>/2</link><pubDate>soon</pubDate><pubDate>Mon, 02 Nov 2026 10:00:00 +0100</pubDate>"
        "</item>"
    ),
    "a base of the whole": RSS.replace("<rss", "<rss xml:base='https://base.example/en/'").format(
        "<item><title>A</title><link>news/1</link><guid isPermaLink='false'>1 at b</guid>"
        "<description>&lt;img src='i.jpg'> B.</description></item>"
    ),
    "a base of a text": ATOM.format(
        "<entry><title>A</title><link href='1'/><content type='html' xml:base='/x/y.html'>"
        "&lt;img src='i.jpg'> B.</content></entry>"
    ),
    "a podcast's words about the whole": RSS.replace(
        "<rss",
        "<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:cc='"
        "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html'",
    ).format(
        "<itunes:author>Ann</itunes:author><itunes:owner><itunes:name>Bob</itunes:name>"
        "<itunes:email>a@b.example</itunes:email></itunes:owner><itunes:explicit>no"
        "</itunes:explicit><itunes:category text='Arts'/><cc:license>x</cc:license>"
        "<item><title>A</title><link>/1</link><cc:license>x</cc:license></item>"
    ),
    "a subtitle": RSS.format(
        "<item><title>A</title><subtitle>Two words.</subtitle><link>/1</link></item>"
        "<item><title>B</title><subtitle>Two words.</subtitle><description>It is so.</description>"
        "<link>/2</link></item>"
    ),
    "descriptions of pictures and films": RSS.format(
        "<item><title>A</title><link>/1</link><media:description>It is one.</media:description>"
        "</item><item><title>B</title><link>/2</link><description>It is two.</description>"
        "<media:description>A caption.</media:description></item><item><title>C</title>"
        "<link>/3</link><media:group><media:title>C</media:title><media:description>It is three."
        "</media:description></media:group></item>"
    ),
    "pictures and texts in namespaces of others": RSS.replace(
        "<rss", "<rss xmlns:og='http://ogp.me/ns#' xmlns:yandex='http://news.yandex.ru'"
    ).format(
        "<item><title>A</title><link>/1</link><og:image>/i.jpg</og:image><og:type>x</og:type>"
        "<yandex:full-text>It is so.</yandex:full-text></item>"
    ),
    "no title": RSS.format("<item><link>/1</link><description>Words alone.</description></item>"),
    "atom": ATOM.format(
        "<entry><id>tag:a.example,2026:1</id><title type='html'>A &amp;amp; B</title>"
        "<link rel='enclosure' type='image/png' href='p.png'/><link rel='alternate' href='1'/>"
        "<author><name>Ann</name><email>ann@a.example</email></author>"
        "<category term='watch' label='Watches'/><updated>2026-11-03T10:00:00Z"
        "</updated><content type='html'>&lt;p&gt;Body&lt;/p&gt;</content></entry>"
    ),
    "rdf with a language": (
        "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xml:lang='ja' "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel rdf:about='/'><title>T"
        "</title></channel><item rdf:about='https://a.example/1'><title>One</title>"
        "<link>https://a.example/1</link><description>Two.</description></item></rdf:RDF>"
    ),
    "rdf": (
        "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel rdf:about='/'><title>T"
        "</title><link>https://a.example/</link><items><rdf:Seq><rdf:li rdf:resource='/1'/>"
        "</rdf:Seq></items></channel><item rdf:about='https://a.example/1'><title>One</title>"
        "<link>https://a.example/1</link><dc:date>2026-11-03</dc:date></item></rdf:RDF>"
    ),
}
LEFT = {
    "an author's address": RSS.format(
        "<item><title>A</title><link>/1</link><author>a@b.example (Ann)</author></item>"
    ),
    "an error": RSS.format("<item><title>A &nbsp; B</title><link>/1</link></item>"),
    "elements within a text": RSS.format("<item><title>A <b>B</b></title><link>/1</link></item>"),
    "a base": ATOM.format("<entry xml:base='/x/'><title>A</title><link href='1'/></entry>"),
    "a language": ATOM.format("<entry><title xml:lang='de'>A</title><link href='1'/></entry>"),
    "xhtml": ATOM.format(
        "<entry><title>A</title><link href='1'/><content type='xhtml'><div>B</div></content>"
        "</entry>"
    ),
    "a title told twice": RSS.format(
        "<item><title>A</title><title>B</title><link>/1</link></item>"
    ),
    "an author's two addresses": RSS.format(
        "<item><title>A</title><link>/1</link><author>a@b.example, c@d.example</author></item>"
    ),
    "a stolen prefix": "<rss version='2.0' xmlns:media='urn:x'><channel><title>T</title>"
    "<item><title>A</title><link>/1</link><media:content url='/1.jpg'/></item></channel></rss>",
    "entities": "<!DOCTYPE rss [<!ENTITY a 'aaaa'>]>"
    + RSS.format("<item><title>&a;</title><link>/1</link></item>"),
}


def _both(text: str, location: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    fast = xml_feed.read(text, location, URL, NOW)
    with monkeypatch.context() as without:
        without.setattr(well_formed, "read", lambda *_: None)
        return fast, xml_feed.read(text, location, URL, NOW)


def _bare(text: str) -> str:
    return repair_xml.DECLARATION.sub("", text, count=1)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
@pytest.mark.parametrize("location", [URL, ELSEWHERE])
def test_a_sample_is_read_alike_by_both(
    path: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = sample(f"{path.parent.name}/{path.name.removesuffix('.gz')}").decode("utf-8", "replace")
    if not xml_feed._FEED.search(text):
        pytest.skip("the text of one article")
    fast, patient = _both(text.strip("\ufeff \n"), location, monkeypatch)
    assert fast == patient


def test_many_samples_are_read_the_fast_way() -> None:
    texts = [
        sample(f"{path.parent.name}/{path.name.removesuffix('.gz')}").decode("utf-8", "replace")
        for path in PATHS
    ]
    assert (
        sum(well_formed.read(_bare(text.strip("\ufeff \n")), URL) is not None for text in texts)
        > 10
    )


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("location", [URL, ELSEWHERE])
def test_what_is_taken_is_read_as_feedparser_would(
    text: str, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert well_formed.read(_bare(text), location) is not None
    fast, patient = _both(text, location, monkeypatch)
    assert fast == patient


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_may_mean_something_else_is_left_to_feedparser(text: str) -> None:
    assert well_formed.read(_bare(text), URL) is None
