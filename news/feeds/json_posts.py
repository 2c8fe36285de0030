"""Conversion of JSON posts to raw entries, with the field names of many publishing systems.

JSON Feed's names come first; then those of WordPress, Ghost, Squarespace, Drupal, Strapi,
Contentful, Blogger, search engines and GraphQL. Case, `_` and `-` in names are ignored:
`date_published`, `datePublished` and `DatePublished` are the same.
"""

from __future__ import annotations

import html
from collections import deque
from typing import TYPE_CHECKING, Any

from news.feeds.item import Raw
from news.html.json_ld import first_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LISTS = ("items", "posts", "articles", "entries", "news", "results", "data")
"""Field names under which documents have their list of posts."""
_DEPTH = 6
_MOST = 5_000
"""Most values of a document that are searched for a list of posts."""

# Field names, the best first.
_LINK = (
    *("url", "link", "fullurl", "permalink", "href", "path", "uri", "weburl", "canonicalurl"),
    *("shareurl", "websiteurl", "pathname", "relativeurl"),
)
_TITLE = ("title", "headline")
_SUMMARY = (
    *("summary", "customexcerpt", "excerpt", "description", "abstract", "standfirst", "teaser"),
    *("dek", "lead", "intro", "subtitle"),
)
_CONTENT = ("contenthtml", "contenttext", "content", "html", "body", "bodyhtml")
_DATES = (
    *("datepublished", "dategmt", "publishedat", "publishon", "pubdate", "published", "date"),
    *("publishdate", "publicationdate", "releasedate", "publishedon", "publisheddate"),
    *("firstpublished", "firstpublishedat", "firstpublishdate", "postdate", "displaydate"),
    *("created", "createdat", "timestamp", "datetime"),
    *("datemodified", "modifiedgmt", "modified", "updatedat", "updated", "changed"),
)
_IMAGE = (
    *("image", "bannerimage", "featureimage", "featuredimage", "jetpackfeaturedmediaurl"),
    *("heroimage", "coverimage", "mainimage", "leadimage", "imageurl", "urltoimage", "ogimage"),
    *("thumbnail", "thumbnailurl", "asseturl"),
)
_AUTHOR = ("authors", "author", "primaryauthor", "byline", "creator")
_TAGS = ("tags", "categories", "category", "keywords", "topics")
# Fields within a nested value.
_IN_TEXT = ("rendered", "$t", "processed", "value", "alias")
_IN_PICTURE = (
    *("url", "src", "sourceUrl", "source_url", "contentUrl", "href", "node", "data", "attributes"),
    *("fields", "file"),
)
_IN_NAME = ("name", "$t", "title", "label", "term", "node", "nodes", "data", "attributes")
_AROUND = ("node", "attributes", "fields", "_source", "data", "post", "article", "item", "content")
_NESTED = 5
_WITHIN = 30


def raw_of(item: dict[str, Any], base: str, of_feed: Sequence[str] = ()) -> Raw:
    """Return one post of any system as a raw entry; `of_feed` are the authors if it has none."""
    properties = _plain(opened(item))
    embedded = properties.get("embedded")
    more: dict[str, Any] = embedded if isinstance(embedded, dict) else {}
    yoast = properties.get("yoastheadjson")
    seo: dict[str, Any] = yoast if isinstance(yoast, dict) else {}
    guid = (
        text_under(properties, "guid")
        if isinstance(properties.get("guid"), dict)
        else text_under(properties, "id", "guid")
    )
    names = [*_named(properties, _AUTHOR), *names_in(more.get("author"))] or names_in(
        seo.get("author")
    )
    return Raw(
        guid=guid,
        links=[
            link
            for link in (
                _link(properties),
                # JSON Feed recommends the address as id.
                guid if guid.startswith("http") else "",
                text_under(properties, "externalurl"),
            )
            if link
        ],
        base=base,
        title=text_under(properties, *_TITLE),
        summary=_escaped(text_under(properties, *_SUMMARY)),
        content=text_under(properties, "contenthtml")
        or _escaped(text_under(properties, *_CONTENT)),
        images=[
            *[first_text(properties[name], _IN_PICTURE) for name in _IMAGE if name in properties],
            *(
                text_under(one, "url")
                for one in _objects(properties.get("attachments"))
                if text_under(one, "mime_type").startswith("image/")
            ),
            *(text_under(one, "source_url") for one in _objects(more.get("wp:featuredmedia"))),
            first_text(seo.get("og_image"), _IN_PICTURE),
        ],
        authors=names or of_feed,
        dates=_dates(properties),
        tags=[*_named(properties, _TAGS), *_terms(more)],
        language=text_under(properties, "language") or None,
    )


