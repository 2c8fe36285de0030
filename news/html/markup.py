"""Functions that read the markup of article pages and listing pages. Runs in a worker."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree, html  # type: ignore[import-untyped]  # lxml has no types

from news.entry import UnreadableError
from news.text import clean
from news.text.links import absolute, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_LIMIT = 3_000_000
"""Characters of a page that are read."""
MOST_ELEMENTS = 15_000
"""Elements of a page that are kept; 100,000 would occupy a worker for many seconds."""
_FEED_TYPE = re.compile(
    r"(?:application|text)/(?:x[.-])?(?:rss|atom|rdf)(?:\+xml)?|application/feed\+json"
)
_VAGUE_TYPES = frozenset({"text/xml", "application/xml", "application/json", "text/rss+xml", ""})
_LIKE_FEED = re.compile(r"\brss|atom\b|\bfeed", re.IGNORECASE)
_NOT_NEWS = re.compile(
    r"comment|oembed|wp-json|xmlrpc|/wlwmanifest|kommentar(?:er|s)?-?\s?(?:feed|fl\u00f6de|str\u00f8m)|"
    r"coment[a\u00e1]rio|reactiesfeed|komenta(?:rzy|\u0159\u016f)|kommenttien|hozz\u00e1sz\u00f3l\u00e1s|"
    r"yorum besleme|\u043a\u043e\u043c\u043c\u0435\u043d\u0442\u0430\u0440\u0438|"
    r"\u30b3\u30e1\u30f3\u30c8|\u8bc4\u8bba|\u8a55\u8ad6|\ub313\uae00",
    re.IGNORECASE,
)
_FEED_ADDRESS = re.compile(
    r"/(?:rss|feed|atom|feeds)(?:/|\.xml|\.rdf|\.php|\.aspx?)?(?:[?#]|$)|\.(?:rss|atom|rdf)(?:\?|$)|"
    r"//feeds\.|[?&](?:feed|format|type|output)=(?:rss|atom)|/(?:rss|feeds?)/[\w/.-]{1,80}\.(?:xml|rss|rdf)",
    re.IGNORECASE,
)
_RELATIONS = frozenset({"alternate", "feed", "service.feed"})
# Matches links to web feed readers, which take the feed's address as a parameter.
_ADDRESS_WITHIN = re.compile(r"[/=]https?(?::|%3a)", re.IGNORECASE)
_RSS_CLASS = re.compile(
    r"(?:^|\s)(?:[a-z]+-)?rss(?:-(?:link|icon|feed|btn|button))?(?:\s|$)", re.IGNORECASE
)
_SAYS_FEED = re.compile(r"(?:rss|atom)(?: feeds?)?|(?:feed|flux|canal|fil) rss", re.IGNORECASE)
_SPOKEN = re.compile(r"podcast|episodes", re.IGNORECASE)
_SLASHES_OF_FRONT = 3
_MOST_SHOWN = 4
_MOST_LINKS = 3_000
_MOST_ATTRIBUTES = 100
_LONG_TAG = 10_000
_LONG = re.compile(r"(<[A-Za-z][A-Za-z0-9]{0,20})(?=[\s/])[^<>]{10000,}+")
_MANY = 2_000
"""Spaces and equals signs in a tag above which attributes, compared in pairs, are dropped."""
ASIDE = frozenset({"aside", "nav", "footer"})
"""Elements that are not part of an article."""
_EMBEDDED = re.compile(
    r"data:[\w.+-]{1,40}/[\w.+-]{1,80}(?:;[\w.=-]{1,40}){0,4}?;base64,[A-Za-z0-9+/=%\r\n]{400,}+"
)
"""Matches a file embedded as base64, such as a picture pasted from a word processor."""
_NAMING = ("property", "name", "itemprop", "http-equiv")
_DATE_NAME = re.compile(
    r"data-(?!.*(?:updat|modif|expir|end|format))[\w-]*(?:date|publi|time|created|when)",
    re.IGNORECASE,
)


def _with_few_attributes(tag: re.Match[str]) -> str:
    return tag[0] if tag[0].count("=") + tag[0].count(" ") < _MANY else f"{tag[1]} "


def tree_of(text: str) -> html.HtmlElement:
    """Return the page as a tree. UnreadableError: `not a page`."""
    if ";base64," in text:
        # Embedded pictures may be longer than `PAGE_LIMIT`.
        text = _EMBEDDED.sub("data:,", text)
    if any(len(piece) > _LONG_TAG for piece in text.split(">")):
        text = _LONG.sub(_with_few_attributes, text)
    # As bytes: lxml refuses text with an XML declaration.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text[:PAGE_LIMIT].encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("not a page", str(error)[:120]) from None
    for element in [*islice(tree.iter(), MOST_ELEMENTS, None)]:
        element.getparent().remove(element)
    return tree


def meta(tree: html.HtmlElement, *names: str) -> list[str]:
    """Return the contents of meta elements with these names, in the order of the names."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = next((stated for one in _NAMING if (stated := element.get(one))), "")
        content = (element.get("content") or "").strip()
        if content:
            found.setdefault(name.strip().lower(), []).append(content)
    return [content for name in names for content in found.get(name, [])]


