"""What an article's page calls it, what shows that, and what the page calls its site."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news.html import json_ld, markup
from news.text import clean
from news.text.letters import CJK, letters

if TYPE_CHECKING:
    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_HEADINGS = 40
"""Headings of one page that are looked at."""
_HEADLINE_WORDS = 4
"""Words of a heading that is a headline; letters of a word that tells one from another."""
_LETTERS = 10
"""Chinese or Japanese ones of a headline."""


def titles(tree: html.HtmlElement, thing: dict[str, Any]) -> list[str]:
    """What a page calls its article, the likeliest first, as plain text.

    Args:
        tree: The page.
        thing: The article in its JSON-LD.
    """
    stated = (
        json_ld.words(thing.get("headline")),
        *markup.meta(tree, "og:title", "twitter:title"),
        *(markup.text_of(one) for one in islice(tree.iter("h1"), _HEADINGS)),
        *(markup.text_of(one) for one in tree.iter("title")),
    )
    return [text for one in stated if (text := clean.title(one))]


def _is_headline(heading: str) -> bool:
    """Whether a heading has the words of a headline: a part of a site is called by fewer."""
    return len(heading.split()) >= _HEADLINE_WORDS or len(CJK.findall(heading)) >= _LETTERS


def shown_by(tree: html.HtmlElement, titles_: list[str]) -> html.HtmlElement | None:
    """The element that shows the first of these titles that any shows; None for none."""
    once = dict.fromkeys(titles_)
    return next((found for one in once if (found := _showing(tree, one)) is not None), None)


def _showing(tree: html.HtmlElement, title: str) -> html.HtmlElement | None:
    sought, key = title.casefold(), letters(title)
    # What stands before it may be marked apart: `Interview : A word with the founder`.
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
