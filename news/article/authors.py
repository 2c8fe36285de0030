"""Authors of an article's page, from its metadata or its visible text."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from news.article import dateline, headline
from news.feeds.item import byline
from news.html import json_ld, markup
from news.text.date_words import LOOKS_DATED
from news.text.letters import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_NEAR = 40
"""Elements after the headline that may name a writer."""
_ABOVE = 8
"""Elements before the headline that may name a writer."""
_MOST = 400
"""Most candidates of one page that are looked at."""
_DIGIT = re.compile(r"\d")
_AUTHOR_LABEL = re.compile(
    r"^(?:\S*\s)*?\S*(?:byline|by-line|author|autor|auteur|autore|signature|contributor)"
    r"(?:[_-]*(?:name|link))?s?(?:\s|$)",
    re.IGNORECASE,
)
_AUTHOR_LONGEST = 80
_WRITERS = 4
"""Most linked names in a byline."""
_LONGEST_NAMES = 300
"""Characters of a text that are searched for names."""
_LINE = 140
"""Most characters of a line that begins with a name."""
_SIGNED = frozenset(
    {"p", "div", "span", "li", "a", "address", "em", "i", "small", "font", "strong"}
)
_WORD = r"[A-Z\u00c0-\u00de\u0410-\u042f][\w'\u2019.-]*"
_NAME = rf"{_WORD}(?:(?:\s(?:d[aei]l?|v[ao]n|de[rn]?|l[aeo]s?|dos|zu)){{0,2}}\s{_WORD}){{1,3}}"
_SIGNATURE = re.compile(
    r"(?i:by|di|par|von|por|door|text(?: by| von)?|words(?: by)?|written by|testo di|a cura di|"
    r"texte(?: de| par)?|escrito por|scritto da|autor[ea]?|author|"
    r"\u0442\u0435\u043a\u0441\u0442|\u0430\u0432\u0442\u043e\u0440)\s?:?\s"
    rf"({_NAME}(?:(?:,| and| &| e| et| und| y)\s{_NAME})?)$"
)
_SIGNED_CJK = re.compile(
    "(?:\u4f5c\u8005|\u64b0\u6587|\u64b0\u7a3f|\u8a18\u8005|\u8bb0\u8005|\u57f7\u7b46)"
    r"\s?[:\uff1a/\uff0f=]\s?([^\s/|\uff0f\u3011]{2,12})"
)
_EMAIL = re.compile(r"\s?[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,20}){1,3}")
_BEFORE_DATE = re.compile(
    r"[\s,|]{0,4}\b(?:(?:last )?(?:updated|published|posted|modified)|aggiornato|pubblicato|"
    r"mis \u00e0 jour|publi\u00e9|actualizado|publicado|aktualisiert|ver\u00f6ffentlicht|"
    r"on|the|il|le|el|am|den)(?:\s(?:on|at|il|le|el|am|den))?\s?:?\s?$",
    re.IGNORECASE,
)
"""Matches words that belong to the date behind them: `Updated on`."""
_SIGNED_BEHIND = re.compile(rf"\b(?i:by|da|di|par|por|von)\s({_NAME})")
_ENDS_OFFICE = re.compile(
    r"\s*,\s*(?:[\w'\u2019&-]+\s){0,3}(?:editor|editor[ -]in[ -]chief|writer|correspondent|"
    r"reporter|journalist|columnist|contributor|officer|director|founder)$",
    re.IGNORECASE,
)
# Matches elements with commenters or the writers of other articles.
_OF_ANOTHER = re.compile(r"comment|related|sidebar|recommend|popular|more-", re.IGNORECASE)
_FIRM = re.compile(
    r"\b(?:GmbH|Ltd|LLC|Inc|S\.?p\.?A|S\.?r\.?l|d\.o\.o)\b|\bwww\.|"
    r"^super user$|^\S*\d\S*$|^[\w-]+\.(?:com|net|org|info|[a-z]{2}|co\.[a-z]{2})$",
    re.IGNORECASE,
)
"""Matches the name of a company, a site or an account, which is no writer."""
_OF_FIRMS = ("Organization", "Corporation")
_STAFF = re.compile(
    r"\b(?:staff|editors|newsroom|team|redazione|redacci\u00f3n|r\u00e9daction|redaktion)\b|"
    r"\b(?:news|editorial) desk\b|\u7f16\u8f91\u90e8|\u7de8\u8f2f\u90e8",
    re.IGNORECASE,
)
"""Matches a name for all writers of a site."""
_AFTER_NAME = re.compile(
    r",?\s(?i:photo(?:graph)?(?:s|y)?|pictures|illustrations?|foto(?:s|grafie)?)\s"
    r"(?i:by|di|de|von|par)\s|\s+[|\u00b7\u2022\u2013\u2014-]\s+|\s*[|\n]|,?\s+(?:on\s+)?(?=\d)|\s+on\s"
)


def author(
    tree: html.HtmlElement, thing: dict[str, Any], heading: html.HtmlElement | None, url: str
) -> str | None:
    """Return the writers of the article as one text, or None."""
    site = headline.name_of_host(url)
    stated = thing.get("author")
    authors = stated if isinstance(stated, list) else [stated]
    people = [one for one in authors if json_ld.words(one) and not _is_firm(one)]
    of_firms = [[json_ld.words(one)] for one in authors if _is_firm(one)]
    candidates = [
        *(() if people else of_firms),
        json_ld.names(people),
        json_ld.names(thing.get("creator")),
        *([one] for one in markup.meta(tree, "author", "article:author", "dc.creator")),
        *([one] for one in markup.meta(tree, "sailthru.author", "parsely-author", "byl")),
    ]
    named = [found for names in candidates if (found := _people(names, site))]
    firms = {_people(names, site) for names in of_firms}
    for one in named:
        if one not in firms and not _is_staff(one, site):
            return one
    for one in chain(_bylines(tree, heading), _signed(heading)):
        found = _people([one], site)
        # The metadata's site name gives way only to a person's name.
        if found and not (
            named and (_is_staff(found, site) or not _SIGNATURE.match(f"by {found.split(', ')[0]}"))
        ):
            return found
    return next(iter(named), None)


def _is_firm(value: object) -> bool:
    return isinstance(value, dict) and any(one.endswith(_OF_FIRMS) for one in json_ld.kinds(value))


def _is_staff(name: str, site: str) -> bool:
    return letters(name) == site or bool(_STAFF.search(name))


def _people(names: Sequence[str], site: str) -> str | None:
    """Return people's names as one text, without job titles and their site; None for no names."""
    cut = (one.strip(" ,")[:_LONGEST_NAMES] for one in names)
    bare = (_ENDS_OFFICE.sub("", _without_site(one, site)) for one in cut)
    return byline([one for one in bare if not _FIRM.search(one)])


