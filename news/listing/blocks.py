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
from news.listing import cards, dates_in_listings
from news.text import clean
from news.text.dates import parse_date
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


class _Found(NamedTuple):
    block: html.HtmlElement
    date_text: str
    """The date as the page writes it; empty if there is none."""


def read(tree: html.HtmlElement, base: str, now: datetime) -> list[Raw]:
    """Return the articles of the largest set of blocks of one shape, in page order; [] if none."""
    dated = list(dates_in_listings.dated(tree, now))
    month_first = dates_in_listings.is_month_first(tree, [date_text for _, date_text in dated])
    shared = _shared(tree)
    # Try links on this site first: a house may publish all its news on another one.
    for anywhere in (False, True):
        seeker = _Seeker(base, now, anywhere=anywhere, month_first=month_first, shared=shared)
        raws = seeker.repeated(dated)
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
            if cards.letters(title) < _UNDATED_LEAST or not self._is_ours(link):
                continue
            block = self._widened(anchor if anchor in heading.iterancestors() else heading)
            of_news = _NEWS.search(link) or _NEWS.search(self._base.rstrip("/") + "/")
            # Listed products have no author.
            if not (of_news or cards.is_signed(block)):
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
        found = [one for one in anchors if cards.is_title(cards.words_of(one, longest))]
        if found:
            return found
        one_target = len({markup.href_of(one) for one in anchors}) == 1
        return (
            anchors
            if one_target and len(headings) == 1 and cards.letters(longest) >= cards.TITLE_LEAST
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
        heading = next(filter(cards.is_title, headings), headings[0] if headings else "")
        title = heading or cards.own_title(anchors[0]) or cards.named_title(block)
        title = (
            title or cards.piece(anchors[0]) or cards.without(markup.text_of(anchors[0]), date_text)
        )
        if not cards.is_title(title):
            texts = (cards.words_of(anchors[0], ""), *map(markup.text_of, block.iter("p")))
            title = next(
                (cards.without(text, date_text) for text in texts if cards.is_title(text)), title
            )
        title = cards.whole(title, anchors)
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
