"""Detection of pages served instead of the requested one: block pages, error pages, parked domains.

They are recognised by their title or heading and by how little text they have. The text and scripts
of a page are not enough: an article may be about captchas, and many sites load the scripts that
protect their forms on every page.
"""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import NamedTuple

from news.text import clean

_TITLE = re.compile(r"<title[^<>]*>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"<h1\b[^<>]*>((?:[^<]|<(?!h1\b)){0,1000}?)</h1", re.IGNORECASE)
_HEADING_WITHIN = 200_000
"""Characters from the start of a page in which its first heading is looked for."""
SEPARATOR = re.compile(r"\s+[|\u2013\u2014\u00b7\u00bb\u203a\u2022:-]+\s+|\s*[|\uff5c]\s*")
"""Matches the separator between a page's title and its site's name."""
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|svg|template|head)\b.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")
_LARGE = 150_000
"""Characters of markup; a page with as many cannot be a block page."""
_MANY_LINKS = 40
"""Most links of a block page; a page with more has the site's menu, which a block page hides."""
_FEW = 1_500
"""Bytes of visible text; a page with as many is neither a block page nor an error page."""
_HARDLY_ANY = 500


def _any(phrases: str) -> re.Pattern[str]:
    lines = "|".join(line.strip() for line in phrases.strip().splitlines())
    return re.compile(rf"[\W_]*+(?:{lines})[\W_]*", re.IGNORECASE)