def is_american(tree: html.HtmlElement) -> bool:
    """Return whether a page declares the language `en-US`."""
    return (tree.get("lang") or "").lower().replace("_", "-") == "en-us"


def names_of(element: html.HtmlElement) -> str:
    """Return an element's classes and id as one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def linked(tree: html.HtmlElement, relation: str) -> Iterator[html.HtmlElement]:
    """Yield the page's `link` elements with this relation and an address."""
    for element in tree.iter("link"):
        if relation in (element.get("rel") or "").lower().split() and element.get("href"):
            yield element


def announced_feeds(tree: html.HtmlElement, url: str) -> tuple[str, ...]:
    """Return the feeds that a page declares, without comments, else up to four that it links to."""
    base = base_of(tree, url)
    feeds: dict[str, tuple[bool, bool, bool]] = {}
    here = bare(url) + "/"
    is_part = here.count("/") > _SLASHES_OF_FRONT
    language = (tree.get("lang") or "").lower()[:2]
    for element in tree.iter("link", "a"):
        relations = (element.get("rel") or "").lower().split()
        link = absolute(element.get("href") or "", base)
        kind = (element.get("type") or "").split(";")[0].strip().lower()
        of_kind = _FEED_TYPE.fullmatch(kind) is not None
        related = not _RELATIONS.isdisjoint(relations) or (of_kind and not relations)
        if link is None or not related:
            continue
        named = f"{link} {element.get('title') or ''}"
        is_feed = of_kind or "feed" in relations
        if (
            is_feed or (kind in _VAGUE_TYPES and _LIKE_FEED.search(named))
        ) and not _NOT_NEWS.search(named):
            # For a section of a site, prefer its own feed; then the feed in the page's language.
            elsewhere = is_part and not link.startswith(here)
            foreign = language not in {"", (element.get("hreflang") or language).lower()[:2]}
            feeds.setdefault(link, (foreign, elsewhere, bool(_SPOKEN.search(named))))
    if feeds:
        return tuple(sorted(feeds, key=feeds.__getitem__))
    return tuple(islice(_shown_feeds(tree, base), _MOST_SHOWN))


def _shown_feeds(tree: html.HtmlElement, base: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in islice(tree.iter("a", "area"), _MOST_LINKS):
        link = absolute(element.get("href") or "", base)
        if link is None or link in seen or link.partition("#")[0] == base.partition("#")[0]:
            continue
        # Cheapest tests first: few links are to feeds.
        if (_FEED_ADDRESS.search(link) or _says_feed(element)) and not (
            _ADDRESS_WITHIN.search(link) or _NOT_NEWS.search(link)
        ):
            seen.add(link)
            yield link


def _says_feed(element: html.HtmlElement) -> bool:
    stated = [text_of(element), *(element.get(name) or "" for name in ("title", "aria-label"))]
    stated += [one.get("alt") or "" for one in islice(element.iter("img"), _MOST_SHOWN)]
    if any(_SAYS_FEED.fullmatch(one.strip()[:40]) for one in stated):
        return True
    return bool(_RSS_CLASS.search(element.get("class") or ""))


def base_of(tree: html.HtmlElement, url: str) -> str:
    """Return the address that the page's relative links are relative to."""
    for element in tree.iter("base"):
        if element.get("href"):
            return absolute(element.get("href"), url) or url
    return url


def text_of(element: html.HtmlElement) -> str:
    """Return the text within an element, as one line."""
    return clean.one_line(" ".join(str(piece) for piece in element.itertext()))


def anchors_of(block: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the links within an element, including the element itself."""
    return [one for one in block.iter("a") if href_of(one)]


def headings_of(block: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the headings within an element, h1 to h5, in document order."""
    yield from block.iter("h1", "h2", "h3", "h4", "h5")


def href_of(element: html.HtmlElement) -> str:
    """Return the address of an element or of the first link within it; empty if there is none."""
    if element.get("href"):
        return str(element.get("href"))
    return next((str(one.get("href")) for one in element.iter("a") if one.get("href")), "")


def dates_of(element: html.HtmlElement) -> list[str]:
    """Return texts that may be an element's date: from its attributes, then its visible text."""
    candidates = (element.get("datetime"), element.get("content"), *dates_in_attributes(element))
    return [one for one in (*candidates, text_of(element)) if one]


def dates_in_attributes(element: html.HtmlElement) -> list[str]:
    """Return the values of `data-` attributes with date-like names, such as `data-published`."""
    if len(element.attrib) > _MOST_ATTRIBUTES:
        return []
    return [str(value) for name, value in element.attrib.items() if _DATE_NAME.match(name)]
