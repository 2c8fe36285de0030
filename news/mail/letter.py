"""The stories that a newsletter links to, each with its headline; run in a worker. Pure.

A story is a link with a headline of its own: a linked line, or a heading beside "read more". A link
amid a sentence, a picture alone and whatever changes a subscription are none.
"""

from __future__ import annotations

import re
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import UnreadableError
from news.html import markup
from news.mail.link import is_unwanted
from news.mail.sender import sender
from news.text import clean
from news.text.charset import decode
from news.text.letters import CJK
from news.text.links import absolute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from email.message import Message

    from lxml import html

MOST_STORIES = 40
"""Stories of one letter at most, the first ones."""
_MOST_PARTS = 100
_MOST_LINKS = 1_000
_LEVELS = 6
"""Elements around a link that are searched for its headline."""
_LEAST_WORDS = 3
_LEAST_CJK = 6
_LONGEST = 250
_BESIDE = 30
"""Characters of a label, such as a date, that may stand beside a headline in its line."""
_LONG_LINE = 40
"""Fewest characters of a line that tells more than a headline."""
_LARGEST_BLOCK = 20_000
_ENCRYPTED = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)
_LINES = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl"),
        *("dt", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"),
        *("main", "nav", "ol", "p", "section", "table", "tbody", "td", "th", "tr", "ul"),
    )
)
"""Elements that begin and end a line."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "b", "strong"})
_BIG = re.compile(r"font-weight:\s{0,9}(?:bold|[6-9]00)|font-size:\s{0,9}(?:1[89]|[2-4]\d)px")
_CALLS = re.compile(
    r"(?:click|read (?:more|the|this|on|it|full|in)|learn more|find out|see (?:all|more|the)|view|"
    r"show|shop|buy|register|sign up|subscribe|download|book (?:now|your)|join (?:us|now|the)|"
    r"leggi|continua|scopri|vedi|guarda|clicca|iscriviti|abbonati|acquista|"
    r"leer m|lee m|seguir leyendo|ver m|haz clic|suscr[ií]b|descubre|"
    r"lire (?:la suite|plus|l)|en savoir|d[ée]couvr|cliquez|abonnez|inscrivez|voir (?:plus|tou)|"
    r"weiterlesen|mehr (?:lesen|erfahren)|jetzt|hier klicken|zum artikel|"
    r"阅读(?:更多|全文)|查看|点击|订阅|了解更多)",
    re.IGNORECASE,
)
"""Matches the beginning of a link that calls for something, and names no story."""
_UNWANTED = re.compile(
    r"un-?subscri|opt(?:ing)?[ -]?out|(?:manage|update|change|edit|your|e-?mail|subscription) "
    r"(?:your )?(?:e-?mail )?(?:preferences|subscriptions?|settings|profile)|^preferences|"
    r"^(?:view|read|see|open|trouble).{0,30}(?:browser|online)|in (?:your|a) (?:web )?browser|"
    r"(?:web ?|online )version|"
    r"^(?:share|tweet|pin it|forward)(?: (?:this|it|on|via|by|to|with)\b|$)|"
    r"privacy (?:policy|notice)|all rights reserved|(?:no longer|not) (?:wish|want) to receive|"
    r"disiscri|(?:cancella|annulla).{0,12}iscri|preferenze|nel (?:tuo )?browser|"
    r"^(?:visualizza|leggi|apri|vedi).{0,30}online|versione (?:web|online)|"
    r"^(?:condividi|inoltra)\b|"
    r"(?:dar(?:se|me|te)?|date) de baja|cancelar.{0,12}suscripci|desuscri|preferencias|"
    r"en (?:el|tu|su) navegador|^ver.{0,25}(?:en l\u00ednea|online)|versi\u00f3n (?:web|online)|"
    r"^(?:compart(?:e|ir)|reenv\u00eda[r]?)\b|"
    r"d[\u00e9e]s(?:abonn|inscri)|pr[\u00e9e]f[\u00e9e]rences|"
    r"dans (?:votre|le|ton|un) navigateur|^(?:voir|lire|afficher).{0,30}en ligne|"
    r"version (?:web|en ligne)|^(?:partage[rz]|transf[\u00e9e]re[rz])\b|"
    r"ab(?:melde|bestell)|austragen|newsletter.?einstellungen|im browser|webversion|"
    r"online-?version|^(?:teilen|weiterleiten)\b|"
    r"\u9000\u8ba2|\u53d6\u6d88\u8ba2\u9605|\u504f\u597d|\u6d4f\u89c8\u5668|\u7f51\u9875\u7248|"
    r"^(?:\u5206\u4eab|\u8f6c\u53d1)",
    re.IGNORECASE,
)
"""Matches a line about a subscription, sharing or reading in a browser, in six languages."""


class LinkedStory(NamedTuple):
    """A story as a letter has it."""

    title: str
    link: str
    standfirst: str = ""


class Letter(NamedTuple):
    """What a letter says."""

    sent: datetime | None
    """Its own date, or None if it has no plausible one."""
    stories: tuple[LinkedStory, ...]


def read(document: bytes, address: str, authserv: str) -> Letter:
    """Return the stories of a letter.

    Raises UnreadableError: `no proven sender`, if the letter is not proven to be from the address;
    `encrypted`, `no HTML`, `broken`.
    """
    try:
        message = BytesParser().parsebytes(document)
        proven = sender(message, authserv)
        if proven is None or proven[0] != address:
            raise UnreadableError("no proven sender")
        text = _html(message)
    except (RecursionError, ValueError, LookupError, AttributeError) as error:
        raise UnreadableError("broken", type(error).__name__) from None
    ways_out = " ".join(map(str, message.get_all("List-Unsubscribe", [])))
    return Letter(_date(message), tuple(stories(markup.tree_of(text), ways_out)))


def stories(tree: html.HtmlElement, ways_out: str = "") -> list[LinkedStory]:
    """Return the stories of a letter's HTML, in its order, each link once.

    Args:
        ways_out: Text with the links that end the subscription.
    """
    found: dict[str, LinkedStory] = {}
    links: dict[html.HtmlElement, str] = {}
    for anchor in islice(tree.iter("a"), _MOST_LINKS):
        link = absolute(anchor.get("href") or "")
        parts = urlsplit(link) if link else None
        leads_on = parts is not None and bool(parts.path.strip("/") or parts.query)
        if link and leads_on and link not in ways_out and not is_unwanted(link):
            links[anchor] = link
    # Headlines, and not "Read more".
    lines = {text for each in links if _is_title(text := _text(each))}
    titles: set[str] = set()
    for anchor, link in links.items():
        if link in found or len(found) >= MOST_STORIES:
            continue
        told = _linked_line(anchor) or _beside(anchor, links)
        if told is None or told[0] in titles:
            continue
        title, headed = told
        titles.add(title)
        found[link] = LinkedStory(title, link, _standfirst(headed, title, links, lines))
    return list(found.values())


def _html(message: Message) -> str:
    for part in islice(message.walk(), _MOST_PARTS):
        kind = part.get_content_type()
        if kind in _ENCRYPTED:
            raise UnreadableError("encrypted")
        if kind == "text/html" and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                return decode(content, str(part.get("Content-Type", "")))
    raise UnreadableError("no HTML")


def _date(message: Message) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, OverflowError):
        return None
    return sent if sent.tzinfo is not None else None


def _linked_line(anchor: html.HtmlElement) -> tuple[str, html.HtmlElement] | None:
    """Return a headline that is a line by itself and linked, with its element; else None."""
    heading = next(
        (one for one in anchor.iter() if one.tag in _HEADINGS and _is_title(_text(one))), None
    )
    lines = [line for line in _lines_of(anchor) if _is_title(line)]
    title = _text(heading) if heading is not None else next(iter(lines), "")
    if not title or not _is_title(title):
        return None
    block = _block_of(anchor)
    around = _lines_of(block)
    alone = [line for line in around if title in line and len(line) - len(title) <= _BESIDE]
    if not alone or any(_is_unwanted(line) for line in alone):
        return None
    return title, block


def _beside(
    anchor: html.HtmlElement, links: dict[html.HtmlElement, str]
) -> tuple[str, html.HtmlElement] | None:
    """Return the heading of the block that an anchor with few words ends, with the block."""
    if _is_unwanted(_text(anchor)) or _is_sentence(anchor):
        return None
    link, block = links[anchor], anchor
    for _ in range(_LEVELS):
        parent = block.getparent()
        if parent is None or parent.tag in {"body", "html"}:
            return None
        others = {links[one] for one in parent.iter("a") if one in links} - {link}
        if others:
            return None
        block = parent
        for one in block.iter():
            if not isinstance(one.tag, str) or not _is_heading(one):
                continue
            title = _text(one)
            if _is_title(title) and not _is_unwanted(title):
                return title, block
    return None


def _is_heading(element: html.HtmlElement) -> bool:
    return element.tag in _HEADINGS or bool(_BIG.search((element.get("style") or "")[:1_000]))


def _is_sentence(anchor: html.HtmlElement) -> bool:
    """Return whether a link with words is amid a longer line."""
    text = _text(anchor)
    return bool(text) and not any(
        text in line and len(line) - len(text) <= _BESIDE for line in _lines_of(_block_of(anchor))
    )


def _standfirst(
    block: html.HtmlElement,
    title: str,
    links: Mapping[html.HtmlElement, str],
    others: Collection[str],
) -> str:
    """Return the first longer line after a headline, unless another link's line comes first."""
    for _ in range(_LEVELS):
        lines = _lines_of(block)
        at = next((at for at, line in enumerate(lines) if title in line), None)
        if at is None:
            return ""
        for line in lines[at + 1 :]:
            if line in others and line != title:
                return ""
            if len(line) >= _LONG_LINE and not _is_unwanted(line):
                return clean.shorten(line, 600)
        parent = block.getparent()
        if parent is None or parent.tag in {"body", "html"}:
            return ""
        if len({links[one] for one in parent.iter("a") if one in links}) > 1:
            return ""
        block = parent
    return ""