_PAGE_IS_NOT = re.compile(
    r"[\W_]*+(?:404\W++)?(?:sorry|oo+ps|oups|ops|ups)?\W*+"
    r"(?:the |that |this |your |diese |die |la |cette |esta )?(?:requested )?"
    r"(?:page|content|article|seite|pagina|p\xe1gina|url)\b.{0,60}?"
    r"(?:not (?:be )?found|can(?:no|['\u2019])t be found|not available|"
    r"does(?:n['\u2019]t| not) exist|no longer (?:exists|available)|"
    r"nicht gefunden|existiert nicht|non (?:\xe8 stata )?trovata|non esiste|"
    r"introuvable|n['\u2019]existe (?:pas|plus)|no (?:se )?(?:ha sido )?encontrad[ao]|no existe|"
    r"n\xe3o encontrada|niet gevonden)[\W_]*",
    re.IGNORECASE,
)
_NOT_FOUND = _any(
    r"""
    (?:error|erreur|errore?|fehler|http)?\W*404(?:\W+(?:error|not found|page))?
    page introuvable
    (?:404\W+)?not found
    .{0,12}\u30da\u30fc\u30b8.{0,4}\u898b\u3064\u304b\u308a\u307e\u305b\u3093.{0,6}
    \u304a\u63a2\u3057\u306e\u30da\u30fc\u30b8.{0,20}
    .{0,12}(?:\u9875\u9762|\u9801\u9762)\u4e0d\u5b58\u5728.{0,12}
    .{0,6}\u627e\u4e0d\u5230(?:\u8be5|\u60a8)?.{0,8}[\u9875\u9801]\u9762?
    .{0,6}\ud398\uc774\uc9c0\ub97c \ucc3e\uc744 \uc218 \uc5c6.{0,6}
    """
)
_OUT_OF_ORDER = _any(
    r"""
    (?:error\s)?(?:400|405|408|410|50\d|52\d)(?:\W+.{0,40})?(?:error|gateway|unavailable|gone|request)
    (?:error\s)?(?:50\d|52\d)(?:\W+.{0,40})?(?:time-?out|server|implemented)
    (?:internal server error|bad gateway|gateway time-?out|bad request)
    service (?:temporarily )?unavailable
    database error
    error establishing a database connection
    wordpress \W error
    an? (?:unexpected |server )?error (?:has )?occurred
    (?:(?:site|website|server|down for|under|scheduled) )*maintenance(?: mode| break)?
    under (?:construction|maintenance)
    we(?:['\u2019]ll| will|['\u2019]re going to) be (?:right )?back(?: soon| shortly)?
    be right back
    briefly unavailable.{0,80}
    (?:site |website |page )?temporarily (?:unavailable|down|closed|offline)
    wartungs(?:arbeiten|modus|seite)
    (?:sito )?in manutenzione
    (?:site )?en (?:maintenance|mantenimiento|construction)
    .{0,12}\u30e1\u30f3\u30c6\u30ca\u30f3\u30b9.{0,12}
    (?:(?:new )?(?:web)?site )?(?:is )?coming soon
    launching soon
    """
)
_NO_SITE = _any(
    r"""
    (?:this |the )?domain(?: name)?\b.{0,40}\b(?:for sale|expired|parked)
    [\w-]+(?:\.[\w-]+)+ (?:is|may be) for sale
    .{0,40}website steht zum verkauf.{0,40}
    (?:this |your )?account (?:has been |is )?suspended
    welcome to (?:nginx|openresty|caddy|apache|your new (?:site|website|droplet)).{0,10}
    (?:apache2?|nginx|iis|web server|plesk).{0,30}default page.{0,20}
    test page for .{0,60}
    iis windows server
    index of /.{0,200}
    (?:web)?site (?:not (?:found|published|configured)|has expired)
    """
)
_WALL = _any(
    r"""
    just a (?:moment|second)
    (?:einen|nur einen) (?:moment|augenblick)(?:,? bitte)?
    un (?:petit )?(?:instant|moment)(?:,? (?:s['\u2019]il vous pla\u00eet|svp))?
    (?:solo )?un (?:momento|attimo|istante)(?:,? (?:por|per) favor[ei]?)?
    (?:s\u00f3 )?um momento
    (?:een )?ogenblik(?:je)?(?: geduld)?(?: a\.?u\.?b\.?)?|even geduld.{0,12}
    \u043e\u0434\u0438\u043d \u043c\u043e\u043c\u0435\u043d\u0442
    \u043f\u043e\u0434\u043e\u0436\u0434\u0438\u0442\u0435.{0,20}
    bir dakika.{0,12}|l\u00fctfen bekleyin
    (?:poczekaj|prosz\u0119 czeka\u0107).{0,12}
    \u3057\u3070\u3089\u304f\u304a\u5f85\u3061\u304f\u3060\u3055\u3044
    \u8bf7\u7a0d[\u5019\u7b49].{0,6}|\u8acb\u7a0d[\u5019\u7b49].{0,6}
    \uc7a0\uc2dc\ub9cc \uae30\ub2e4.{0,8}
    (?:v\xe9rification|contr\xf4le) de s\xe9curit\xe9
    sicherheits(?:\xfcber)?pr\xfcfung
    (?:verifica|controllo) (?:di|de) (?:sicurezza|seguridad)
    acc(?:\xe8s|esso|eso) (?:refus\xe9|interdit|negato|denegado)|acesso negado
    attention required
    (?:403\W+)?(?:access|permission|zugriff) (?:is |was )?(?:denied|verweigert|blocked).{0,60}
    access to this page has been denied
    (?:403\W+)?forbidden(?:\W+403)?
    (?:401\W+)?(?:unauthori[sz]ed|authorization required)
    (?:429\W+)?too many requests
    (?:451\W+)?unavailable (?:due to|for) legal reasons
    robot check
    (?:bot|human|browser|security) (?:verification|check(?:point)?|challenge|detection|manager)
    (?:\w+ )?security check(?:point)?.{0,20}
    (?:please )?(?:verify(?:ing)?|confirm|checking|prove)\b.{0,20}(?:human|robot|browser).{0,60}
    are you (?:a )?(?:human|robot|bot).{0,20}
    captcha.{0,20}
    pardon our interruption
    (?:your )?request (?:has been )?(?:blocked|rejected|unsuccessful).{0,40}
    ddos.{0,4}(?:protection|guard).{0,40}
    log ?in(?: to .{0,30})?
    sign ?in(?: to .{0,30})?
    anmelden|einloggen|accedi|connexion|s['\u2019]identifier|iniciar sesi\xf3n
    before you continue.{0,40}
    bevor sie .{0,40}(?:fortfahren|weitergehen|weiterlesen)
    avant de (?:continuer|poursuivre).{0,40}
    prima di continuare.{0,40}
    antes de continuar.{0,40}
    zustimmung erforderlich
    (?:cookie|privacy|your) (?:consent|choices|settings)
    (?:please )?(?:verify|confirm) your age
    age (?:verification|gate|check)
    are you (?:of (?:legal|drinking).{0,30}|(?:over|at least) \d\d.{0,20})
    (?:please )?(?:select|choose) (?:your |a )?(?:country|location|region|language|store).{0,20}
    (?:unsupported|outdated) browser
    your browser is (?:not supported|out of date).{0,20}
    (?:please )?(?:enable|turn on) java ?script.{0,60}
    javascript (?:is )?(?:disabled|required|not available).{0,20}
    redirecting.{0,40}
    subscribe to (?:continue|read).{0,30}
    """
)
_SIGNS = re.compile(
    r"_cf_chl_opt|\bcf[-_]chl\b|captcha-delivery\.com|px-captcha|challenge-(?:form|container|running)|"
    r"_Incapsula_Resource\?SWUD|cp_challenge|sucuri_cloudproxy|awswaf\.com|/challengepage",
    re.IGNORECASE,
)
"""Matches names that only the scripts of block pages use."""
_WORDS = re.compile(
    r"dass sie (?:ein mensch|kein (?:ro)?bot)|que vous \xeates (?:un )?humain|"
    r"n['\u2019]\xeates pas un robot|que (?:es|eres) un (?:ser )?humano|"
    r"(?:che )?sei un essere umano|no[n]? (?:sei|eres) un robot|dat u een mens bent|"
    r"\u4eba\u9593\u3067\u3042\u308b\u3053\u3068\u3092|\u9a8c\u8bc1\u60a8\u662f\u771f\u4eba|"
    r"(?:not|aren['\u2019]t) a (?:ro)?bot\b|you are (?:a )?human|are you (?:a )?(?:robot|human)|"
    r"enter the characters you see|unusual traffic|checking your browser|"
    r"enable (?:js|javascript) and (?:cookies|disable)|incapsula incident|request unsuccessful|"
    r"don['\u2019]t have permission to access|this requires javascript|enable cookies and reload",
    re.IGNORECASE,
)
_WITHOUT_SCRIPT = re.compile(
    r"(?:enable|activate|turn on|requires?) (?:java ?script|js)\b|"
    r"java ?script (?:is|must be) (?:disabled|required|enabled)",
    re.IGNORECASE,
)
_EMBEDDED_TEXT = re.compile(
    r"og:description|og:title|ld\+json|application/json|__NEXT_DATA__|(?:window|self)\.__\w+__\s*=",
    re.IGNORECASE,
)
"""Matches metadata or embedded data of a page that is rendered by its own scripts."""
_FOR_SALE = re.compile(
    r"(?:buy|own) this domain|domain (?:name )?(?:is|may be) for sale|website steht zum verkauf",
    re.IGNORECASE,
)