def _without_site(name: str, site: str) -> str:
    """Return a name without the site's: `Anna Roe, The Journal` or `JOURNAL Anna Roe`."""
    person, _, behind = name.rpartition(",")
    if person and letters(behind) == site:
        return person
    words = name.split()
    for number in range(1, len(words) - 1):
        before = "".join(words[:number])
        if before.isupper() and letters(before) == site:
            return " ".join(words[number:])
    return name


def _signed(heading: html.HtmlElement | None) -> Iterator[str]:
    """Yield names after a `By` near the headline, in elements not labelled as the author's."""
    if heading is None:
        return
    above = heading.xpath(f"preceding::*[position() <= {_ABOVE}]")
    for one in chain(islice(heading.xpath("following::*"), _NEAR), above):
        if one.tag not in _SIGNED or any(child.tag in {"div", "p", "li", "ul"} for child in one):
            continue
        if any(each.tag in markup.ASIDE for each in one.iterancestors()):
            continue
        text = dateline.text_of(one)
        signed = _SIGNATURE.match(_named_in(text)) or _SIGNED_CJK.search(text[:_AUTHOR_LONGEST])
        if signed:
            yield signed[1]


def _named_in(text: str) -> str:
    """Return the part of a line that names the writer, without a date or more about the writer."""
    text = _EMAIL.sub("", text[:_LONGEST_NAMES])
    labelled = _SIGNED_CJK.match(text)
    if labelled:
        return labelled[1]
    dated = LOOKS_DATED.search(text)
    if dated:
        before = _BEFORE_DATE.sub("", text[: dated.start()])
        behind = _SIGNED_BEHIND.search(text[dated.end() :])
        text = before or (behind[1] if behind else "")
    return _AFTER_NAME.split(text, maxsplit=1)[0].strip(" ,|\u00b7\u2022\u2013\u2014-")


def _is_sure(element: html.HtmlElement) -> bool:
    declared = (element.get("rel") or "").split()
    return "author" in declared or element.get("itemprop") == "author"


def _bylines(tree: html.HtmlElement, heading: html.HtmlElement | None) -> Iterator[str]:
    """Yield short texts of elements marked as the author's, the surest first."""
    sure: list[str] = []
    likely: list[str] = []
    looked_at = 0
    around_heading = () if heading is None else set(heading.iterancestors())
    for one in tree.iter(
        "a", "span", "p", "div", "address", "li", "h3", "h4", "h5", "strong", "dd"
    ):
        label = f"{one.get('class') or ''}"
        is_sure = _is_sure(one)
        if not is_sure and not _AUTHOR_LABEL.match(label[:200]):
            continue
        looked_at += 1
        if looked_at > _MOST:
            break
        if any(
            each not in around_heading
            and (each.tag in markup.ASIDE or _OF_ANOTHER.search(markup.names_of(each)))
            for each in one.iterancestors()
            if each.tag != "body"
        ):
            continue
        if is_sure:
            within = next((each for each in one.iter() if each.get("itemprop") == "name"), one)
            text = dateline.text_of(within) or within.get("content") or ""
            beside = list(islice(filter(_is_sure, one.itersiblings(one.tag)), _WRITERS - 1))
            if text and beside and not any(map(_is_sure, one.itersiblings(preceding=True))):
                text = ", ".join([text, *filter(None, map(dateline.text_of, beside))])
        else:
            line = dateline.text_of(one)
            linked = (dateline.text_of(each) for each in one.iter("a"))
            linked_names = [name for name in linked if name and not name.startswith("@")]
            # A longer line is the writer's biography.
            text = _named_in(line) if len(line) <= _LINE else ""
            if text and one.tag != "a" and 0 < len(linked_names) <= _WRITERS:
                text = ", ".join(linked_names)
        if text and len(text) <= _AUTHOR_LONGEST and not _DIGIT.search(text):
            (sure if is_sure else likely).append(text)
    yield from sure
    yield from likely
