"""Headline of an article's page, the element that shows it, and the name of the page's host."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news.html import json_ld, markup
from news.html.block_pages import SEPARATOR
from news.text import clean
from news.text.letters import letters

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_HEADINGS = 40
"""Most headings, and most titles, of one page that are looked at."""
_LONG = 20
"""Fewest letters of a title with which another one may begin, such as with the site's section."""


def titles(tree: html.HtmlElement, thing: dict[str, Any], url: str) -> list[str]:
    """Return the titles that a page gives its article, the likeliest first, as plain text.

    Titles that two places agree on come first; one that is only the site's name comes last.
    """
    site = name_of_host(url)
    sites = {site, *map(letters, markup.meta(tree, "og:site_name", "application-name"))}
    stated = (
        [json_ld.words(thing.get("headline"))],
        markup.meta(tree, "og:title", "twitter:title")[:_HEADINGS],
        [markup.text_of(one) for one in islice(tree.iter("h1"), _HEADINGS)],
        [markup.text_of(one) for one in islice(tree.iter("title"), _HEADINGS)],
    )
    named = [
        [_without_site(text, sites) for one in place if (text := clean.title(one))]
        for place in stated
    ]
    keys = [{letters(text) for text in place} for place in named]

    def is_alone(key: str) -> bool:
        begun = (any(_begins(each, key) for each in place) for place in keys)
        return sum(begun) == 1

    return sorted(
        chain.from_iterable(named),
        key=lambda text: (letters(text) == site, is_alone(letters(text))),
    )


def _begins(title: str, key: str) -> bool:
    return title == key or (len(key) >= _LONG and title.startswith(key))


def _without_site(title: str, sites: Collection[str]) -> str:
    """Return a title without the site's name at its end: `A new shop | Vogue Italia`."""
    dashes = SEPARATOR.finditer(title)
    end = next((one.start() for one in dashes if letters(title[one.end() :]) in sites), None)
    return title[:end] or title


def shown_by(tree: html.HtmlElement, titles_: list[str]) -> html.HtmlElement | None:
    """Return the element that shows the first of these titles found on the page, or None."""
    once = dict.fromkeys(titles_)
    return next((found for one in once if (found := _showing(tree, one)) is not None), None)


def _showing(tree: html.HtmlElement, title: str) -> html.HtmlElement | None:
    sought, key = title.casefold(), letters(title)
    # Compare letters too: a label may be set apart, as in `Interview : A word with the founder`.
    for name in ("h1", "h2", "h3"):
        for one in islice(tree.iter(name), _HEADINGS):
            text = markup.text_of(one)
            if text.casefold() == sought or (key and letters(text) == key):
                return one
    for one in tree.iter("h4", "b", "strong", "font", "td", "p", "div", "span"):
        begins = one.text and len(one) <= 3 and one.text.strip()[:1].casefold() == sought[:1]
        if begins and markup.text_of(one).casefold() == sought:
            return one
    return None


def name_of_host(url: str) -> str:
    """Return the longest part of the host, as letters: `example` for `www.example.com`."""
    return letters(max((urlsplit(url).hostname or "").split(".")[:-1], key=len, default=""))
