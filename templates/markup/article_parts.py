"""The parts of an article as texts, links and link previews that are safe in a message."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from storage.model import SENT_PICTURE
from templates.markup.message import Preview
from templates.markup.telegram_html import escape
from templates.markup.text import (
    clean,
    one_line,
    opening,
    quiet,
    shorten,
    visible,
    web_link,
    without_app_links,
)

if TYPE_CHECKING:
    from storage.model import Article

HEADLINE_LIMIT = 300
STANDFIRST_LIMIT = 600
NAME_LIMIT = 80
_HOST = re.compile(r"^[a-z]+://(?:www\.)?([^/?#]+)")


def headline(article: Article) -> str:
    """Return the title on one line, or the site's name for an article without a title."""
    title = one_line(article.title)
    if not visible(title):
        host = _HOST.match(article.link)
        title = one_line(host[1]) if host else "…"
    return without_app_links(shorten(title, HEADLINE_LIMIT))


def link(article: Article) -> Markup:
    """Return the headline linked to its source, or unlinked if Telegram would drop the link."""
    address, words = web_link(article.link), headline(article)
    if address is None:
        return Markup(escape(quiet(words)))  # noqa: S704 - escaped on this line
    text = escape(words)
    return Markup(f'<a href="{escape(address)}">{text}</a>')  # noqa: S704 - both are escaped


def href(url: str | None) -> Markup:
    """Return a link for a double-quoted `href`, or "" if Telegram would drop it."""
    return Markup(escape(web_link(url) or ""))  # noqa: S704 - escaped on this line


def line(text: str | None, limit: int = STANDFIRST_LIMIT) -> str:
    """Return foreign text on one line, shortened to `limit` UTF-16 units."""
    return quiet(shorten(one_line(text or ""), limit))


def standfirst(article: Article, limit: int = STANDFIRST_LIMIT) -> str:
    """Return the standfirst on one line, in whole sentences if they fit; "" if it only repeats."""
    return quiet(summary(article, limit))


def summary(article: Article, limit: int) -> str:
    """Return `standfirst` for texts in which Telegram looks for no mentions and commands."""
    words = one_line(article.standfirst)
    if not visible(words) or words.casefold() == one_line(article.title).casefold():
        return ""
    return opening(words, limit)


def name(text: str | None) -> str:
    """Return the name of a source or a person, on one line and shortened."""
    return line(text, NAME_LIMIT)


def shortened(text: str | None, limit: int) -> str:
    """Return text cut at a word, with its lines kept."""
    return shorten(clean(text or ""), limit)


def preview_of(article: Article, *, private: bool) -> Preview | None:
    """Return the link preview with an article's picture, or else its page.

    None if it was withdrawn, or its source's pictures may not be shown in this kind of chat.
    """
    if article.is_withdrawn or not article.pictures.within(private=private):
        return None
    if article.image is not None and article.image.startswith(SENT_PICTURE):
        # It has no web address, which a preview needs.
        return None
    return preview(article.image) or preview(article.link)


@lru_cache(maxsize=1024)
def preview(url: str | None) -> Preview | None:
    """Return a link preview for a template to set, or None if the link is unusable."""
    address = web_link(url)
    return None if address is None else Preview(address)
