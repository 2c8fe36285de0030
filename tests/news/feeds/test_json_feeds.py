"""JSON from sources: JSON Feed, and blogs' lists of posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from news.entry import UnreadableError
from news.parse import parse
from tests.news.conftest import NOW

if TYPE_CHECKING:
    from news.entry import Entry, Parsed

URL = "https://site.example/api/feed.json"
LINK = "https://site.example/a"
TITLE = "Gucci opens in Milan"
ISO = "2026-11-23T10:00:00Z"
LINKS = [{"rel": "self", "href": "/x"}, {"rel": "alternate", "href": LINK}]
DATE = datetime(2026, 11, 23, 10, tzinfo=UTC)
ITEM = {"id": "1", "url": LINK, "title": TITLE, "date_published": "2026-11-23T10:00:00Z"}
OTHER = {**ITEM, "id": "2", "url": "https://site.example/b", "title": "Fendi opens in Rome"}


def read(document: str, url: str = URL) -> Parsed:
    return parse(document.encode(), url=url, now=NOW)


def feed(*items: object) -> str:
    about = {"version": "https://jsonfeed.org/version/1.1", "title": "The Daily"}
    return json.dumps({**about, "home_page_url": "https://site.example/", "items": items})


def entries_of(parsed: Parsed) -> list[tuple[str, str, datetime | None]]:
    return [(entry.title, entry.link, entry.published) for entry in parsed.entries]


def only(document: str) -> Entry:
    (entry,) = read(document).entries
    return entry


def test_the_list_of_posts_that_wordpress_gives_is_read() -> None:
    post = {
        "id": 12,
        "date": "2026-11-23T11:00:00",
        "date_gmt": "2026-11-23T10:00:00",
        "guid": {"rendered": "https://site.example/?p=12"},
        "link": LINK,
        "title": {"rendered": "Herm&egrave;s &#038; Gucci open in&nbsp;Milan"},
        "excerpt": {"rendered": "<p>The first sentence. [&hellip;]</p>\n", "protected": False},
        "content": {"rendered": "<p>The first sentence. And more of it.</p>"},
        "author": 3,
        "categories": [4],
        "_embedded": {
            "author": [{"name": "Anna Rossi"}],
            "wp:featuredmedia": [{"source_url": "/p.jpg"}],
            "wp:term": [[{"name": "Fashion"}], [{"name": "Milan"}]],
        },
    }
    entry = only(json.dumps([post, {"id": 13}, 7]))
    assert entry.title == "Hermès & Gucci open in Milan"
    assert (entry.link, entry.guid, entry.published) == (LINK, "https://site.example/?p=12", DATE)
    assert entry.standfirst == "The first sentence.…"
    assert entry.body == "The first sentence. And more of it."
    assert (entry.author, entry.image) == ("Anna Rossi", "https://site.example/p.jpg")
    assert entry.tags == ("Fashion", "Milan")


@pytest.mark.parametrize(
    "document",
    [
        {"posts": [{"title": TITLE, "url": LINK, "published_at": "2026-11-23T11:00:00.000+01:00"}]},
        {"items": [{"title": TITLE, "fullUrl": "/a", "publishOn": 1795428000000}]},
        {"status": "ok", "items": [{"title": TITLE, "link": LINK, "pubDate": "2026-11-23 10:00"}]},
        {"data": [{"headline": TITLE, "href": "/a", "publicationDate": "2026-11-23T10:00:00Z"}]},
        {"results": [{"title": TITLE, "path": "/a", "releaseDate": "2026-11-23 10:00"}]},
        {"found": 1, "posts": [{"title": TITLE, "URL": LINK, "date": "2026-11-23T11:00:00+01:00"}]},
        {"data": [{"attributes": {"title": TITLE, "url": "/a", "publishedAt": ISO}}]},
        {"data": [{"attributes": {"title": TITLE, "path": {"alias": "/a"}, "created": ISO}}]},
        {"items": [{"sys": {}, "fields": {"title": TITLE, "url": "/a", "date": ISO}}]},
        {"hits": [{"objectID": "1", "title": TITLE, "url": "/a", "publishedAt": 1795428000}]},
        {"hits": {"total": 1, "hits": [{"_source": {"title": TITLE, "url": "/a", "date": ISO}}]}},
        {"data": {"posts": {"nodes": [{"title": TITLE, "uri": "/a", "date": ISO}]}}},
        {"data": {"news": {"edges": [{"node": {"title": TITLE, "url": "/a", "date": ISO}}]}}},
        {"feed": {"entry": [{"title": {"$t": TITLE}, "published": {"$t": ISO}, "link": LINKS}]}},
        {"Items": [{"Title": TITLE, "Url": "/a", "PublishDate": ISO}]},
        {"articles": [{"headline": TITLE, "web_url": LINK, "pub_date": ISO}]},
        {"title": "Site", "url": "https://site.example/", "posts": [ITEM]},
        {"sections": [{"name": "News", "cards": [ITEM]}]},
        {"menu": [{"title": "Home", "url": "/"}, {"title": "B", "url": "/b"}], "stories": [ITEM]},
        {"version": "1", "items": {"title": TITLE, "url": LINK, "date": ISO}},
    ],
)
def test_the_lists_of_posts_that_others_give_are_read(document: dict[str, Any]) -> None:
    assert entries_of(read(json.dumps(document))) == [(TITLE, LINK, DATE)]


@pytest.mark.parametrize(
    "change",
    [
        {"id": 7, "date_published": 1795428000},
        {"date_published": 1795428000000},
        {"date_published": 1795428000.5},
        {"date_published": None, "date_modified": "2026-11-23T10:00:00Z"},
        {"date_published": "soon", "date_modified": "2026-11-23T10:00:00Z"},
        {"url": "/a"},
        {"url": None, "external_url": LINK},
        {"url": None, "id": LINK},
        {"title": "<b>Gucci</b> opens in&nbsp;Milan"},
        {"tags": "a", "author": 7, "authors": "x", "image": {"url": 7}, "attachments": {}},
        {"content_html": 7, "summary": [], "language": {}},
    ],
)
def test_values_of_odd_types_cost_no_item(change: dict[str, object]) -> None:
    assert entries_of(read(feed({**ITEM, **change}))) == [(TITLE, LINK, DATE)]


@pytest.mark.parametrize(
    "document",
    [
        "\ufeff" + feed(ITEM),
        ")]}',\n" + feed(ITEM),
        "/**/ callback.of(" + feed(ITEM) + ");",
        feed(ITEM) + "<!-- cached -->",
    ],
)
def test_text_around_the_json_costs_no_item(document: str) -> None:
    assert entries_of(read(document)) == [(TITLE, LINK, DATE)]


@pytest.mark.parametrize(
    "fields",
    [
        {"yoast_head_json": {"og_image": [{"url": "/i.jpg"}], "author": "Ann"}, "tags": ["Deals"]},
        {"primary_author": {"name": "Ann"}, "feature_image": "/i.jpg", "tags": [{"name": "Deals"}]},
        {
            "author": {"node": {"name": "Ann"}},
            "featuredImage": {"node": {"sourceUrl": "/i.jpg"}},
            "categories": {"nodes": [{"name": "Deals"}]},
        },
        {"author": "Ann", "urlToImage": "/i.jpg", "category": [{"term": "Deals"}]},
        {"authors": ["Ann"], "image": {"data": {"attributes": {"url": "/i.jpg"}}}, "tags": "Deals"},
    ],
)
def test_pictures_writers_and_tags_are_found_where_engines_put_them(fields: dict[str, Any]) -> None:
    entry = only(json.dumps({"posts": [{"title": TITLE, "link": LINK, **fields}]}))
    assert (entry.image, entry.author) == ("https://site.example/i.jpg", "Ann")
    assert entry.tags == ("Deals",)


def test_a_json_feeds_author_is_the_default_of_its_items() -> None:
    both = feed(ITEM, {**OTHER, "author": {"name": "Ugo"}})
    for name, writers in (("author", {"name": "Anna"}), ("authors", [{"name": "Anna"}])):
        document = json.dumps({**json.loads(both), name: writers})
        assert [entry.author for entry in read(document).entries] == ["Anna", "Ugo"]
    document = json.dumps({**json.loads(both), "author": {"name": "The Daily"}})
    assert [entry.author for entry in read(document).entries] == [None, "Ugo"]


def test_the_name_of_a_feed_is_found_where_blogger_puts_it() -> None:
    document = {"feed": {"title": {"$t": "The House"}, "entry": [ITEM]}}
    assert parse(json.dumps(document).encode(), url=URL, now=NOW).title == "The House"


def test_a_line_break_within_a_text_is_read() -> None:
    assert only(feed(ITEM).replace("Gucci opens", "Gucci\nopens")).title == TITLE


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ('{"code":"rest_no_route","message":"No route","data":{"status":404}}', "not a feed"),
        ('{"data":[{"name":"x"}]}', "not a feed"),
        ("[1, 2, 3]", "not a feed"),
        ("[]", "not a feed"),
        ('{"items": [', "broken json"),
        ("{", "broken json"),
        ("[" * 100_000, "broken json"),
        (feed(ITEM, OTHER)[:-40], "broken json"),
    ],
)
def test_json_that_is_not_a_feed_is_refused_with_a_reason(document: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(document)
    assert refused.value.reason == reason


def test_a_number_is_not_a_link() -> None:
    assert entries_of(read(feed({**ITEM, "url": None}, OTHER))) == entries_of(read(feed(OTHER)))
