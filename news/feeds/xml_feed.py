"""RSS of every age, RDF and Atom as entries: the usual ones by lxml, all others by feedparser.

What feedparser must not see is removed first.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import feedparser

from news.entry import Parsed, Refused, UnreadableError
from news.feeds import engines, repair_xml, well_formed
from news.feeds.item import Raw, entries_of, first_image
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute, names_a_host, same_site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_ITEMS = 2_000
"""Items that are looked at; the rest of a flood is cut before it is parsed."""
MAX_DEPTH = 1_000
"""Elements within one another."""
SMALL = 150
"""Pixels of a thumbnail's width below which a picture in the text is better."""
MAX_REPEATED = 400
"""Characters of a summary that is a gathered headline and no more."""

_ITEM_END = re.compile(r"</(?:[A-Za-z0-9]{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_ELEMENT = re.compile(repair_xml.PASSED_OVER + r"|<(/?)[A-Za-z_][^<>]*?(/?)>", re.DOTALL)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:[?!]|$)", re.IGNORECASE)
_OTHER_FILE = re.compile(r"\.[a-z0-9]{2,4}(?:\?|$)", re.IGNORECASE)
_FEED = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)

# The last are names of sites' own.
_SUMMARIES = (
    *("their-summary", "subtitle"),
    *("their-caption", "teaser", "excerpt", "abstract", "lead", "intro", "text", "body"),
)
_DATES = (
    *(
        "published",
        "created",
        "prism_publicationdate",
        "publishdate",
        "publisheddate",
        "datepublished",
    ),
    *("publicationdate", "pub_date", "publish_date", "post_date", "releasedate", "updated"),
)
_MARKS = re.compile(r"[<>\"]|\s(?=https?:)")
_ADDRESS = re.compile(r"https?:/[^\s<>\"'\]]+", re.IGNORECASE)
_RELATIVE = re.compile(
    r"<link(?:>\s*+(?:<!\[CDATA\[\s*+)?|\s[^<>]*?\bhref\s*=\s*[\"'])(?![a-z]{3,5}:)[^\s<\"']",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"<(/?)([A-Za-z_][\w.-]{0,40}):")
_PREFIXED = re.compile(r"<([A-Za-z_][\w.-]{0,40}):(?:item|entry)\b", re.IGNORECASE | re.ASCII)


def read(text: str, base: str, url: str, now: datetime) -> Parsed:
    """The entries of an XML feed; a broken one is read as far as it goes.

    Args:
        text: The document.
        base: What its relative links are relative to, where it does not say.
        url: Where it was found.
        now: The present.

    Raises:
        UnreadableError: `not a feed`, or `nested too deep`.
    """
    if not _FEED.search(text[:200_000]):
        raise UnreadableError("not a feed", clean.one_line(text[:80]))
    text, cut = _first_items(text)
    text = repair_xml.with_links(text)
    location = absolute(base, url) or url
    form, feed, items = _parts_of(text, location)
    foreign = None if items else _PREFIXED.search(text)
    if foreign:
        # Of a prefix that stands for nothing, or for nothing known, only the names are left.
        text = _PREFIX.sub(lambda tag: f"<{tag[1]}" if tag[2] == foreign[1] else tag[0], text)
        form, feed, items = _parts_of(text, location)
    site = absolute(_text(feed, "link"), url) or ""
    if site and not same_site(site, location) and _RELATIVE.search(text):
        # Another host hands the feed on: what is relative in it is the site's.
        location = site
        form, feed, items = _parts_of(text, location)
    # What is said of an Atom feed holds for its entries; not the name of the site itself.
    named = clean.title(_text(feed, "title")).casefold()
    of_feed = [
        one
        for one in (_authors(feed) if form.startswith("atom") else ())
        if one and one.casefold() not in named
    ]
    entries, refused = entries_of(
        [_raw(item, site or url, location, of_feed) for item in items], now
    )
    if cut:
        refused.insert(0, Refused("too many items", f"all after {MAX_ITEMS}"))
    return Parsed(
        entries=tuple(entries),
        title=clean.title(_text(feed, "title")),
        refused=tuple(refused),
        form=form,
        site=site,
        language=code(_text(feed, "language")),
        ttl=_ttl(feed),
    )


_Parts = tuple[str, "Mapping[str, Any]", "Sequence[Mapping[str, Any]]"]


def _parts_of(text: str, location: str) -> _Parts:
    """Version, feed and items, by whoever reads them.

    Raises:
        UnreadableError: `not a feed`, or `nested too deep`.
    """
    return _quickly(text, location) or _patiently(text, location)


