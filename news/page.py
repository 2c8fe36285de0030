"""One article's page: what it says of itself, and its words. Runs in a worker."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import trafilatura

from news import clean, dateline, linked, markup, opening
from news.charset import decode
from news.entry import Page, UnreadableError
from news.headline import headline
from news.item import picture
from news.links import canonical_link, same_site
from news.pictures import source_of
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
_MAX_DEPTH = 400
_PART_OF_SITE = re.compile(
    r"(?:[a-z]{2}(?:[-_][a-z]{2,4})?|home|homepage|index|default|news|news-?room|press|press-?room|"
    r"press-releases?|media|media-?cent(?:er|re)|blog|journal|stories|magazine|articles|corporate|"
    r"actualites?|presse|notizie|comunicati(?:-stampa)?|stampa|aktuelles|noticias|prensa|(?:20\d\d))"
    r"(?:\.(?:html?|php|aspx?))?",
    re.IGNORECASE,
)
_NAMES_ARTICLE = re.compile(
    r"(?:id|p|nid|aid|cid|page_?id|article(?:_?id)?|news(?:_?id)?|story|doc(?:_?id)?|item(?:_?id)?|"
    r"post(?:_?id)?|pr|release|slug|idx|no)=\w",
    re.IGNORECASE,
)
_SAME_ARTICLE = re.compile(
    r"(?:amp|print|full|index|page/\d{1,2}|\d{1,2})?(?:\.html?)?/?", re.IGNORECASE
)
_SLUG = 2
"""Hyphens in a piece of an address that is an article's own."""
_PICTURES = 40
"""Pictures of an article that are looked at."""
_SMALLEST = 100
"""Pixels of a picture's side."""
_NO_ARTICLE_S = re.compile(r"logo|avatar|icon|author|sprite|badge|gravatar", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)\b", re.IGNORECASE)
_FULLER = 1.5
"""So many times longer is the text in the page's data where the page shows a part of it."""


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
    title = headline(tree, thing, url)
    image = _image(tree, thing, url)
    author, published = (
        dateline.author(tree, thing),
        dateline.published(tree, thing, title, url, now),
    )
    # The last: it takes the page apart.
    body = _body(tree, thing, title)
    if not title:
        title = opening.first_words(body or "")
    if not title:
        raise UnreadableError("no title")
    described = [
        *markup.meta(tree, "og:description"),
        linked.words(thing.get("description")),
        *markup.meta(tree, "description", "twitter:description"),
        body or "",
    ]
    return Page(
        link=_link(tree, url),
        title=title,
        standfirst=next(
            (found for one in described if (found := opening.standfirst(_flat(one), title))), ""
        ),
        body=body,
        image=image,
        author=author,
        language=_language(tree, thing),
        published=published,
        tags=_tags(tree, thing),
        feeds=markup.announced_feeds(tree, url),
    )


def _language(tree: html.HtmlElement, thing: dict[str, Any]) -> str | None:
    said = (
        tree.get("lang"),
        tree.get("xml:lang"),
        linked.words(thing.get("inLanguage")),
        *markup.meta(tree, "content-language", "og:locale", "language", "dc.language"),
    )
    return next((found for one in said if (found := code(one))), None)


def _flat(text: str) -> str:
    return clean.one_line(" ".join(clean.paragraphs(text)))


def _thing(tree: html.HtmlElement) -> dict[str, Any]:
    """The article in the page's JSON-LD: of several, the one that has the page's title."""
    told = linked.data(tree)
    things = [one for one in told if linked.kinds(one) & _ARTICLES] or [
        one for one in told if "WebPage" in linked.kinds(one) and one.get("datePublished")
    ]
    if len(things) > 1:
        named = [*markup.meta(tree, "og:title"), *map(markup.text_of, tree.iter("title", "h1"))]
        titles = " \n ".join(clean.title(one).casefold() for one in named)
        for one in things:
            named_so = clean.title(linked.words(one.get("headline"))).casefold()
            if named_so and named_so in titles:
                return one
    return things[0] if things else {}


def _body(tree: html.HtmlElement, thing: dict[str, Any], title: str) -> str | None:
    shown, stated = _shown_body(tree), _stated_body(thing)
    # The same text in paragraphs is better; a longer one is what the page shows a part of.
    better = stated.count("\n\n") > shown.count("\n\n") and len(stated) * 1.1 > len(shown)
    text = stated if better or len(stated) > _FULLER * len(shown) else shown
    pieces = [one for one in text.split("\n\n") if one]
    if pieces and pieces[0].casefold() == title.casefold():
        pieces = pieces[1:]
    return clean.shorten("\n\n".join(pieces), clean.BODY_LIMIT, keep_lines=True) or None


