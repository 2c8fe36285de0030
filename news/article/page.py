"""Reading of one article's page: its metadata and its text. Runs in a worker."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news.article import authors, body, dateline
from news.article.headline import shown_by, titles
from news.entry import Entry, UnreadableError
from news.feeds.item import kept_tags, picture
from news.feeds.standfirsts import first_words, standfirst
from news.html import json_ld, markup
from news.html.block_pages import SEPARATOR
from news.html.page_or_feed import check_is_itself, is_page
from news.html.pictures import source_of
from news.text import clean
from news.text.charset import decode
from news.text.language_tag import code
from news.text.letters import letters
from news.text.links import canonical_link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_ARTICLES = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "Report", "ReportageNewsArticle", "PressRelease",
        "TechArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle",
        "LiveBlogPosting", "DiscussionForumPosting", "SocialMediaPosting", "BackgroundNewsArticle",
        "AdvertiserContentArticle",
    }
)  # fmt: skip
_NEARLY = frozenset({"WebPage", "Review", "CreativeWork", "ItemPage"})
"""JSON-LD types that some pages give their article instead of `Article`."""
_SHORT = 500
"""Half the characters at the start of a body that are compared with a summary."""
_LONGEST_NAME = 40
"""Characters of a publication's name at most; a longer one is a description."""
_NAME_SPACES = 2
"""Spaces in a line; a line with as many is more than a name."""
_TIERS = {"locked": True, "free": False}
_PARTS = 50
"""Most parts and most keywords of a page, in its JSON-LD, that are looked at."""
_PICTURES = 40
"""Most pictures of a page that are looked at."""
_SMALLEST = 100
"""Fewest pixels of a picture's side."""
_LARGEST_RATIO = 4
"""Ratio of long to short side above which a picture is a decorative strip."""
_NO_ARTICLE_S = re.compile(
    r"logo|avatar|icon(?!ic)|author|sprite|badge|gravatar|(?:^|[\s/_-])ads?[\s._/-]|advert|banner|"
    r"qr-?code|(?:^|[\s/_-])(?:blank|spacer|transparent|loading|pixel|flags?)(?:$|[\s._/-])|"
    r"/(?:themes?|skins?|nav(?:igation)?|headers?)/|header[\w-]{0,80}\.\w+$|\.php$",
    re.IGNORECASE,
)
"""Matches the class or address of a picture that does not belong to an article."""
_SITE_S = re.compile(
    r"logo|favicon|touch-icon|place-?holder|no[-_]?image|(?:^|[-_.]|image)default(?:[-_.]|$)|qr-?code|"
    r"(?:^|[-_])(?:blank|spacer|transparent|loading|pixel)[-_.]|"
    r"^(?:facebook|fb|twitter|og|social)(?:[-_](?:image|icon|card|share)\w*)?\.|"
    r"(?:facebook|fb|twitter|linkedin|instagram|share)[-_]?icon|"
    r"(?:social|facebook|fb|twitter)[-_](?:share|image|card)|share[-_](?:image|img|card)",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)\b", re.IGNORECASE)


def read_article(
    document: bytes, *, url: str, content_type: str | None = None, title: str = "", now: datetime
) -> Entry:
    """Return the content of an article's page.

    Args:
        content_type: The HTTP header, which may name the charset.
        title: The article's title in its feed, used to find its text on the page.

    Raises:
        UnreadableError: `empty document`, `not a page`, `no title`, or a reason of
            `news.html.block_pages`: `wall page`, `page not found`, `out of order`, `no site`.
    """
    source = decode(document, content_type).strip("\x00 \t\r\n\ufeff")
    if not source:
        raise UnreadableError("empty document")
    if not is_page(source):
        raise UnreadableError("not a page", clean.opening(source))
    check_is_itself(source)
    tree = markup.tree_of(source)
    thing = _thing(tree)
    called = titles(tree, thing, url)
    title = title or next(iter(called), "")
    heading = shown_by(tree, [title, *called])
    image = _picture_of(tree, thing, url, title, heading)
    author = authors.author(tree, thing, heading, url)
    published = dateline.published(tree, thing, heading, url, now)
    described = [
        _flat(one)
        for one in (
            *markup.meta(tree, "og:description"),
            json_ld.words(thing.get("description")),
            *markup.meta(tree, "description", "twitter:description"),
        )
    ]
    language, tags = _language(tree, thing), _tags(tree, thing)
    # Last, because it modifies the tree.
    found = body.body(tree, thing, title, heading, standfirsts=described, url=url)
    text = found.text if found else None
    if not title:
        title = first_words(text or "")
    if not title:
        raise UnreadableError("no title")
    stated = _flat(text or "")
    informative = (one for one in described if not _says_little(one, text or ""))
    candidates = (*informative, stated, *described)
    link = canonical_link(url) or url
    return Entry(
        guid=link,
        link=link,
        title=title,
        standfirst=next(filter(None, (standfirst(one, title) for one in candidates)), ""),
        body=text,
        body_kinds=found.kinds if found else "",
        image=image,
        author=author,
        language=language,
        published=published,
        tags=tags,
        paywall=_paywall(tree, thing),
        outlet=_outlet(tree, thing),
    )


def _outlet(tree: html.HtmlElement, thing: dict[str, Any]) -> str:
    """Return the publication's name, without a motto behind it."""
    stated = (
        *markup.meta(tree, "og:site_name"),
        json_ld.words(thing.get("publisher")),
        *markup.meta(tree, "application-name"),
    )
    named = (SEPARATOR.split(clean.title(one))[0] for one in stated)
    return next((one for one in named if letters(one) and len(one) <= _LONGEST_NAME), "")


