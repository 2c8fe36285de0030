"""Parsing of RSS in all versions, RDF and Atom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from news.entry import Parsed, Refused, UnreadableError
from news.feeds import xml_tree
from news.feeds.item import Raw, entries_of
from news.feeds.xml_tree import language_of, parts_of, words_of
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute, names_a_host, same_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from news.feeds.xml_tree import Element, Parts

MAX_ITEMS = 2_000
"""Most items that are read; a longer document is cut before it is parsed."""
SMALL = 150
"""Pixels of width up to which a thumbnail is worse than a picture in the text."""
MAX_REPEATED = 400
"""Most characters of an aggregator's summary that only repeats the headline."""

_ITEM_END = re.compile(r"</(?:[A-Za-z0-9]{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:[?!]|$)", re.IGNORECASE)
_OTHER_FILE = re.compile(r"\.[a-z0-9]{2,4}(?:\?|$)", re.IGNORECASE)
_FEED = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_PAGE_NAME = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|cfm)\b", re.IGNORECASE)
# Element names, the best first; the last are non-standard.
_TITLES = ("title", "dc:title", "media:title")
_CONTENTS = ("content:encoded", "content", "xhtml:body")
_SUMMARIES = (
    *("description", "summary", "dc:description", "itunes:summary", "subtitle", "itunes:subtitle"),
    *("media:description", "teaser", "excerpt", "abstract", "lead", "intro", "text", "body"),
)
_DATES = (
    *("pubdate", "published", "issued", "dcterms:issued", "created", "dcterms:created"),
    *("prism:publicationdate", "publishdate", "publisheddate", "datepublished", "publicationdate"),
    *("pub_date", "publish_date", "post_date", "releasedate", "date", "dc:date"),
    *("updated", "modified", "dcterms:modified"),
)
_AUTHORS = ("author", "dc:creator", "itunes:author", "creator")
_PICTURES = (
    *("itunes:image", "image", "thumbnail", "thumb", "picture", "photo", "imageurl", "image_url"),
    *("featured_image", "og:image", "g:image_link"),
)
_LANGUAGES = ("language", "dc:language")
_PAGE_TYPES = frozenset({"", "text/html", "html", "xhtml", "application/xhtml+xml"})
# Drupal adds an article's title, author and date to the description.
_DRUPAL = re.compile(
    r"<span\b[^<>]{0,300}\bfield--name-(?:title|uid|created)\b[^<>]{0,300}>"
    r"(?:[^<]{0,300}<(?!/?(?:div|p)\b)[^<>]{0,500}>){0,8}?[^<]{0,300}</span>\s*"
    r"(?=<(?:span|div|p)\b|\Z)",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"<p\b[^<>]{0,300}\bbutton-wrapper\b[^<>]{0,2000}>(?:(?!</?p\b).){0,1000}</p>",
    re.IGNORECASE | re.DOTALL,
)
# Matches short codes of WordPress and its page builders.
_SHORT_CODE = re.compile(
    r"\[/?(?:(?:vc|et_pb|fusion|av|su|mk|nectar|cs|tatsu|elementor)[_-][\w-]{1,40}|caption|gallery|embed|"
    r"audio|video|playlist|contact-form-7|contact-form|mc4wp_form|instagram-feed|row|column|"
    r"button|dropcap)(?:\s[^\[\]]*+)?\](?:https?://[^\s\[\]<>]{1,2000}+\[/embed\])?",
    re.IGNORECASE,
)
_CODE_SIGNS = (
    *("[/", "[gallery", "[contact-form", "[mc4wp", "[instagram", "[vc_", "[playlist", "[et_pb_"),
    *("[fusion_", "[elementor", "[caption ", "[av_", "[nectar_"),
)
"""Beginnings of short codes that are searched for first, which is much faster."""
_ON_MEDIUM = re.compile(
    r"(?:<hr ?/?>)?<p>(?:(?!</?p>).){0,1000}was originally published in"
    r"(?:(?!</?p>).){0,1000}</p>",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote|table|figure|pre)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_END = 4_000
"""Characters from the end of a text in which Medium's last line is looked for."""


class _Feed(NamedTuple):
    location: str
    """Base address of the feed's links."""
    site: str
    """Base address of the feed's pictures."""
    document: str
    """Address of the feed; lxml uses it as the base of elements without one."""
    authors: Sequence[str]
    """Authors of items that name none."""
    has_languages: bool