def is_post(value: object) -> bool:
    """Return whether a value is an object with a title and an address."""
    if not isinstance(value, dict):
        return False
    properties = _plain(opened(value))
    return bool(text_under(properties, *_TITLE) and _link(properties))


def posts_in(document: dict[str, Any]) -> list[Any] | None:
    """Return the list of posts in a document, or None."""
    for name in LISTS:
        items = document.get(name)
        if isinstance(items, list) and any(map(is_post, items)):
            return items
    best: list[Any] | None = None
    most = (0, 0)
    waiting: deque[tuple[dict[str, Any] | list[Any], int]] = deque([(document, 0)])
    for _ in range(_MOST):
        if not waiting:
            break
        value, depth = waiting.popleft()
        if isinstance(value, list):
            posts = [one for one in value[:_WITHIN] if is_post(one)]
            # Prefer dated posts: a menu has titles and addresses, but no dates.
            rank = (sum(map(_is_dated, posts)), len(posts))
            best, most = (value, rank) if rank > most else (best, most)
        if depth < _DEPTH:
            inner = value.values() if isinstance(value, dict) else value[:_WITHIN]
            waiting.extend((one, depth + 1) for one in inner if isinstance(one, dict | list))
    return best


def _is_dated(post: dict[str, Any]) -> bool:
    return bool(_dates(_plain(opened(post))))


def _dates(properties: dict[str, Any]) -> list[str]:
    held = filter(properties.__contains__, _DATES)
    return [text for name in held if (text := text_under(properties, name))]


def names_in(value: object) -> list[str]:
    """Return the names in a value: texts, objects with a name, or lists of either; no numbers."""
    values = value if isinstance(value, list) else [value]
    found = (first_text(one, _IN_NAME) for one in values[:_WITHIN])
    return [name for name in found if name and not name.isdecimal()]


def opened(item: dict[str, Any]) -> dict[str, Any]:
    """Return a post with the fields of the objects that wrap it, such as `node` or `attributes`."""
    for _ in range(_NESTED):
        if any(name in item for name in ("title", "headline", "Title")):
            break
        inner = next((item[name] for name in _AROUND if isinstance(item.get(name), dict)), None)
        if inner is None:
            break
        item = {**item, **inner}
    return item


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in item.items():
        plain.setdefault(name.lower().replace("_", "").replace("-", ""), value)
    return plain


def _link(properties: dict[str, Any]) -> str:
    for name in _LINK:
        value = properties.get(name)
        if isinstance(value, list):
            # Blogger lists several links, each with a relation.
            value = next((one for one in _objects(value) if one.get("rel") == "alternate"), None)
        if isinstance(value, dict):
            value = value.get("href") or value.get("url") or first_text(value, _IN_TEXT)
        if isinstance(value, str) and value:
            return value
    return ""


def _named(properties: dict[str, Any], fields: Sequence[str]) -> list[str]:
    found: list[str] = []
    for field in filter(properties.__contains__, fields):
        value = properties[field]
        if isinstance(value, str) and "," in value and fields is _TAGS:
            value = [one.strip() for one in value.split(",")]
        elif isinstance(value, dict) and isinstance(value.get("nodes"), list):
            value = value["nodes"]
        found += names_in(value)
    return list(dict.fromkeys(found))


def _terms(more: dict[str, Any]) -> Iterator[str]:
    groups = more.get("wp:term")
    for group in groups if isinstance(groups, list) else []:
        yield from names_in(group)


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else []) if isinstance(one, dict)]


def _escaped(text: str) -> str:
    """Return plain text escaped as markup; leave text that seems to be markup already."""
    return text if "</" in text or "&" in text else html.escape(text, quote=False)


def text_under(holder: dict[str, Any], *names: str) -> str:
    """Return the first text under these names, or in an object such as `{"rendered": text}`."""
    for name in names:
        value = holder.get(name)
        if isinstance(value, dict):
            value = next((value[one] for one in _IN_TEXT if value.get(one)), None)
        if isinstance(value, str) and value:
            return value
    return ""