def _quickly(text: str, location: str) -> _Parts | None:
    """Version, feed and items of a well-formed feed of a usual kind; None for any other."""
    bare = repair_xml.DECLARATION.sub("", text, count=1)
    if "<!DOCTYPE" in bare:
        bare = repair_xml.DOCTYPE.sub("", bare, count=1)
    found = well_formed.read(bare, location)
    # A CDATA section without its end is well-formed, whatever it swallows.
    swallowed = found and text.count("</item>") + text.count("</entry>") > len(found.entries)
    return None if swallowed else found


def _patiently(text: str, location: str) -> _Parts:
    """Version, feed and items, by feedparser.

    Raises:
        UnreadableError: `not a feed`, or `nested too deep`.
    """
    _check_depth(text)
    harmless = repair_xml.harmless(text)
    try:
        written = _parsed(harmless, location)
    except Exception as error:  # its own errors are of many kinds
        raise UnreadableError("broken feed", type(error).__name__) from error
    if not any(written):
        raise UnreadableError("not a feed", clean.one_line(text[:80]))
    return written[0] or "broken feed", written[1], written[2]


def _parsed(text: str, location: str) -> _Parts:
    """What feedparser reads."""
    found = feedparser.parse(
        # Never a string: feedparser would open it where it looks like a path or an address.
        io.BytesIO(text.encode("utf-8")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": location,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return found.get("version") or "", found.feed, found.entries


def _first_items(text: str) -> tuple[str, bool]:
    """`text` cut after MAX_ITEMS, and whether anything was lost."""
    for count, end in enumerate(_ITEM_END.finditer(text), start=1):
        if count == MAX_ITEMS:
            return text[: end.end()], _ITEM_END.search(text, end.end()) is not None
    return text, False


def _check_depth(text: str) -> None:
    depth = deepest = 0
    for element in _ELEMENT.finditer(text):
        if element.group().startswith("<!"):
            continue
        depth += -1 if element[1] else (0 if element[2] else 1)
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            raise UnreadableError("nested too deep", f"more than {MAX_DEPTH} elements")


def _raw(item: Mapping[str, Any], site: str, location: str, of_feed: Sequence[str]) -> Raw:
    title_detail: Mapping[str, Any] = item.get("title_detail") or {}
    summary_detail: Mapping[str, Any] = item.get("summary_detail") or {}
    longest: Mapping[str, Any] = max(
        (one for one in item.get("content") or () if _is_words(one)),
        key=lambda one: len(_text(one, "value")),
        default={},
    )
    words = _text(longest, "value") or _text(item, "their-text")
    content, summary = (engines.unwrapped(one) for one in (words, _summary(item, words)))
    own = title_detail.get("base") or summary_detail.get("base") or ""
    # Without an xml:base, feedparser names the document: relative links are then the site's.
    base = site if own in {"", location} else own
    languages = [
        detail.get("language")
        for detail in (title_detail, summary_detail, longest)
        if detail.get("language")
    ]
    title, of_source = _without_its_source(item)
    of_body = _text(longest, "base")
    return Raw(
        guid=_text(item, "id"),
        links=[_unjoined(link, location) for link in _links(item)],
        base=base,
        title=title,
        # Of a gathered headline the summary only says the same again.
        summary="" if of_source and len(clean.title(summary)) <= MAX_REPEATED else summary,
        content=content,
        images=[
            *_images(item, content or summary),
            (first_image(content, of_body) or "") if of_body not in {"", own, base} else "",
        ],
        authors=_authors(item) or of_feed,
        dates=[written for name in _DATES if name in item and (written := _text(item, name))],
        tags=[
            *(_text(tag, "label") or _text(tag, "term") for tag in item.get("tags") or ()),
            *of_source,
        ],
        language=_text(item, "language") or (languages[0] if languages else None),
    )


def _summary(item: Mapping[str, Any], content: str) -> str:
    """What an item says of itself in short, or the first that says it under another name."""
    own = _text(item, "summary")
    # Where there is none, feedparser gives the content.
    others = () if own and own != content else _SUMMARIES
    return next((written for name in others if (written := _text(item, name))), own)


def _without_its_source(item: Mapping[str, Any]) -> tuple[str, list[str]]:
    """A title without the name of the source that it was gathered from, and that name."""
    title = _text(item, "title")
    name = _text(item.get("source") or {}, "title").strip()
    for dash in (" - ", " \u2013 ", " | "):
        if name and title.endswith(dash + name):
            return title.removesuffix(dash + name), [name]
    return title, []


def _links(item: Mapping[str, Any]) -> list[str]:
    by_relation: dict[str, str] = {}
    pages: set[str] = set()
    for link in item.get("links") or ():
        relation = _text(link, "rel") or "alternate"
        is_page = "html" in _text(link, "type")
        if relation not in by_relation or (is_page and relation not in pages):
            by_relation[relation] = _text(link, "href")
            pages.update({relation} if is_page else ())
    guid = _text(item, "id")
    # Of an `url` in an item, feedparser leaves this, and of an author's page as well.
    own = _text(item, "href")
    people = (*(item.get("authors") or ()), *(item.get("contributors") or ()))
    if _PICTURE.search(own) or any(_text(one, "href") == own for one in people):
        own = ""
    wanted = [
        _text(item, "feedburner_origlink"),
        by_relation.get("alternate", ""),
        _text(item, "link"),
        guid if guid.startswith(("http://", "https://")) else "",
        *(_text(one, "src") for one in item.get("content") or ()),
        own,
        *(by_relation.get(relation, "") for relation in ("via", "related", "self", "enclosure")),
        # The article's own page, at the place of its comments.
        _text(item, "comments"),
    ]
    return [link for link in wanted if link]


def _unjoined(link: str, location: str) -> str:
    """A link that was joined with the feed's address though it had a host: `www.x.com/a`.

    Of a link with marks around it, or another behind it, the address alone is left.
    """
    folder = location[: location.rfind("/") + 1]
    rest = link[len(folder) :] if link.startswith(folder) else ""
    if names_a_host(rest, location):
        return rest
    marked = _MARKS.search(link)
    held = _ADDRESS.search(rest or link) if marked else None
    return held.group() if held else link


def _images(item: Mapping[str, Any], body: str) -> list[str]:
    def width(media: Mapping[str, Any]) -> int:
        # Not every digit is a number to Python (², or five thousand nines).
        text = _text(media, "width")[:9]
        return int(text) if text.isdecimal() else 0

    media = [one for one in item.get("media_content") or () if _is_picture(one, "url")]
    media.sort(key=width, reverse=True)
    thumbnails = sorted(item.get("media_thumbnail") or (), key=width, reverse=True)
    if thumbnails and 0 < width(thumbnails[0]) <= SMALL and "<img" in body:
        # A stamp of the picture that stands in the text.
        thumbnails = []
    enclosures = [
        one
        for one in item.get("enclosures") or ()
        if _is_picture(one, "href") and (_text(one, "type") or _PICTURE.search(_text(one, "href")))
    ]
    cover: Mapping[str, Any] = item.get("image") or {}
    return [
        *(_text(one, "url") for one in (*media, *thumbnails)),
        *(_text(one, "href") for one in enclosures),
        _text(cover, "href"),
        _text(item, "their-picture"),
        # Of an `image` with a `url` in it, feedparser leaves this.
        _text(item, "href") if _PICTURE.search(_text(item, "href")) else "",
    ]


def _is_words(content: Mapping[str, Any]) -> bool:
    """Whether a content is text: an Atom one may be a picture in letters."""
    kind = _text(content, "type")
    return not kind or "/" not in kind or kind.startswith("text/") or "xml" in kind


def _is_picture(media: Mapping[str, Any], address: str) -> bool:
    """Whether an attachment is a picture; one of which nothing is said is, but for its ending."""
    kind, medium, url = _text(media, "type"), _text(media, "medium"), _text(media, address)
    if medium == "image" or kind.startswith("image") or _PICTURE.search(url):
        return True
    return not (kind or medium or _OTHER_FILE.search(url))


def _authors(item: Mapping[str, Any]) -> list[str]:
    names = [_text(one, "name") for one in item.get("authors") or ()]
    return [name for name in (*names, _text(item, "author")) if name][: max(1, len(names))]


def _ttl(feed: Mapping[str, Any]) -> int | None:
    text = _text(feed, "ttl").strip()
    return min(int(text), 24 * 60) * 60 if text.isdecimal() and len(text) < 6 else None


def _text(holder: Mapping[str, Any], name: str) -> str:
    # Asked for `updated`, feedparser would answer with `published`, and warn of it.
    value = holder[name] if name in holder else None  # noqa: SIM401 — see above
    return value if isinstance(value, str) else ""