def read(text: str, base: str, url: str, now: datetime) -> Parsed:
    """Return the entries of an XML feed. A broken feed is read as far as possible.

    Raises UnreadableError (`not a feed`, `nested too deep`).
    """
    if not _FEED.search(text[:200_000]):
        raise UnreadableError("not a feed", clean.opening(text))
    text, ends, cut = _first_items(text)
    location = absolute(base, url) or url
    root = xml_tree.tree_of(text, location, ends)
    if root is None:
        raise UnreadableError("not a feed", clean.opening(text))
    form, about = xml_tree.feed_of(root)
    feed = parts_of(about)
    links = _links(feed)
    site = absolute(links["alternate"], url) or "" if "alternate" in links else ""
    title = clean.title(_words(feed, "title"))
    # An Atom feed's authors apply to its entries, except the site's own name.
    named = title.casefold()
    writers = _authors(feed) if form.startswith("atom") else []
    of_feed = [one for one in writers if one.casefold() not in named]
    # If another host serves the feed, its relative links are relative to the site.
    own = location if not site or same_site(site, location) else site
    around = _Feed(own, site or url, location, of_feed, xml_tree.has_languages(root))
    raws = [_raw(item, parts, around) for item, parts in xml_tree.items_of(root)]
    entries, refused = entries_of(raws, now)
    if cut:
        refused.insert(0, Refused("too many items", f"all after {MAX_ITEMS}"))
    return Parsed(
        entries=tuple(entries),
        title=title,
        refused=tuple(refused),
        form=form,
        language=code(_words(feed, *_LANGUAGES) or language_of(about)),
        ttl=_ttl(_words(feed, "ttl")),
    )


def _first_items(text: str) -> tuple[str, int, bool]:
    count = 0
    for count, end in enumerate(_ITEM_END.finditer(text), start=1):
        if count == MAX_ITEMS:
            return text[: end.end()], count, _ITEM_END.search(text, end.end()) is not None
    return text, count, False


def _raw(item: Element, parts: Parts, feed: _Feed) -> Raw:
    own = "" if item.base == feed.document else item.base
    location = own or feed.location
    bodies = [(words_of(one), one) for one in _all(parts, *_CONTENTS) if _is_words(one)]
    whole, holder = max(bodies, key=lambda one: len(one[0]), default=("", item))
    if "wp:post_id" in parts:
        whole = in_paragraphs(whole)
    content, summary = unwrapped(whole), unwrapped(_summary(parts))
    title, of_source = _without_its_source(parts)
    links = _links(parts)
    guid, is_link = _guid(parts, location)
    guid = guid or item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""
    wanted = [
        _words(parts, "feedburner:origlink"),
        links.get("alternate"),
        guid if is_link or guid.startswith(("http://", "https://")) else "",
        *[one.get("src") for one in parts.get("content", ())],
        _words(parts, "url"),
        *map(links.get, ("via", "related", "self", "enclosure")),
        # The comments' link is the article's page with a fragment.
        _words(parts, "comments"),
    ]
    # Of two elements with one name, prefer the later.
    dated = [one for name in _DATES if name in parts for one in reversed(parts[name])]
    return Raw(
        guid=guid,
        links=[_address(link, location) for link in dict.fromkeys(wanted) if link],
        base=own or feed.site,
        title=title,
        # An aggregator's summary only repeats the headline.
        summary="" if of_source and len(clean.title(summary)) <= MAX_REPEATED else summary,
        content=content,
        images=_images(item, parts, content or summary),
        authors=_authors(parts) or feed.authors,
        dates=list(filter(None, map(words_of, dated))),
        tags=[*_tags(parts), *of_source],
        language=_words(parts, *_LANGUAGES)
        or (language_of(holder, _all(parts, "title", "summary")) if feed.has_languages else ""),
    )


def _all(parts: Parts, *names: str) -> list[Element]:
    return [one for name in names if name in parts for one in parts[name]]


def _words(parts: Parts, *names: str) -> str:
    for name in names:
        for one in parts.get(name, ()):
            if words := words_of(one):
                return words
    return ""


def _summary(parts: Parts) -> str:
    groups = (parts_of(one) for one in parts.get("media:group", ()))
    return _words(parts, *_SUMMARIES) or next(
        (words for one in groups if (words := _words(one, "media:description"))), ""
    )


def _without_its_source(parts: Parts) -> tuple[str, list[str]]:
    """Return an aggregated title without the name of its original source, and that name."""
    title = _words(parts, *_TITLES)
    if "source" not in parts:
        return title, []
    source = parts["source"][0]
    name = _words(parts_of(source), "title") if len(source) else words_of(source)
    for dash in (" - ", " \u2013 ", " | "):
        if name and title.endswith(dash + name):
            return title.removesuffix(dash + name), [name]
    return title, []