def _is_title(text: str) -> bool:
    if (
        not text
        or len(text) > _LONGEST
        or text.endswith((":", "\uff1a"))
        or _CALLS.match(text)
        or _is_unwanted(text)
    ):
        return False
    words = sum(any(map(str.isalpha, word)) for word in text.split())
    return words >= _LEAST_WORDS or len(CJK.findall(text)) >= _LEAST_CJK


def _is_unwanted(line: str) -> bool:
    return bool(_UNWANTED.search(line[:_LONGEST]))


def _block_of(element: html.HtmlElement) -> html.HtmlElement:
    for one in islice(element.iterancestors(), _LEVELS):
        if one.tag in _LINES:
            return one
    return element


def _text(element: html.HtmlElement) -> str:
    return clean.one_line("".join(map(str, element.itertext())))


def _lines_of(block: html.HtmlElement) -> list[str]:
    """Return the lines of a block as a reader sees them; none of a very large one."""
    pieces: list[str] = []
    size = 0
    for piece in _pieces(block):
        size += len(piece)
        if size > _LARGEST_BLOCK:
            return []
        pieces.append(piece)
    return [line for each in "".join(pieces).split("\n") if (line := clean.one_line(each))]


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    """Yield the texts of an element, with a line break where a line or block begins or ends."""
    for event, one in etree.iterwalk(element, events=("start", "end")):
        broken = one.tag in _LINES
        if event == "start":
            if broken:
                yield "\n"
            if one.text and one.tag not in {"style", "script", "title"}:
                yield " ".join(one.text.split("\n"))
        else:
            if broken:
                yield "\n"
            if one.tail and one is not element:
                yield " ".join(one.tail.split("\n"))