_MOVED = re.compile(
    r"<meta\s[^<>]{0,500}http-equiv\s*=\s*[\"']?refresh[\"']?[^<>]{0,500}url\s*=\s*[\"']?([^\"'>\s]{1,500})",
    re.IGNORECASE,
)


class StandIn(NamedTuple):
    """What was served instead of a page, and how it was recognised."""

    reason: str
    """`wall page`, `page not found`, `out of order`, `no site` or `moved page`."""
    seen: str
    """The text that showed it."""


def title_of(text: str) -> str:
    """Return the title of a page as plain text; empty if it has none."""
    found = _TITLE.search(text[:100_000])
    return clean.title(found[1]) if found else ""


def found_in(text: str) -> StandIn | None:
    """Return what was served instead of the requested page, or None if `text` is that page."""
    heading = _HEADING.search(text[:_HEADING_WITHIN])
    names = [title_of(text), clean.title(heading[1]) if heading else ""]
    parts = [(name, *SEPARATOR.split(name)) for name in names if name]
    pieces = [piece for part in parts for piece in part if piece]
    shown = _Shown(text)
    for whole, first, *others in parts:
        for piece in (whole, first, *others):
            is_lost = _NOT_FOUND.fullmatch(piece) or _PAGE_IS_NOT.fullmatch(piece)
            # After the first piece, `404` may be a car.
            if is_lost and (piece in (whole, first) or shown.bytes < _FEW):
                return StandIn("page not found", piece.lower())
    for reason, pattern in (
        ("wall page", _WALL),
        ("out of order", _OUT_OF_ORDER),
        ("no site", _NO_SITE),
    ):
        for piece in pieces:
            if pattern.fullmatch(piece) and shown.bytes < _FEW:
                return StandIn(reason, piece.lower())
    if len(text) >= _LARGE or text.count("<a ") > _MANY_LINKS:
        return None
    return _by_words(text, shown)


class _Shown:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def words(self) -> str:
        bare = _TAG.sub(" ", _UNSEEN.sub(" ", self._text[:_LARGE]))
        return clean.one_line(html.unescape(bare))

    @cached_property
    def bytes(self) -> int:
        return len(self.words.encode())


def _by_words(text: str, shown: _Shown) -> StandIn | None:
    if shown.bytes >= _FEW:
        return None
    moved = _MOVED.search(text)
    if moved and shown.bytes < _HARDLY_ANY:
        return StandIn("moved page", moved[1])
    sign = _SIGNS.search(text)
    if sign:
        return StandIn("wall page", sign.group().lower())
    for reason, pattern in (("wall page", _WORDS), ("no site", _FOR_SALE)):
        found = pattern.search(shown.words)
        if found:
            return StandIn(reason, found.group().lower())
    found = _WITHOUT_SCRIPT.search(shown.words) if shown.bytes < _HARDLY_ANY else None
    if found and not _EMBEDDED_TEXT.search(text):
        return StandIn("wall page", found.group().lower())
    return None
