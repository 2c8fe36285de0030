"""Detection of repeated blocks on a listing page, each with a headline link and a date.

If no block has a date, the linked headings of a news page make the list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from news.feeds.item import Raw
from news.html import markup
from news.html.pictures import sources_in
from news.text import clean
from news.text.date_words import LOOKS_DATED, ago
from news.text.dates import parse_date
from news.text.letters import CJK
from news.text.links import absolute, same_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

LEAST = 3
"""Fewest blocks of one shape that are taken for a list of articles."""
_AROUND = 3
"""Ancestors of a text block that are searched for its picture."""
_UNDATED_LEAST = 20
"""Fewest letters of a headline in a list without dates; a CJK letter counts as three."""
_LEVELS = 6
"""Most levels between a date and the block that holds the date and its link."""
_MOST_LINKS = 3_000
_OFTEN = 4
"""Repetitions of a link that mark a shared one; a headline link has two or three at most."""
_ASIDE = frozenset({"nav", "header", "footer", "aside"})
_NEWS = re.compile(
    r"/(?:[\w-]*(?:news|press|media|journal|blog|stor(?:y|ies)|magazine|article|release|"
    r"actualit|communique|notizi|stampa|comunicat|aktuell|noticia|prensa)[\w-]*|(?:19|20)\d\d)/",
    re.IGNORECASE,
)

_NO_ARTICLE = re.compile(
    r"/(?:authors?|profile|tags?|categor(?:y|ies|ia|ie)|kategorien?|topics?|themes?|rubriques?)/|"
    r"[?&]showComment=",
    re.IGNORECASE,
)
"""Matches addresses of author, tag and category pages, and of comments."""
TITLE_LEAST = 12
"""Fewest letters of a headline; a CJK letter counts as three."""
_PIECES = 40
"""Most elements of a link or block that are looked at."""
_LONGEST_PIECE = 160
"""Most characters of a headline; a longer text is a summary."""
_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")
_CUT_OFF = re.compile(r"(?:(?<!\s)\s++)?(?:\u2026|\.\.\.)$")
_TITLE_LABEL = re.compile(r"title|headline|heading", re.IGNORECASE)
_SIGNED = re.compile(r"(?:[Bb]y|BY|[Dd]i|[Pp]ar|[Pp]or|[Vv]on)\s+[A-Z\u00c0-\u00de]\w+\s+[A-Z]")
_MOST_DATES = 5_000
_DATE_LENGTH = 60
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](?:\d{4}|\d{2})(?!\d)")
_DATE_LABEL = re.compile(r"date|time|publish|posted|meta", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}|['\u2019]\d{2}\b")
_PERIOD = re.compile(
    r"(?P<month>[^\W\d_]{3,12}\.?,?\s(?:de\s|del\s)?)?(?P<year>(?:19|20)\d\d)"
    r"(?:\u5e74(?:\s?\d{1,2}\s?\u6708)?)?$"
)
_DAY_OF_MONTH = re.compile(
    r"[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|\.)? [^\W\d_]{3,12}\.?"
)
"""Matches a day and month without a year."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "th", "dt", "summary"})
_YEAR_LABEL = re.compile(r"year|annee|anno|jahr|a\u00f1o|ann\u00e9e", re.IGNORECASE)
_AROUND_DATE = " \r\n\t|\u00b7\u2013\u2014-,():"
_TAILS = 8
"""Most texts after child elements that are tried as dates."""


class _Found(NamedTuple):
    block: html.HtmlElement
    date_text: str
    """The date as the page writes it; empty if there is none."""


def read(tree: html.HtmlElement, base: str, now: datetime) -> list[Raw]:
    """Return the articles of the largest set of blocks of one shape, in page order; [] if none."""
    found = list(dated(tree, now))
    month_first = _is_month_first(tree, [date_text for _, date_text in found])
    shared = _shared(tree)
    # Try links on this site first: a house may publish all its news on another one.
    for anywhere in (False, True):
        seeker = _Seeker(base, now, anywhere=anywhere, month_first=month_first, shared=shared)
        raws = seeker.repeated(found)
        if raws:
            return raws
    return _Seeker(base, now).undated(tree)