def _links(parts: Parts) -> dict[str, str]:
    links: dict[str, str] = {}
    pages: set[str] = set()
    for one in parts.get("link", ()):
        attributes = dict(one.items())
        # If the feed was processed as HTML, a link's text follows its element.
        href = attributes.get("href") or words_of(one) or (one.tail or "").strip()
        relation = attributes.get("rel", "").lower() or "alternate"
        is_page = attributes.get("type", "").lower() in _PAGE_TYPES
        if href and (relation not in links or (is_page and relation not in pages)):
            links[relation] = href
            pages.update({relation} if is_page else ())
    return links


def _guid(parts: Parts, base: str) -> tuple[str, bool]:
    """Return an item's id, and whether it is its address; an address is made absolute."""
    for one in _all(parts, "guid", "id"):
        text = words_of(one)
        attributes = {name.lower(): value for name, value in one.items()}
        # A one-word id is no address, even if the feed says so.
        bare = not (":" in text or "/" in text or _PAGE_NAME.search(text))
        is_link = attributes.get("ispermalink", "true") == "true" and not bare
        if text:
            return (absolute(text, base) or text) if is_link else text, is_link
    return "", False


def _address(link: str, base: str) -> str:
    return link if names_a_host(link, base) else absolute(link, base) or link


def _images(item: Element, parts: Parts, body: str) -> list[str]:
    nested = any(map(len, item)) and any(name.startswith("media:") for name in parts)
    within = parts_of(item, deep=True) if nested else parts
    media = filter(_is_picture, within.get("media:content", ()))
    stamps = sorted(within.get("media:thumbnail", ()), key=_width, reverse=True)
    if stamps and 0 < _width(stamps[0]) <= SMALL and "<img" in body:
        # The thumbnail probably shows the picture in the text.
        stamps = []
    shown = (*sorted(media, key=_width, reverse=True), *stamps)
    links = [one for one in parts.get("link", ()) if one.get("rel") == "enclosure"]
    enclosed = [one for one in (*parts.get("enclosure", ()), *links) if _is_picture(one)]
    covers = _all(parts, *_PICTURES)
    return [
        *[one.get("url") or words_of(one) for one in shown],
        *[_file(one) for one in enclosed if one.get("type") or _PICTURE.search(_file(one))],
        *[one.get("href") or _words(parts_of(one), "url") or words_of(one) for one in covers],
        *[link for one in parts.get("url", ()) if _PICTURE.search(link := words_of(one))],
    ]


def _width(media: Element) -> int:
    # `isdecimal`, as `int` rejects some digits (²), and a slice, as it rejects thousands of them.
    text = (media.get("width") or "")[:9]
    return int(text) if text.isdecimal() else 0


def _file(element: Element) -> str:
    return element.get("url") or element.get("href") or ""


def _is_words(content: Element) -> bool:
    """Return whether a content element is text; in Atom it may be an encoded picture."""
    kind = (content.get("type") or "").lower()
    return "/" not in kind or kind.startswith("text/") or "xml" in kind


def _is_picture(media: Element) -> bool:
    """Return whether an attachment is a picture, by its type or ending; without either it is."""
    kind, medium, url = (media.get("type") or "").lower(), media.get("medium"), _file(media)
    if medium == "image" or kind.startswith("image") or _PICTURE.search(url):
        return True
    return not (kind or medium or _OTHER_FILE.search(url))


def _authors(parts: Parts) -> list[str]:
    held = _all(parts, *_AUTHORS)
    names = [_words(parts_of(one), "name") if len(one) else words_of(one) for one in held]
    return list(filter(None, names))


def _tags(parts: Parts) -> list[str]:
    held = _all(parts, "category", "dc:subject")
    tags = [one.get("label") or one.get("term") or words_of(one) for one in held]
    return tags + _words(parts, "itunes:keywords").split(",")


def _ttl(text: str) -> int | None:
    return min(int(text), 24 * 60) * 60 if text.isdecimal() and len(text) < 6 else None


def unwrapped(markup: str) -> str:
    """Return `markup` without what Drupal, WordPress, newsletter forms and Medium add to it."""
    if "[" in markup and any(sign in markup for sign in _CODE_SIGNS):
        markup = _SHORT_CODE.sub(" ", markup)
    if "field--name-" in markup:
        markup = _DRUPAL.sub("", markup)
    if "button-wrapper" in markup:
        markup = _BUTTON.sub("", markup)
    if "originally published in" in markup[-_END:]:
        markup = markup[:-_END] + _ON_MEDIUM.sub("", markup[-_END:])
    return markup


def in_paragraphs(text: str) -> str:
    """Return a text as its author typed it in WordPress with the paragraphs that readers see."""
    if _BLOCK.search(text):
        return text
    return "".join(
        f"<p>{one.strip()}</p>" for one in _EMPTY_LINE.split(text.strip()) if one.strip()
    )
