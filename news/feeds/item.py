"""Conversion of a raw item of any format to an entry, or its refusal with a reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from news.entry import Entry, Refused
from news.feeds import standfirsts
from news.html.pictures import SETS, largest
from news.text import clean
from news.text.dates import day_in, parse_date
from news.text.language_tag import code
from news.text.letters import table
from news.text.links import canonical_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.model.body_model import Body

GUID_LIMIT = 500
_MOST_TAGS = 20
_LONGEST_LABEL = 60

# A `<` in quotes does not end the tag, but another `<img` does.
_IMAGE = re.compile(r"<img\b((?:[^<>]++|<(?!img\b))*+)>", re.IGNORECASE)
_LONGEST_TAG = 3_000
"""Most characters of a picture's attributes."""
_ATTRIBUTE = re.compile(
    r"\b(src|data-src|data-lazy-src|data-original|(?:data-)?(?:lazy-)?srcset|width|height)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:width|height)\s*:\s*[01]px|display\s*:\s*none", re.IGNORECASE)
_NO_PICTURE = table(
    "feedburner feedsportal doubleclick scorecardresearch google-analytics stats.wordpress /ad/ "
    "/ads/ /pixel pixel. 1x1 spacer b.gif blank.gif gravatar.com s.w.org/images /emoji "
    "share-buttons .svg?"
)
"""Parts of the addresses of tracking pixels, avatars and icons."""
_IS_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_ADDRESSES = ("http:", "https:")
# Default categories of publishing systems.
_NO_TAGS = frozenset(
    {
        *("uncategorized", "uncategorised", "non class\u00e9", "non classifi\u00e9(e)"),
        *("senza categoria", "sin categor\u00eda", "sem categoria", "niet gecategoriseerd"),
        *("\u672a\u5206\u7c7b", "\u672a\u5206\u985e", "\u672a\u5206\u985e"),
    }
)
# Placeholders for a missing title.
_NO_TITLES = frozenset(
    {
        *("untitled", "no title", "(no title)", "[no title]", "null", "undefined", "photo", "post"),
        *("sans titre", "senza titolo", "(senza titolo)", "ohne titel", "sin t\u00edtulo"),
        *("sem t\u00edtulo", "\u7121\u984c", "\u65e0\u6807\u9898", "\u7121\u6a19\u984c"),
    }
)
_EMAIL_AUTHOR = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.+?)\s*[<(]\S+@\S+[>)]$")
_NOBODY = re.compile(
    r"https?:|(?:admin|administrator|root|user|webmaster|shopify api"
    r"|(?:last )?(?:updated|published|posted|modified|reviewed)(?: (?:on|at|by))?"
    r"|aggiornat[oa]|pubblicat[oa]|actualizado|publicado|mis \xe0 jour|publi\xe9|aktualisiert)$",
    re.IGNORECASE,
)
BYLINE = re.compile(
    r"^(?:by|di|por|par|von|text by|words by|author:|contributors?:|aut[eo]u?r[ae]?:|door|durch)"
    r"\s+",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Raw:
    """An item as its format has it: markup, relative links, dates as text."""

    guid: str = ""
    links: Sequence[str] = ()
    """Links of the item, the best first; the first http(s) link is taken."""
    base: str = ""
    title: str = ""
    summary: str = ""
    """Summary as markup."""
    content: str = ""
    """Full text as markup."""
    images: Sequence[str] = ()
    authors: Sequence[str] = ()
    dates: Sequence[str] = ()
    """Dates of the item, the best first; the first plausible date is taken."""
    tags: Sequence[str] = ()
    language: str | None = None


def entries_of(raws: Iterable[Raw], now: datetime) -> tuple[list[Entry], list[Refused]]:
    """Return the items of a document as entries, and those that cannot be entries."""
    entries: list[Entry] = []
    refused: list[Refused] = []
    # Each step runs for all items before the next, so that its data stays in the processor's
    # caches.
    cleaned = [(raw, *_texts(raw)) for raw in raws]
    links = _links([raw for raw, _, _ in cleaned])
    for (raw, content, summary), link in zip(cleaned, links, strict=True):
        result = _entry(raw, link, content, summary, now)
        if isinstance(result, Entry):
            entries.append(result)
        else:
            refused.append(result)
    return entries, refused


def _texts(raw: Raw) -> tuple[Body | None, Body | None]:
    return (
        clean.body(raw.content) if raw.content else None,
        clean.body(raw.summary) if raw.summary else None,
    )


def _links(raws: Sequence[Raw]) -> list[str | None]:
    """Return the link of each item, with its fragment where several items share a page."""
    links = [_link(raw) for raw in raws]
    pages = Counter(links)
    if len(pages) == len(links):
        return links
    several = {link for link, times in pages.items() if link and times > 1}
    placed = [
        _link(raw, fragment=True) if link in several else link
        for raw, link in zip(raws, links, strict=True)
    ]
    places: dict[str | None, set[str | None]] = {}
    for page, place in zip(links, placed, strict=True):
        places.setdefault(page, set()).add(place)
    return [
        # With at most one fragment it is one article, listed twice.
        place if len(places[page] - {page}) > 1 else page
        for page, place in zip(links, placed, strict=True)
    ]


def _link(raw: Raw, *, fragment: bool = False) -> str | None:
    found = (canonical_link(one, raw.base, fragment=fragment) for one in raw.links)
    link = next(filter(None, found), None)
    # The id may have the fragment that the link lacks.
    places = (one for one in found if one and one.startswith(f"{link}#")) if fragment else ()
    return next(iter(places), link)


def _entry(
    raw: Raw, link: str | None, content: Body | None, summary: Body | None, now: datetime
) -> Entry | Refused:
    if link is None:
        return Refused("bad link" if any(raw.links) else "no link", _named(raw))
    title = clean.title(raw.title)
    if not title or title.casefold() in _NO_TITLES or _IS_ADDRESS.fullmatch(title):
        cleaned = summary or content
        title = standfirsts.first_words(cleaned.text if cleaned else "") or title
    if not title:
        return Refused("no title", _named(raw) or link)
    texts = (one.text if one else None for one in (summary, content))
    standfirst, says_more = _standfirst(title, *texts)
    body = content or (summary if says_more else None)
    if body and summary and len(summary.text) > len(body.text):
        body = summary
    if body and body.text == title:
        body = None
    published = next((date for text in raw.dates if (date := parse_date(text, now))), None)
    if published is None:
        published = parse_date(day_in(link), now)
    return Entry(
        guid=clean.one_line(raw.guid)[:GUID_LIMIT] or link,
        link=link,
        title=title,
        standfirst=standfirst,
        body=body.text if body else None,
        body_kinds=body.kinds if body else "",
        image=_picture(raw),
        author=byline(raw.authors),
        language=code(raw.language),
        published=published,
        tags=kept_tags(raw.tags),
    )


def _named(raw: Raw) -> str:
    return clean.one_line(raw.title or raw.guid or "".join(raw.links[:1]))[:120]


def first_image(markup: str, base: str) -> str | None:
    """Return the address of the first picture in an HTML fragment that is not an icon, or None."""
    for tag in _IMAGE.finditer(markup[: clean.HTML_LIMIT]):
        if len(tag[1]) > _LONGEST_TAG:
            continue
        found: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(tag[1]):
            found.setdefault(name.lower(), next((value for value in values if value), ""))
        sizes = [found.get(side, "") for side in ("width", "height")]
        small = any(size.isdecimal() and int(size[:9]) < 50 for size in sizes)
        if small or ("style" in tag[1] and _HIDDEN.search(tag[1])):
            continue
        named = [
            found.get(name, "") for name in ("data-src", "data-lazy-src", "data-original", "src")
        ]
        named += [largest(clean.unescape(found.get(name, ""))) for name in SETS]
        for one in named:
            if link := picture(one, base):
                return link
    return None


def picture(link: str, base: str) -> str | None:
    """Return a picture's absolute address, or None for a tracking pixel, an icon or no link."""
    low = link.strip().lower()
    if not low or low in {"undefined", "null"} or low.endswith(".svg"):
        return None
    return None if any(map(low.__contains__, _NO_PICTURE)) else canonical_link(link, base)


def _standfirst(title: str, *texts: str | None) -> tuple[str, bool]:
    """Return the standfirst from the first text that has one, and whether that text says more."""
    found = (standfirsts.standfirst_and_more(text, title) for text in texts if text)
    return next(filter(any, found), ("", False))


def _picture(raw: Raw) -> str | None:
    named = filter(None, (picture(one, raw.base) for one in raw.images))
    found = (first_image(one, raw.base) for one in (raw.content, raw.summary))
    return next(named, None) or next(filter(None, found), None)


def byline(authors: Sequence[str]) -> str | None:
    """Return the distinct names of an article's writers as one text, or None if there are none."""
    names: list[str] = []
    for one in authors[:4]:
        name = _label(one)
        held = _EMAIL_AUTHOR.match(name)
        name = BYLINE.sub("", (held[1] or held[2]) if held else name).strip()
        if name and "@" not in name and not _NOBODY.match(name) and name not in names:
            names.append(name)
    return clean.shorten(", ".join(names), 120) or None


def kept_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags of an article as plain text, without addresses and "uncategorized"."""
    kept: dict[str, None] = {}
    for tag in map(_label, tags):
        if 0 < len(tag) <= _LONGEST_LABEL and not (
            tag.startswith(_ADDRESSES) or tag.casefold() in _NO_TAGS
        ):
            kept.setdefault(tag)
    return tuple(kept)[:_MOST_TAGS]


def _label(markup: str) -> str:
    return _remembered(markup) if len(markup) <= _LONGEST_LABEL else clean.title(markup)


_remembered = lru_cache(maxsize=2_000)(clean.title)