def _shared(tree: html.HtmlElement) -> frozenset[str]:
    """Return the targets of links that repeat with the same text, such as a category's link."""
    times = Counter(one.get("href") or "" for one in islice(tree.iter("a"), _MOST_LINKS))
    often = {href for href, number in times.items() if number >= _OFTEN}
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for one in islice(tree.iter("a"), _MOST_LINKS) if often else ():
        if one.get("href") in often:
            words[one.get("href")][markup.text_of(one)] += 1
    return frozenset(href for href, counts in words.items() if max(counts.values()) >= _OFTEN)


class _Seeker:
    """Search for the article blocks of one page; `month_first` as in `news.text.dates`."""

    def __init__(
        self,
        base: str,
        now: datetime,
        *,
        anywhere: bool = False,
        month_first: bool = False,
        shared: frozenset[str] = frozenset(),
    ) -> None:
        self._shared = shared
        self._known: dict[str, bool] = {}
        self._base = base
        self._now = now
        self._anywhere = anywhere
        self._month_first = month_first
        self._targets_of: dict[html.HtmlElement, frozenset[str]] = {}
        self._date_first: dict[html.HtmlElement, bool] = {}

    def repeated(self, dated: list[tuple[html.HtmlElement, str]]) -> list[Raw]:
        """Return the articles of repeated blocks that hold a given date and a headline link."""
        shapes: dict[str, dict[int, _Found]] = defaultdict(dict)
        for element, date_text in dated:
            block = self._block(element)
            if block is not None:
                shapes[_shape(block)].setdefault(id(block), _Found(block, date_text))
        best = max(shapes, key=lambda shape: len(shapes[shape]), default="")
        if not best or len(shapes[best]) < LEAST:
            return []
        # A lead article, shown larger above the others, has a shape of its own.
        chosen = {
            number: found
            for shape, blocks in shapes.items()
            for number, found in blocks.items()
            if shape == best or (_in_the_midst(found.block) and _headings_of(found.block))
        }
        page = next(iter(chosen.values())).block.getroottree()
        return [self._raw(chosen[id(one)]) for one in page.iter() if id(one) in chosen]

    def undated(self, tree: html.HtmlElement) -> list[Raw]:
        """Return the articles of repeated blocks with a linked heading, on a news page."""
        shapes: dict[str, dict[str, _Found]] = defaultdict(dict)
        for heading in tree.iter("h2", "h3", "h4"):
            anchor = _anchor_of(heading)
            if anchor is None or not _in_the_midst(heading):
                continue
            link = absolute(markup.href_of(anchor), self._base) or ""
            title = markup.text_of(heading)
            if _letters(title) < _UNDATED_LEAST or not self._is_ours(link):
                continue
            block = self._widened(anchor if anchor in heading.iterancestors() else heading)
            of_news = _NEWS.search(link) or _NEWS.search(self._base.rstrip("/") + "/")
            # Listed products have no author.
            if not (of_news or _is_signed(block)):
                continue
            shapes[_shape(block)].setdefault(link, _Found(block, ""))
        best = max((list(blocks.values()) for blocks in shapes.values()), key=len, default=[])
        return [self._raw(one) for one in best] if len(best) >= LEAST else []

    def _widened(self, element: html.HtmlElement) -> html.HtmlElement:
        for parent in islice(element.iterancestors(), 3):
            if parent.tag in {"body", "main", "ul", "ol"} or (
                len(list(islice(_headings(parent), 2))) > 1
            ):
                break
            element = parent
        return element

    def _block(self, element: html.HtmlElement) -> html.HtmlElement | None:
        """Return the smallest block with a date and headline, or the article beside the date."""
        block: html.HtmlElement | None = element
        within: html.HtmlElement | None = None
        for _ in range(_LEVELS):
            if block is None or block.tag in {"body", "html"}:
                return None
            targets = self._targets(block)
            if len(targets) > 2:
                return self._beside(within, block) if within is not None else None
            if targets:
                return block
            within, block = block, block.getparent()
        return None

    def _whole(self, block: html.HtmlElement) -> html.HtmlElement:
        """Return the largest ancestor with no other article; it often has the picture."""
        targets = self._targets(block)
        for parent in islice(block.iterancestors(), _AROUND):
            if parent.tag in {"body", "main", "ul", "ol", "table"} or (
                self._targets(parent) != targets
            ):
                break
            block = parent
        return block

    def _beside(self, dated: html.HtmlElement, around: html.HtmlElement) -> html.HtmlElement | None:
        first = self._date_first.get(around)
        if first is None:
            shape = _shape(dated)
            begins = (one for one in around if _shape(one) == shape or self._targets(one))
            first = self._date_first[around] = _shape(next(begins, dated)) == shape
        beside = dated.getnext() if first else dated.getprevious()
        return beside if beside is not None and len(self._targets(beside)) == 1 else None

    def _targets(self, block: html.HtmlElement) -> frozenset[str]:
        # Cached: the list itself is asked for once per date in it.
        known = self._targets_of.get(block)
        if known is None:
            links = map(markup.href_of, self._headlines(block))
            known = frozenset(absolute(link, self._base) or link for link in links)
            self._targets_of[block] = known
        return known

    def _headlines(self, block: html.HtmlElement) -> list[html.HtmlElement]:
        """Return a block's headline links; if none reads like one, all that share one address."""
        anchors = [
            one
            for one in markup.anchors_of(block)
            if one.get("href") not in self._shared and self._leads_to_ours(markup.href_of(one))
        ]
        if not anchors:
            return []
        headings = [markup.text_of(one) for one in _headings_of(block)]
        longest = max(headings, key=len, default="")
        found = [one for one in anchors if _is_title(_words_of(one, longest))]
        if found:
            return found
        one_target = len({markup.href_of(one) for one in anchors}) == 1
        return (
            anchors
            if one_target and len(headings) == 1 and _letters(longest) >= TITLE_LEAST
            else []
        )

    def _leads_to_ours(self, href: str) -> bool:
        # Cached: every block around a link asks for it.
        known = self._known.get(href)
        if known is None:
            known = self._known[href] = self._is_ours(absolute(href, self._base) or "")
        return known

    def _is_ours(self, link: str) -> bool:
        if not link or link.rstrip("/") == self._base.rstrip("/") or _NO_ARTICLE.search(link):
            return False
        return self._anywhere or same_site(link, self._base)

    def _raw(self, found: _Found) -> Raw:
        block, date_text = found
        anchors = self._headlines(block) or markup.anchors_of(block)
        anchors.sort(key=lambda one: -len(markup.text_of(one)))
        headings = [markup.text_of(one) for one in _headings_of(block)]
        # A date may be a heading too.
        heading = next(filter(_is_title, headings), headings[0] if headings else "")
        title = heading or _own_title(anchors[0]) or _named_title(block)
        title = title or _piece(anchors[0]) or _without(markup.text_of(anchors[0]), date_text)
        if not _is_title(title):
            texts = (_words_of(anchors[0], ""), *map(markup.text_of, block.iter("p")))
            title = next((_without(text, date_text) for text in texts if _is_title(text)), title)
        title = whole(title, anchors)
        summary = max((markup.text_of(one) for one in block.iter("p")), key=len, default="")
        moment = parse_date(date_text, self._now, month_first=self._month_first)
        return Raw(
            links=[link for one in anchors if (link := markup.href_of(one))],
            base=self._base,
            title=title,
            summary=clean.shorten(summary, 600) if summary != title and len(summary) > 40 else "",
            dates=[moment.isoformat()] if moment else [],
            images=sources_in(block) or sources_in(self._whole(block)),
        )


