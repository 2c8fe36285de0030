"""A page where a feed was promised: a bot wall, a consent form, a site's front page."""

from __future__ import annotations

import html
import re

from news import clean
from news.entry import UnreadableError

_BEFORE_ROOT = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?(?:-->|\Z)|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>)+",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(
    r"<(?:html|head|body|script|meta|title|div|p|h1|center|table|noscript|style)[\s>]",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]*>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_WALLS = re.compile(
    r"cf[-_]chl|cdn-cgi/challenge|_cf_chl_opt|just a moment|attention required|captcha|datadome|"
    r"incapsula|imperva|px-captcha|perimeterx|akamai|access denied|request blocked|"
    r"verify (?:that )?you are (?:a )?human|are you a robot|unusual traffic|"
    r"checking your browser|enable javascript and cookies|ddos protection|"
    r"bot (?:detection|manager)|sucuri|security check|pardon our interruption|403 forbidden",
    re.IGNORECASE,
)
_HELD = re.compile(r"<(rss|feed|rdf:RDF)\s[^>]*(?:version|xmlns)", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;(rss|feed|rdf:RDF|urlset)\b", re.IGNORECASE)
_NEAR_TOP = 2_000
"""Characters in which a feed within a page begins."""
_SMALL = 40_000
"""Characters: a wall is a small page; a magazine's front page may name a captcha in passing."""


def root(text: str) -> str:
    """`text` from its first element on."""
    before = _BEFORE_ROOT.match(text[:20_000])
    return text[before.end() :] if before else text


def unwrapped(text: str) -> str:
    """The feed that some sites set into a page, or escape as a whole, or the text as it is."""
    escaped = _ESCAPED.search(text[:_NEAR_TOP])
    if escaped and not _HELD.search(text[:_NEAR_TOP]):
        end = text.rfind(f"&lt;/{escaped[1]}&gt;")
        end = end + len(escaped[1]) + 9 if end > 0 else len(text)
        return html.unescape(text[escaped.start() : end])
    if not is_page(text):
        return text
    held = _HELD.search(text[:_NEAR_TOP])
    if held is None:
        return text
    end = text.rfind(f"</{held[1]}>")
    return text[held.start() : end + len(held[1]) + 3] if end > 0 else text[held.start() :]


def is_page(text: str) -> bool:
    """Whether `text` is HTML, and no feed that wears its DOCTYPE."""
    return bool(_PAGE.match(root(text)))


def wall_in(text: str) -> str | None:
    """What shows that this page stands between us and the source's; None if nothing does."""
    found = _WALLS.search(text[:_SMALL]) if len(text) < _SMALL else _WALLS.search(page_title(text))
    return found.group().lower() if found else None


def page_title(text: str) -> str:
    """The title of a page, as plain text."""
    found = _TITLE.search(text[:100_000])
    return clean.title(found[1]) if found else ""


def check_is_no_page(text: str) -> None:
    """Refuse HTML in place of a feed, by its name.

    Raises:
        UnreadableError: `wall page`, or `a page, not a feed`.
    """
    if not is_page(text):
        return
    wall = wall_in(text)
    if wall:
        raise UnreadableError("wall page", wall)
    raise UnreadableError("a page, not a feed", page_title(text)[:120])


def check_is_no_wall(text: str) -> None:
    """Refuse a wall where an ordinary page was promised.

    Raises:
        UnreadableError: `wall page`.
    """
    wall = wall_in(text)
    if wall:
        raise UnreadableError("wall page", wall)