def _paywall(tree: html.HtmlElement, thing: dict[str, Any]) -> bool | None:
    """Return whether a page is for subscribers; None if it does not say, as a metered one."""
    free = json_ld.truth(thing.get("isAccessibleForFree"))
    if free is not None:
        return not free
    parts = thing.get("hasPart")
    for part in (parts if isinstance(parts, list) else [parts])[:_PARTS]:
        if isinstance(part, dict) and json_ld.truth(part.get("isAccessibleForFree")) is False:
            return True
    tiers = markup.meta(tree, "article:content_tier", "og:article:content_tier")
    return _TIERS.get(next(iter(tiers), "").lower())


def _language(tree: html.HtmlElement, thing: dict[str, Any]) -> str | None:
    candidates = (
        tree.get("lang"),
        tree.get("xml:lang"),
        json_ld.words(thing.get("inLanguage")),
        *markup.meta(tree, "content-language", "og:locale", "language", "dc.language"),
    )
    return next((found for one in candidates if (found := code(one))), None)


def _flat(text: str) -> str:
    return clean.one_line(" ".join(clean.paragraphs(text)))


def _says_little(described: str, text: str) -> bool:
    """Return whether a summary is only a name, or the body's start cut off at a quotation mark."""
    if described.isascii() and described.count(" ") < _NAME_SPACES:
        return True
    first = map(clean.one_line, text[: 2 * _SHORT].split("\n\n"))
    return described[-1:].isalnum() and any(f"{described} " in one for one in first)


def _thing(tree: html.HtmlElement) -> dict[str, Any]:
    """Return the article's object in the page's JSON-LD, preferring one with the page's title."""
    stated = json_ld.data(tree)
    things = [one for one in stated if json_ld.kinds(one) & _ARTICLES] or [
        one
        for one in stated
        if (json_ld.kinds(one) & _NEARLY and one.get("datePublished"))
        or ("VideoObject" in json_ld.kinds(one) and one.get("uploadDate"))
    ]
    if len(things) > 1:
        named = [*markup.meta(tree, "og:title"), *map(markup.text_of, tree.iter("title", "h1"))]
        titles = " \n ".join(clean.title(one).casefold() for one in named)
        return next((one for one in things if _is_named(one, titles)), things[0])
    return things[0] if things else {}


def _is_named(thing: dict[str, Any], titles: str) -> bool:
    headline = clean.title(json_ld.words(thing.get("headline"))).casefold().rstrip("\u2026 ")
    return bool(headline) and headline in titles


def _tags(tree: html.HtmlElement, thing: dict[str, Any]) -> tuple[str, ...]:
    candidates = [*markup.meta(tree, "article:tag", "article:section", "parsely-section")]
    for one in (thing.get("keywords"), thing.get("articleSection")):
        values = one[:_PARTS] if isinstance(one, list) else [one]
        candidates.extend(piece for value in values for piece in json_ld.words(value).split(","))
    # `keywords` is ignored: on most sites it is the same on every page.
    for one in markup.meta(tree, "news_keywords"):
        candidates.extend(one.split(","))
    return kept_tags(candidates)


def _picture_of(
    tree: html.HtmlElement,
    thing: dict[str, Any],
    url: str,
    title: str,
    heading: html.HtmlElement | None,
) -> str | None:
    """Return the address of the article's picture, or None."""
    base = markup.base_of(tree, url)
    named = [
        *markup.meta(tree, "og:image:secure_url", "og:image", "og:image:url"),
        *markup.meta(tree, "twitter:image", "twitter:image:src", "image", "thumbnail"),
        json_ld.address(thing.get("image")),
        json_ld.address(thing.get("thumbnailUrl")),
        *(one.get("href") for one in markup.linked(tree, "image_src")),
    ]
    publisher = thing.get("publisher")
    logo = json_ld.address(publisher.get("logo")) if isinstance(publisher, dict) else ""
    about_logos = "logo" in title.casefold()
    for one in named:
        link = picture(one, base)
        # For an article without a picture, publishing systems name the site's own.
        if link and link != url and one != logo and (about_logos or not _is_site_s(link)):
            return link
    return next(
        (link for one in _shown(tree, heading) if (link := picture(source_of(one), base))), None
    )


def _is_site_s(link: str) -> bool:
    path = urlsplit(link).path
    # Without a path it is the front page.
    return path == "/" or bool(_SITE_S.search(path.rsplit("/", 1)[-1]) or "/themes/" in path)


def _shown(tree: html.HtmlElement, heading: html.HtmlElement | None) -> Iterator[html.HtmlElement]:
    above_heading = () if heading is None else heading.iterancestors("article", "main")
    around = next(iter(above_heading), None)
    if around is None:
        # If the headline is in no `article`, the first one may be a teaser of another article.
        around = next(tree.iter("article" if heading is None else "main"), tree)
    for one in islice(around.iter("img", "amp-img"), _PICTURES):
        sizes = [
            int(size) for name in ("width", "height") if (size := one.get(name) or "").isdigit()
        ]
        source = source_of(one).split("?", maxsplit=1)[0]
        if any(size < _SMALLEST for size in sizes) or (
            sizes and max(sizes) > _LARGEST_RATIO * min(sizes)
        ):
            continue
        if (
            _NO_ARTICLE_S.search(f"{one.get('class') or ''} {source}")
            # A GIF is usually decoration, unless it has a large size.
            or (not sizes and source.endswith(".gif"))
            or any(map(_leads_elsewhere, one.iterancestors()))
        ):
            continue
        yield one


def _leads_elsewhere(element: html.HtmlElement) -> bool:
    if element.tag == "a":
        return not _PICTURE.search(element.get("href") or "")
    return element.tag in markup.ASIDE