def _shape(block: html.HtmlElement) -> str:
    parent = block.getparent()
    outer = f"{parent.tag}.{parent.get('class') or ''}" if parent is not None else ""
    first = (block.get("class") or "").split()[:1]
    return f"{outer}>{block.tag}.{''.join(first)}"


def _in_the_midst(element: html.HtmlElement) -> bool:
    return all(one.tag not in _ASIDE for one in element.iterancestors())


def _headings(block: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return (one for one in markup.headings_of(block) if markup.text_of(one))


def _headings_of(block: html.HtmlElement) -> list[html.HtmlElement]:
    return list(_headings(block))


def _anchor_of(heading: html.HtmlElement) -> html.HtmlElement | None:
    around = next((one for one in islice(heading.iterancestors(), 4) if one.tag == "a"), None)
    if around is not None:
        return around if around.get("href") else None
    return next(iter(markup.anchors_of(heading)), None)


def _is_signed(block: html.HtmlElement) -> bool:
    """Return whether a block names a writer, as in `By Anna Rossi`."""
    texts = (one.text for one in islice(block.iter("p", "span", "div", "a", "address"), _PIECES))
    return any(text and _SIGNED.match(text.strip()) for text in texts)


def _words_of(anchor: html.HtmlElement, heading: str) -> str:
    """Return a link's text, or its block's heading if the link has only a label or no text."""
    text = markup.text_of(anchor)
    label = clean.one_line(anchor.get("aria-label") or "")
    if not heading and _is_title(label) and not _is_title(text):
        return label
    has_heading = any(map(markup.text_of, markup.headings_of(anchor)))
    wordless = not text or anchor.get("aria-label") or has_heading
    return (heading or text) if wordless else text


def _is_title(text: str) -> bool:
    """Return whether a text may be a headline: long enough, and more than a date."""
    if len(text) > _LONGEST_PIECE:
        return True
    if _letters(text) < TITLE_LEAST:
        return False
    return bool(_THREE_LETTERS.search(LOOKS_DATED.sub("", text))) or bool(CJK.search(text))


def whole(title: str, anchors: list[html.HtmlElement]) -> str:
    """Return a title in full: a truncated one is completed from an attribute of its links."""
    begin = _CUT_OFF.sub("", title)
    if begin == title:
        return title
    named = (clean.one_line(one.get("title") or one.get("aria-label") or "") for one in anchors)
    return next((one for one in named if one.startswith(begin)), title)


def _named_title(block: html.HtmlElement) -> str:
    """Return the text of the first element with a title-like class; empty if there is none."""
    for one in block.iter("span", "div", "p", "strong", "b"):
        if _TITLE_LABEL.search(one.get("class") or ""):
            text = markup.text_of(one)
            if _letters(text) >= TITLE_LEAST:
                return text
    return ""


def _own_title(anchor: html.HtmlElement) -> str:
    """Return a link's `title` attribute if it is part of its visible text; else empty."""
    named = clean.one_line(anchor.get("title") or "")
    return named if _is_title(named) and named in markup.text_of(anchor) else ""


def _piece(anchor: html.HtmlElement) -> str:
    """Return the headline among the elements in a link, beside its label and date; else empty."""
    own = [anchor.text, *(child.tail for child in anchor)]
    if any(text and text.strip() for text in own):
        return ""
    leaves = (markup.text_of(one) for one in islice(anchor.iter(), _PIECES) if not len(one))
    titles = [text for text in leaves if len(text) <= _LONGEST_PIECE and _is_title(text)]
    return max(titles, key=len, default="")


def _without(title: str, date_text: str) -> str:
    """Return a text without the date at its beginning or end."""
    bare = title.removeprefix(date_text).removesuffix(date_text).strip(" |\u00b7\u2013\u2014-:")
    return bare if date_text and bare else title


def _letters(text: str) -> int:
    """Return the length of a text in characters, counting a CJK letter as three."""
    return len(text) + 2 * len(CJK.findall(text))


def _is_month_first(tree: html.HtmlElement, dates: list[str]) -> bool:
    """Return whether `11/05/2026` means 5 November here, from the other dates or the language."""
    pairs = [
        (int(one[1]), int(one[2])) for date_text in dates for one in _SLASHED.finditer(date_text)
    ]
    if any(first > 12 for first, _ in pairs):
        return False
    return markup.is_american(tree) or any(second > 12 for _, second in pairs)


def dated(tree: html.HtmlElement, now: datetime) -> Iterator[tuple[html.HtmlElement, str]]:
    """Yield each element of a page that has a date, with the date's text, in page order."""
    looked_at = 0
    year = ""
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "a", "body"}:
            continue
        year = _year_of(element, now) or year
        for date_text, sure in _candidates(element):
            text = date_text.strip()
            if not text or len(text) > _DATE_LENGTH:
                continue
            looked_at += 1
            if looked_at > _MOST_DATES:
                return
            if found := _dated(text, year, now, sure=sure):
                yield element, found
                break