def _stated_body(thing: dict[str, Any]) -> str:
    """The article's text in the page's JSON-LD."""
    said = thing.get("articleBody")
    if not isinstance(said, str):
        return ""
    if "<" not in said:
        said = re.sub(r"\s*\n\s*", "\n\n", said.replace("\r", "\n"))
    return clean.body(said) or ""


def _shown_body(tree: html.HtmlElement) -> str:
    """The article's text as the page shows it."""
    if _depth(tree) > _MAX_DEPTH:
        return ""
    try:
        text = trafilatura.extract(
            tree, include_comments=False, include_tables=False, fast=True, deduplicate=False
        )
    except RecursionError:
        return ""
    pieces = (clean.one_line(line) for line in (text or "").split("\n"))
    return "\n\n".join(piece for piece in pieces if piece)


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
        # A canonical link to a list, or to another site, is a mistake or worse.
        if link and same_site(link, url) and not _is_list(link, url):
            return link
    return canonical_link(url) or url


def _is_list(link: str, url: str) -> bool:
    """Whether a link that a page calls its own leads to a front page or a list of articles.

    Some engines write the same one on every page.
    """
    own, here = urlsplit(link), urlsplit(url)
    pieces = [one for one in own.path.split("/") if one]
    if all(_PART_OF_SITE.fullmatch(one) for one in pieces):
        return not any(_NAMES_ARTICLE.match(one) for one in own.query.split("&"))
    if own.path == here.path:
        # The article is named by what the link leaves out.
        return not own.query and any(_NAMES_ARTICLE.match(one) for one in here.query.split("&"))
    beyond = here.path.removeprefix(own.path.rstrip("/") + "/")
    if beyond == here.path or _SAME_ARTICLE.fullmatch(beyond):
        return False
    last = pieces[-1]
    # `/en/novita` above `/en/novita/boutique`; but `/story/123` above `/story/123/boutique`.
    return last.count("-") < _SLUG and not re.search(r"\d{3}", last.removeprefix("20"))


def _image(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> str | None:
    base = markup.base_of(tree, url)
    named = [
        *markup.meta(tree, "og:image:secure_url", "og:image", "og:image:url"),
        *markup.meta(tree, "twitter:image", "twitter:image:src", "image", "thumbnail"),
        linked.address(thing.get("image")),
        linked.address(thing.get("thumbnailUrl")),
        *(one.get("href") for one in markup.linked(tree, "image_src")),
    ]
    found = next((link for one in named if (link := picture(one, base)) and link != url), None)
    return found or next(
        (link for one in _shown(tree) if (link := picture(source_of(one), base))), None
    )


def _shown(tree: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Pictures that belong to the article: no logo, no stamp, and none that leads elsewhere."""
    around = next(tree.iter("article"), None)
    around = around if around is not None else next(tree.iter("main"), tree)
    for one in islice(around.iter("img", "amp-img"), _PICTURES):
        sizes = (one.get("width") or "", one.get("height") or "")
        label = f"{one.get('class') or ''} {one.get('alt') or ''} {one.get('src') or ''}"
        if any(size.isdigit() and int(size) < _SMALLEST for size in sizes):
            continue
        if _NO_ARTICLE_S.search(label) or any(map(_leads_elsewhere, one.iterancestors())):
            continue
        yield one


def _leads_elsewhere(element: html.HtmlElement) -> bool:
    if element.tag == "a":
        return not _PICTURE.search(element.get("href") or "")
    return element.tag in {"aside", "nav", "footer"}


def _tags(tree: html.HtmlElement, thing: dict[str, Any]) -> tuple[str, ...]:
    said = [*markup.meta(tree, "article:tag", "article:section", "parsely-section")]
    for one in (thing.get("keywords"), thing.get("articleSection")):
        values = one if isinstance(one, list) else [one]
        said.extend(piece for value in values for piece in linked.words(value).split(","))
    # "keywords" is left out: on most sites it is the site's, the same on every page.
    for one in markup.meta(tree, "news_keywords"):
        said.extend(one.split(","))
    kept = dict.fromkeys(tag for one in said if (tag := clean.title(one)) and len(tag) <= 60)
    return tuple(kept)[:20]
