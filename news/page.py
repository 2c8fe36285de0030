"""One article's page: what it says of itself, and its words. Runs in a worker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import trafilatura

from news import clean, markup
from news.charset import decode
from news.dates import parse_date
from news.entry import Page, UnreadableError
from news.item import picture
from news.links import canonical_link, same_site
from news.tag import code
from news.wall import check_is_no_wall, is_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_ARTICLES = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "Report", "ReportageNewsArticle", "PressRelease",
        "TechArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle",
        "LiveBlogPosting",
    }
)  # fmt: skip
_SEPARATORS = re.compile(r"\s+[|\u2013\u2014\u00b7\u00bb\u2022-]\s+|\s*[|]\s*")
_NOBODY = re.compile(r"https?:|(?:admin|administrator|root|user|webmaster)$", re.IGNORECASE)
_DATE_LABEL = re.compile(r"date|publish|posted|timestamp|byline", re.IGNORECASE)
_COMMENT_LABEL = re.compile(r"comment|updated|modified|copyright", re.IGNORECASE)
_ENDS_SITE = re.compile(r"(?:\s[|\u2013\u2014\u00b7\u00bb\u2022-]|[|:])\s+$")
_DATE_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?=/)")
_MAX_DEPTH = 400


def read_article(
    document: bytes, *, url: str, content_type: str | None = None, now: datetime
) -> Page:
    """What an article's page says.

    Raises:
        UnreadableError: `empty document`, `not a page`, `wall page`, `no title`.
    """
    text = decode(document, content_type).strip("\x00 \t\r\n\ufeff")
    if not text:
        raise UnreadableError("empty document")
    if not is_page(text):
        raise UnreadableError("not a page", clean.one_line(text[:80]))
    check_is_no_wall(text)
    tree = markup.tree_of(text)
    thing = _thing(tree)
    title = _title(tree, thing, url)
    body = _body(tree, title)
    if not title:
        title = clean.first_words(body or "")
    if not title:
        raise UnreadableError("no title")
    described = [
        *markup.meta(tree, "og:description"),
        markup.words(thing.get("description")),
        *markup.meta(tree, "description", "twitter:description"),
        body or "",
    ]
    return Page(
        link=_link(tree, url),
        title=title,
        standfirst=next(
            (found for one in described if (found := clean.standfirst(_flat(one), title))), ""
        ),
        body=body,
        image=_image(tree, thing, url),
        author=_author(tree, thing),
        language=code(tree.get("lang"))
        or code(next(iter(markup.meta(tree, "og:locale", "language", "dc.language")), None)),
        published=_published(tree, thing, url, now),
        tags=_tags(tree, thing),
        feeds=markup.announced_feeds(tree, url),
    )


def _flat(text: str) -> str:
    return clean.one_line(" ".join(clean.paragraphs(text)))


def _thing(tree: html.HtmlElement) -> dict[str, Any]:
    """The article in the page's JSON-LD: of several, the one that has the page's title."""
    things = [one for one in markup.data(tree) if markup.kinds(one) & _ARTICLES]
    if len(things) > 1:
        named = [*markup.meta(tree, "og:title"), *map(markup.text_of, tree.iter("title", "h1"))]
        titles = " \n ".join(clean.title(one).casefold() for one in named)
        for one in things:
            headline = clean.title(markup.words(one.get("headline"))).casefold()
            if headline and headline in titles:
                return one
    return things[0] if things else {}


def _title(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> str:
    headings = [clean.title(markup.text_of(one)) for one in tree.iter("h1")]
    declared = [
        clean.title(one)
        for one in (
            markup.words(thing.get("headline")),
            *markup.meta(tree, "og:title", "twitter:title"),
            *(markup.text_of(one) for one in tree.iter("title")),
        )
    ]
    declared = [one for one in declared if one]
    sites = {_key(one) for one in markup.meta(tree, "og:site_name")}
    # A heading that the page's own title begins or ends with is the title without the site's
    # name; the shortest of them may be that name.
    for heading in sorted(headings, key=len, reverse=True):
        if not heading or _key(heading) in sites:
            continue
        for one in declared:
            found = _piece(one, heading)
            # One word of many is the name of the site, or of a part of it.
            if found and (" " in heading or 2 * len(heading) >= len(one)):
                return found if heading.isupper() else heading
    if declared:
        return _without_site(declared[0], tree, url)
    return next((one for one in headings if one), "")


def _piece(title: str, heading: str) -> str:
    """What of a title is `heading`, as the title spells it, if that begins or ends it."""
    size = len(heading)
    if title[:size].casefold() == heading.casefold():
        rest = title[size:]
        return title[:size] if not rest or _SEPARATORS.match(rest) else ""
    if title[-size:].casefold() == heading.casefold() and _ENDS_SITE.search(title[:-size]):
        return title[-size:]
    return ""


def _without_site(title: str, tree: html.HtmlElement, url: str) -> str:
    cuts = list(_SEPARATORS.finditer(title))
    if not cuts:
        return title
    last = _key(title[cuts[-1].end() :])
    site = next(iter(markup.meta(tree, "og:site_name")), "").casefold()
    sites = {_key(site), _key(site.split(".")[0])}
    # Without such a name, the address has it: `house.example` is of `House Magazine`.
    host = max((urlsplit(url).hostname or "").split(".")[:-1], key=len, default="")
    if last in sites - {""} or (len(host) > 3 and _key(host) in last):
        return title[: cuts[-1].start()].rstrip()
    return title


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _body(tree: html.HtmlElement, title: str) -> str | None:
    if _depth(tree) > _MAX_DEPTH:
        return None
    try:
        text = trafilatura.extract(
            tree, include_comments=False, include_tables=False, fast=True, deduplicate=False
        )
    except RecursionError:
        return None
    if not text:
        return None
    pieces = [clean.one_line(line) for line in text.split("\n")]
    if pieces and pieces[0].casefold() == title.casefold():
        pieces = pieces[1:]
    joined = "\n\n".join(piece for piece in pieces if piece)
    return clean.shorten(joined, clean.BODY_LIMIT, keep_lines=True) or None


def _depth(tree: html.HtmlElement) -> int:
    deepest = 0
    level = [tree]
    while level and deepest <= _MAX_DEPTH:
        deepest += 1
        level = [child for element in level for child in element]
    return deepest


def _link(tree: html.HtmlElement, url: str) -> str:
    base = markup.base_of(tree, url)
    named = [element.get("href") for element in markup.linked(tree, "canonical")]
    for one in (*named, *markup.meta(tree, "og:url")):
        link = canonical_link(one, base)
        # A canonical link to the front page, or to another site, is a mistake or worse.
        if link and same_site(link, url) and not _is_front(link):
            return link
    return canonical_link(url) or url


def _is_front(link: str) -> bool:
    return bool(
        re.fullmatch(r"https?://[^/]+/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?", link, re.IGNORECASE)
    )


def _image(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> str | None:
    named = [
        *markup.meta(tree, "og:image:secure_url", "og:image", "og:image:url"),
        *markup.meta(tree, "twitter:image", "twitter:image:src"),
        markup.address(thing.get("image")),
        markup.address(thing.get("thumbnailUrl")),
    ]
    return next((link for one in named if (link := picture(one, url))), None)


def _author(tree: html.HtmlElement, thing: dict[str, Any]) -> str | None:
    named = [
        markup.words(thing.get("author")),
        *markup.meta(tree, "author", "article:author", "dc.creator", "sailthru.author"),
    ]
    for one in named:
        name = clean.title(one)
        if name and "@" not in name and len(name) <= 80 and not _NOBODY.match(name):
            return name
    return None


def _published(
    tree: html.HtmlElement, thing: dict[str, Any], url: str, now: datetime
) -> datetime | None:
    times = list(tree.iter("time"))
    # Those of other articles stand aside; where all do, none of them does.
    times = [one for one in times if not _stands_aside(one)] or times
    said = [
        markup.words(thing.get("datePublished")),
        *markup.meta(
            tree, "article:published_time", "datepublished", "og:published_time", "pubdate",
            "publishdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created",
            "dc.date", "date", "article:published",
        ),
        *(one.get("datetime") or "" for one in times if one.get("itemprop") == "datePublished"),
        *(one.get("datetime") or "" for one in times if one.get("pubdate") is not None),
        *(one.get("datetime") or "" for one in times[:1]),
        *(markup.text_of(one) for one in times[:1]),
        *_labelled_dates(tree),
        *("-".join(found.groups()) for found in _DATE_IN_PATH.finditer(url)),
    ]  # fmt: skip
    return next((date for one in said if (date := parse_date(one, now))), None)


def _stands_aside(element: html.HtmlElement) -> bool:
    return any(one.tag in {"aside", "nav", "footer"} for one in element.iterancestors())


def _labelled_dates(tree: html.HtmlElement) -> Iterator[str]:
    """Short texts in elements that their class or microdata call a date, in the page's order."""
    for one in tree.iter("abbr", "span", "p", "div", "h2", "h3", "li", "small"):
        label = f"{one.get('itemprop') or ''} {one.get('class') or ''} {one.get('id') or ''}"
        if not _DATE_LABEL.search(label) or _COMMENT_LABEL.search(label):
            continue
        for said in (one.get("content"), one.get("title"), markup.text_of(one)):
            if said and len(said) <= 60:
                yield said


def _tags(tree: html.HtmlElement, thing: dict[str, Any]) -> tuple[str, ...]:
    said = [*markup.meta(tree, "article:tag", "article:section", "parsely-section")]
    for one in (thing.get("keywords"), thing.get("articleSection")):
        values = one if isinstance(one, list) else [one]
        said.extend(piece for value in values for piece in markup.words(value).split(","))
    # "keywords" is left out: on most sites it is the site's, the same on every page.
    for one in markup.meta(tree, "news_keywords"):
        said.extend(one.split(","))
    kept = dict.fromkeys(tag for one in said if (tag := clean.title(one)) and len(tag) <= 60)
    return tuple(kept)[:20]