def _dated(text: str, year: str, now: datetime, *, sure: bool) -> str | None:
    """Return the date text, with a year added if needed, or None if it is not a date."""
    sure = sure or bool(year and _DAY_OF_MONTH.fullmatch(text))
    if not (sure or LOOKS_DATED.search(text) or ago(text.casefold())):
        return None
    if parse_date(text, now):
        return text
    return _with_year(text, year, now) if sure else None


def _candidates(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    is_time = element.tag == "time" or (element.get("itemprop") or "").startswith("date")
    if is_time:
        for date_text in markup.dates_of(element):
            yield date_text, True
        return
    for date_text in markup.dates_in_attributes(element):
        yield date_text, True
    labelled = bool(_DATE_LABEL.search(markup.names_of(element)))
    if element.text and element.text.strip():
        yield element.text, labelled
    if labelled and len(element) and next(element.iter("time"), None) is None:
        # Day, month and year may be separate elements.
        pieces = list(islice(element.itertext(), 12))
        if len(pieces) < 12:
            yield clean.one_line(" ".join(map(str, pieces)))[: _DATE_LENGTH + 1], True
    yield from _pieces(element)


def _pieces(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield possible dates from an unlabelled element: an `abbr` title, texts after children."""
    if not len(element) and element.tag != "abbr":
        return
    if element.tag == "abbr" and element.get("title"):
        yield element.get("title"), True
    for child in islice(element, _TAILS):
        # A date may follow a link without an element of its own.
        if child.tail and any(map(str.isdigit, child.tail[:_DATE_LENGTH])):
            yield child.tail.strip(_AROUND_DATE), False


def _with_year(text: str, year: str, now: datetime) -> str | None:
    """Return `12 November` with the year of the heading above, or its latest past year; or None."""
    if _YEAR.search(text):
        return None
    years = (f"{text} {one}" for one in ((year,) if year else (now.year, now.year - 1)))
    return next((one for one in years if parse_date(one, now)), None)


def _year_of(element: html.HtmlElement, now: datetime) -> str:
    """Return the year that an element names as a heading (`2026`, `May 2026`); else empty."""
    text = (element.text or "").strip()
    found = _PERIOD.search(text) if len(text) <= _DATE_LENGTH else None
    if not found or len(element) or any(one.tag == "a" for one in element.iterancestors()):
        return ""
    if any(map(str.isdigit, text[: found.start()])):
        return ""
    if found["month"]:
        return found["year"] if parse_date(f"1 {found.group()}", now) else ""
    is_heading = element.tag in _HEADINGS or _YEAR_LABEL.search(markup.names_of(element))
    return found["year"] if is_heading and found.group() == text else ""
