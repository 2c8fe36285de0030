"""Recognition of boilerplate paragraphs on an article's page: `Read also: …`, `Subscribe now`."""

from __future__ import annotations

import re


def _any(phrases: str) -> str:
    return "|".join(line.strip() for line in phrases.strip().splitlines())


_ELSEWHERE = _any(
    r"""
    (?:read|see|learn) (?:more|also|next)
    related(?: stor(?:y|ies)| articles?| news| posts?)?
    read the rest
    editors?['\u2019]? recommendations
    leggi (?:anche|qui)
    (?:[àa] )?lire (?:aussi|également)
    auch interessant
    (?:auch|mehr|also|more) (?:auf|on) [\w-]+\.[a-z]{2,4}
    (?:das|dies|folgende\w?)\b.{0,30} könnten? \w{2,5}\b.{0,20} (?:interessieren|gefallen)
    weiterführende links
    เรื่องที่เกี่ยวข้อง
    """
)
_LEADS_ELSEWHERE = re.compile(
    rf"[\W_]*(?:{_ELSEWHERE})(?:[^\w\s]*|\s*[:\uff1a\u2013\u2014|-]\s*.{{0,200}})", re.IGNORECASE
)
_PAGE = _any(
    r"""
    advertisement\b.{0,40}
    werbung
    anzeige
    pubblicit[àa]
    publicidad
    publicité
    your browser does not support .{0,80}
    (?:please )?follow .{1,60} on (?:twitter|facebook|instagram|threads|bluesky)\b.{0,60}
    (?:seguici|síguenos|suivez-nous|folge(?:n sie)? uns) .{0,120}\b(?:google news|whatsapp)\b.{0,60}
    (?:seguici|síguenos|suivez-nous|folge(?:n sie)? uns) .{0,120}\b(?:instagram|facebook)\b.{0,60}
    subscribe (?:to|now|for)\b.{0,160}
    abonnez-vous\b.{0,120}
    .{0,200}\bctrl ?\+ ?enter\b.{0,200}
    [\w.+-]+@[\w-]+\.[\w.-]+
    .{0,60}会員限定.{0,60}
    (?:纠错\W{1,4})?(?:责任编辑|責任編輯|编辑|特别声明|关键字|關鍵字)[:\uff1a].*
    """
)
_FILED = _any(
    r"""
    tags?
    schlag(?:worte?|wörter)
    mots[- ]cl[eé]f?s
    catégories?
    """
)
_OF_PAGE = re.compile(
    rf"[\W_]*(?:{_PAGE}|(?:{_FILED})(?:\s*[:\uff1a].{{0,240}})?)[\W_]*", re.IGNORECASE
)
_CAPTION = re.compile(
    r"\((?i:photos?|photographs?|foto|bild|image|credit|cr\u00e9dit)\b[^()]{2,60}\)$|"
    r"(?:^|[\s(|/])(?:Photos?|Photography|Photographs?|Fotos?|Fotografie|Bild(?:er|quelle)?|Images?|"
    r"Credits?|Cr\u00e9dits?)(?: (?:by|credit|courtesy|de|di|von))?\s?:\s?[^.:;!?]{2,50}\)?$",
)
"""Matches a photo credit at the end of a caption."""
_LONGEST = 300
"""Most characters of a boilerplate paragraph."""


_HEADS = _any(
    r"""
    (?:press|media)? ?contacts?(?: presse| stampa| for the media)?
    (?:\d+ )?comment(?:aire)?s?
    über (?:den autor|die autor(?:in|en))
    """
)
_HEADS_OTHERS = re.compile(rf"[\W_]*(?:{_ELSEWHERE}|{_HEADS})[\W_]*", re.IGNORECASE)
_SMALL_PRINT = re.compile(
    r"\u00a9|\ball rights reserved|\btous droits r\u00e9serv\u00e9s|\balle rechte vorbehalten|"
    r"\btodos los derechos reservados|\btodos os direitos reservados|"
    r"\btutti i diritti riservati|\u7121\u65ad\u8ee2\u8f09|\ubb34\ub2e8 ?\uc804\uc7ac|"
    r"\b(?:earn|receive|get paid|be paid) (?:an? )?(?:affiliate )?commissions?\b",
    re.IGNORECASE,
)
_SMALL_PRINT_LONGEST = 400
_HEAD_LONGEST = 60


def heads_others(text: str) -> bool:
    """Return whether a heading is above other content: related articles, comments, contacts."""
    return len(text) <= _HEAD_LONGEST and bool(_HEADS_OTHERS.fullmatch(text))


def is_small_print(text: str) -> bool:
    """Return whether a short text is a copyright notice or discloses affiliate commissions."""
    return len(text) <= _SMALL_PRINT_LONGEST and bool(_SMALL_PRINT.search(text))


def is_notice(text: str) -> bool:
    """Return whether a paragraph is boilerplate: a link elsewhere, a credit, a note on the page."""
    # An unfilled template variable is not meant for readers.
    if is_small_print(text) or text.startswith("{{"):
        return True
    return len(text) <= _LONGEST and bool(
        _CAPTION.search(text)
        or _LEADS_ELSEWHERE.fullmatch(text)
        or _OF_PAGE.fullmatch(text)
        or heads_others(text)
    )
