"""The headline of an article's page, told from the names of its site and of the site's parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news import clean, linked, markup

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CJK = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uff0f]"
_SEPARATORS = re.compile(
    r"\s+(?:[|\u2013\u2014\u00b7\u00bb\u2022\uff5c/-]|::)\s+|\s*[|\uff5c]\s*|"
    rf"(?<={_CJK})[_-](?={_CJK})"
)
_ENDS_SITE = re.compile(
    rf"(?:\s(?:[|\u2013\u2014\u00b7\u00bb\u2022/-]|::)|[|\uff5c:])\s+$|[|\uff5c]$|(?<={_CJK})[_-]$"
)
_PARTS = _words(
    """
    news newsroom newsdetail newsdetails press pressrelease pressreleases pressroom media
    mediacenter mediacentre blog journal article articles home homepage stories story magazine
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


_NAME_LENGTH = 30
"""Letters of a site's name that is told by its address alone."""


def headline(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> str:
    """The page's headline as plain text; empty where it has none.

    Args:
        tree: The page.
        thing: The article in its JSON-LD.
        url: Where it is.
    """
    sites = _names_of_site(tree, thing)
    # Without such a name, the address has it: `house.example` is of `House Magazine`.
    host = _key(max((urlsplit(url).hostname or "").split(".")[:-1], key=len, default=""))
    headings = [
        text
        for text in _texts(tree, "h1")
        if _key(text) not in sites and _key(text) not in _PARTS and _key(text)
    ]
    told = [
        text
        for one in (
            linked.words(thing.get("headline")),
            *markup.meta(tree, "og:title", "twitter:title"),
            *(markup.text_of(one) for one in tree.iter("title")),
        )
        if (text := clean.title(one))
    ]
    # A heading that the page's own title begins or ends with is the title without the site's
    # name; the shortest of them may be that name.
    for heading in sorted(headings, key=len, reverse=True):
        for one in told:
            found = _piece(one, heading)
            # One word of many is the name of the site, or of a part of it.
            if found and (" " in heading or 2 * len(heading) >= len(one)):
                return found if heading.isupper() else heading
    longest = max(headings, key=len, default="")
    for one in told:
        own = _without_site(one, sites, host)
        key = _key(own)
        nameless = len(host) > 3 and host in key and len(own.split()) <= _NAME_WORDS
        if key in sites or key in _PARTS or (nameless and len(longest) > 2 * len(own)):
            continue
        return own
    return longest or next(_subheadings(tree, sites), "") or (told[0] if told else "")


def _names_of_site(tree: html.HtmlElement, thing: dict[str, Any]) -> frozenset[str]:
    named = markup.meta(tree, "og:site_name", "application-name")
    keys = {_key(clean.title(one)) for one in (*named, linked.words(thing.get("publisher")))}
    keys |= {_key(clean.title(one).split(".")[0]) for one in named}
    return frozenset(keys - {""})


def _texts(tree: html.HtmlElement, name: str) -> Iterator[str]:
    for _, one in zip(range(_HEADINGS), tree.iter(name), strict=False):
        yield clean.title(markup.text_of(one))


def _subheadings(tree: html.HtmlElement, sites: Collection[str]) -> Iterator[str]:
    """Headings of the second order in the page's article, where none of the first is one."""
    for place in ("article", "main"):
        for around in tree.iter(place):
            for text in _texts(around, "h2"):
                if _key(text) and _key(text) not in sites and _key(text) not in _PARTS:
                    yield text


def _piece(title: str, heading: str) -> str:
    """What of a title is `heading`, as the title spells it, if that begins or ends it."""
    size = len(heading)
    if title[:size].casefold() == heading.casefold():
        rest = title[size:]
        if not rest or _SEPARATORS.match(title, size):
            return title[:size]
    if title[-size:].casefold() == heading.casefold() and _ENDS_SITE.search(title[:-size]):
        return title[-size:]
    return ""


def _without_site(title: str, sites: Collection[str], host: str) -> str:
    """A title without the site's name at one of its ends, and the part's of the site beside it."""
    while cuts := list(_SEPARATORS.finditer(title)):
        last = _key(title[cuts[-1].end() :])
        first = _key(title[: cuts[0].start()])
        of_host = len(host) > 3 and host in last and len(last) <= _NAME_LENGTH
        if last not in sites and (first in sites or first in _PARTS):
            title = title[cuts[0].end() :].lstrip()
        elif last in sites or last in _PARTS or of_host:
            title = title[: cuts[-1].start()].rstrip()
        else:
            break
    return title


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
