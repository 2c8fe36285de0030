"""The headline of an article's page, told from the names of its site and of the site's parts."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news.html import json_ld, markup
from news.text import clean
from news.text.letters import CJK, letters, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types


_CJK = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uff0f]"
_SEPARATORS = re.compile(
    r"\s+(?:[|\u2013\u2014\u00b7\u00ab\u00bb\u2039\u203a\u2022\uff5c/-]|::)\s+|\s*[|\uff5c]\s*|"
    rf"(?<={_CJK})[_-](?={_CJK})"
)
_PARTS = table(
    """
    news newsroom newsdetail newsdetails press pressrelease pressreleases pressroom media
    mediacenter mediacentre pressoffice pressreleasedetail pressdetail articledetail blog journal
    article articles home homepage stories story magazine
    untitled welcome latestnews comunicatostampa comunicatistampa comunicati stampa notizie
    communiqu\u00e9depresse communiqu\u00e9s communiqu\u00e9sdepresse actualit\u00e9s actualit\u00e9
    presse pressemitteilung pressemitteilungen aktuelles notadeprensa notasdeprensa noticias
    prensa \u30cb\u30e5\u30fc\u30b9 \u30d7\u30ec\u30b9\u30ea\u30ea\u30fc\u30b9
    \u304a\u77e5\u3089\u305b \u65b0\u95fb \u65b0\u805e \u65b0\u95fb\u4e2d\u5fc3
    """
)
"""What parts of a site are called, never an article."""
_HEADINGS = 40
"""Headings of one page that are looked at."""
_NAME_WORDS = 3
"""Words of a title that may be nothing but the site's name."""


_HEADLINE_WORDS = 4
"""Words of a heading that is a headline; letters of a word that tells one from another."""
_PIECES_OF_HEADING = 8
_LETTERS = 10
"""Chinese or Japanese ones of a headline."""
_SHORTEST = 15
_NAME_LENGTH = 30
"""Letters of a site's name that is told by its address alone."""


def headline(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> str:
    """The page's headline as plain text; empty where it has none.

    Args:
        tree: The page.
        thing: The article in its JSON-LD.
        url: Where it is.
    """
    sites = names_of_site(tree, thing)
    # Without such a name, the address has it: `house.example` is of `House Magazine`.
    host = name_of_host(url)
    headings = [
        text
        for text in _own_headings(tree)
        # What a page's program was to fill in is no headline.
        if letters(text) not in {*sites, *_PARTS, ""} and "{{" not in text
    ]
    page_titles = [
        text
        for one in (
            json_ld.words(thing.get("headline")),
            *markup.meta(tree, "og:title", "twitter:title"),
            *(markup.text_of(one) for one in tree.iter("title")),
        )
        if (text := clean.title(one))
    ]
    # A heading that the page's own title begins or ends with is the title without the site's
    # name; the shortest of them may be that name.
    for heading in sorted(headings, key=len, reverse=True):
        for one in page_titles:
            found = _piece(one, heading)
            # One word of many is the name of the site, or of a part of it.
            if found and (" " in heading or 2 * len(heading) >= len(one)):
                return found if heading.isupper() else heading
    if not headings and (lower := _lower(tree, page_titles)):
        return lower
    longest = max(headings, key=len, default="")
    shown = longest or next((text for text in _subheads(tree) if letters(text) not in sites), "")
    for one in page_titles:
        own = _without_site(one, sites, host)
        key = letters(own)
        of_heading = _of_heading((own, *_SEPARATORS.split(one)), headings, tree)
        if of_heading:
            return of_heading
        nameless = len(host) > 3 and host in key and len(own.split()) <= _NAME_WORDS
        if key in sites or key in _PARTS or (nameless and len(shown) > 2 * len(own)):
            continue
        # What only search engines and networks are told is another title of the same article.
        if len(headings) == 1 and _is_headline(longest):
            return _lower(tree, [one]) or longest
        return own
    return shown or (page_titles[0] if page_titles else "")


def _lower(tree: html.HtmlElement, page_titles: list[str]) -> str:
    """The heading of a lower order that is a piece of the page's title; empty for none."""
    lower = {letters(text): text for text in _subheads(tree)}
    for one in page_titles:
        for piece in _SEPARATORS.split(one):
            found = lower.get(letters(piece), "")
            if found and piece != one and _is_headline(found):
                return found
    return ""


def _subheads(tree: html.HtmlElement) -> Iterator[str]:
    for name in ("h2", "h3"):
        yield from _texts(tree, name)


def _of_heading(titles: tuple[str, ...], headings: list[str], tree: html.HtmlElement) -> str:
    """What a heading says that has more than the title, or the title in full; empty for neither."""
    for title in titles:
        if len(title) >= _SHORTEST and any(
            _is_part(title, one) for one in islice(tree.iter("h1"), _HEADINGS)
        ):
            return title
    return next((text for text in headings if _begins(titles[0], text)), "")


def _begins(title: str, heading: str) -> bool:
    """Whether a title is a heading that was cut off."""
    bare = title.rstrip(".\u2026 ").casefold()
    return len(bare) >= _SHORTEST and heading.casefold().startswith(bare)


def _is_part(title: str, heading: html.HtmlElement) -> bool:
    """Whether a title is all of a heading but the elements before it, or behind it."""
    pieces = [clean.title(str(text)) for text in islice(heading.itertext(), _PIECES_OF_HEADING)]
    pieces = [text for text in pieces if text]
    key = letters(title)
    parts = (pieces[begin:end] for begin, end in _cuts(len(pieces)))
    return len(pieces) > 1 and any(letters("".join(part)) == key for part in parts)


def _cuts(size: int) -> Iterator[tuple[int, int]]:
    """The beginnings and the ends of a list of some size, as slices."""
    for at in range(1, size):
        yield 0, at
        yield at, size


def _is_headline(heading: str) -> bool:
    """Whether a heading has the words of a headline: a part of a site is called by fewer."""
    return len(heading.split()) >= _HEADLINE_WORDS or len(CJK.findall(heading)) >= _LETTERS


def shown_by(tree: html.HtmlElement, title: str) -> html.HtmlElement | None:
    """The element that shows the headline; where none has just its words, the first heading."""
    sought, key = title.casefold(), letters(title)
    first = None
    for one in islice(tree.iter("h1"), _HEADINGS):
        text = markup.text_of(one)
        if text.casefold() == sought or (key and letters(text) == key):
            return one
        first = one if first is None and text else first
    # What stands before it may be marked apart: `Interview : A word with the founder`.
    for one in islice(tree.iter("h2", "h3"), _HEADINGS) if key else ():
        if letters(markup.text_of(one)) == key:
            return one
    for one in tree.iter("h4", "b", "strong", "font", "td", "p", "div", "span"):
        if one.text and len(one) <= 3 and one.text.strip()[:1].casefold() == sought[:1]:
            text = markup.text_of(one)
            if text.casefold() == sought:
                return one
    return first


def name_of_host(url: str) -> str:
    """The longest part of an address's host, as letters: `example` of `www.example.com`."""
    return letters(max((urlsplit(url).hostname or "").split(".")[:-1], key=len, default=""))


def names_of_site(tree: html.HtmlElement, thing: dict[str, Any]) -> frozenset[str]:
    """What a page calls its site and its publisher, as letters."""
    named = [
        name
        for one in markup.meta(tree, "og:site_name", "application-name")
        if not _is_its_title(name := clean.title(one), tree, thing)
    ]
    keys = {letters(name) for name in (*named, clean.title(json_ld.words(thing.get("publisher"))))}
    keys |= {letters(name.split(".")[0]) for name in named}
    return frozenset(keys - {""})


def _is_its_title(name: str, tree: html.HtmlElement, thing: dict[str, Any]) -> bool:
    """Whether what a page calls its site is the article's title: some systems fill in the same."""
    key = letters(name)
    if key == letters(clean.title(json_ld.words(thing.get("headline")))):
        return True
    titles = markup.meta(tree, "og:title")
    return _is_headline(name) and any(letters(clean.title(one)) == key for one in titles)


def _texts(tree: html.HtmlElement, name: str) -> Iterator[str]:
    for _, one in zip(range(_HEADINGS), tree.iter(name), strict=False):
        yield clean.title(markup.text_of(one))


def _own_headings(tree: html.HtmlElement) -> Iterator[str]:
    """The headings of the first order that are no link to the site's front page."""
    for one in islice(tree.iter("h1"), _HEADINGS):
        text = clean.title(markup.text_of(one))
        beneath = [markup.text_of(each) for each in one.iter("small")]
        bare = text.removesuffix(beneath[-1]).rstrip() if beneath else text
        yield bare or text


def _piece(title: str, heading: str) -> str:
    """What of a title is `heading`, as the title spells it, if that begins or ends it."""
    size = len(heading)
    if title[:size].casefold() == heading.casefold():
        rest = title[size:]
        if not rest or _SEPARATORS.match(title, size):
            return title[:size]
    return ""


def _without_site(title: str, sites: Collection[str], host: str) -> str:
    """A title without the site's name at one of its ends, and the part's of the site beside it."""
    while cuts := list(_SEPARATORS.finditer(title)):
        last = letters(title[cuts[-1].end() :])
        first = letters(title[: cuts[0].start()])
        of_host = len(host) > 3 and host in last and len(last) <= _NAME_LENGTH
        if last not in sites and (first in sites or first in _PARTS):
            title = title[cuts[0].end() :].lstrip()
        elif last in sites or last in _PARTS or of_host:
            title = title[: cuts[-1].start()].rstrip()
        else:
            break
    # Blog engines write `The Journal: A headline`.
    name, colon, rest = title.partition(": ")
    return rest.strip() if colon and rest and letters(name) in {*sites, host} else title
