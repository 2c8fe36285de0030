"""Paragraphs of an article's page that are none of its text: `Read also: …`, `Subscribe now`."""

from __future__ import annotations

import re


def _any(phrases: str) -> str:
    return "|".join(line.strip() for line in phrases.strip().splitlines())


_ELSEWHERE = _any(
    r"""
    (?:read|see|learn) (?:more|also|next)
    also read
    related(?: stor(?:y|ies)| articles?| news| posts?)?
    read the full (?:story|article)
    more (?:on this|stories|news)
    read the rest
    see (?:also|photos|pictures)
    photos
    editors?['\u2019]? recommendations
    related (?:tags|items|links|topics|content|coverage|reading)
    you (?:may|might) also like
    leggi (?:anche|qui)
    da leggere anche
    potrebbe(?:ro)? interessart?i(?: anche)?
    (?:[àa] )?lire (?:aussi|également)
    à lire
    voir aussi
    lesen sie auch
    mehr zum thema
    auch interessant
    (?:auch|mehr|also|more) (?:auf|on) [\w-]+\.[a-z]{2,4}
    (?:das|dies|folgende\w?)\b.{0,30} könnten? \w{2,5}\b.{0,20} (?:interessieren|gefallen)
    verwandte (?:themen|artikel|beiträge)\b.{0,30}
    ähnliche (?:themen|artikel|beiträge)
    weiterführende links
    lee también
    te puede interesar
    leia (?:também|mais)
    veja também
    lees ook
    läs (?:också|även|mer)
    læs også
    les også
    czytaj (?:także|też|również|więcej)
    zobacz (?:także|też|również)
    читайте (?:также|далее)
    смотрите также
    (?:материалы )?по теме
    ilgili haberler
    관련 ?기사
    เรื่องที่เกี่ยวข้อง
    (?:اقرأ|إقرأ) أيض[اًا]+
    (?:مواضيع|أخبار) ذات صلة
    こちらもおすすめ
    (?:関連|おすすめ)記事
    あわせて読みたい
    相关(?:阅读|文章|推荐)
    相關(?:閱讀|文章)
    延伸[閱阅][讀读]
    """
)
_LEADS_ELSEWHERE = re.compile(
    rf"[\W_]*(?:{_ELSEWHERE})(?:[^\w\s]*|\s*[:\uff1a\u2013\u2014|-]\s*.{{0,200}})", re.IGNORECASE
)
_PAGE = _any(
    r"""
    advert(?:isement|ising)\b.{0,40}
    story continues below.{0,40}
    continue reading below
    scroll to continue.{0,40}
    pubblicità
    publicité
    anzeige
    werbung
    publicidad
    publicidade
    reklam[ae]?
    annonse?
    advertentie
    reclame
    mainos
    hirdetés
    iklan
    реклама
    διαφήμιση
    إعلان
    広告
    [广廣]告
    광고
    share (?:this|on|via)\b.{0,60}
    read or share this story.{0,80}
    (?:please )?follow .{1,60} on (?:twitter|facebook|instagram|threads|bluesky)\b.{0,60}
    (?:story|article|page|reader) tools
    browse issues
    loading
    text size.{0,20}
    condividi\b.{0,40}
    partager\b.{0,40}
    teilen
    compartir\b.{0,40}
    subscribe (?:to|now|for)\b.{0,160}
    sign up (?:to|for)\b.{0,160}
    already a (?:subscriber|member)\b.{0,240}
    abbonati\b.{0,120}
    iscriviti alla newsletter.{0,120}
    abonnez-vous\b.{0,120}
    inscrivez-vous\b.{0,120}
    jetzt abonnieren.{0,60}
    deel (?:dit|op)\b.{0,40}
    dela (?:artikeln|på)\b.{0,40}
    udostępnij.{0,40}
    compartilhe\b.{0,40}
    поделиться.{0,40}
    подписывайтесь\b.{0,80}
    この記事をシェア.{0,10}
    分享(?:本文|文章|到).{0,20}
    suscríbete\b.{0,120}
    .{0,120}\b(?:free|weekly|daily|our) newsletter\b.{0,60}
    posted by\b.{0,80}
    .{0,200}\bctrl ?\+ ?enter\b.{0,200}
    back to (?:blog|news|top|overview|list)
    zurück zu[rm]?\b.{0,40}
    (?:previous|next) (?:article|story|post)\b.{0,40}
    article précédent.{0,40}
    (?:nächster|vorheriger) (?:artikel|beitrag)\b.{0,20}
    (?:kommentar|comments?)[- ]?(?:feed|rss)\b.{0,80}
    [\w.+-]+@[\w-]+\.[\w.-]+
    .{0,80}\b(?:we|(?:web)?site|sito|wir|verwenden|utili[sz]\w+) (?:\w+ ){0,3}cookies.{0,200}
    .{0,200}\b(?:use|verwendung|nutzung|utilisation|uso|utilizzo|gebruik) \w{2,3} cookies.{0,200}
    this (?:document|article|material) is subject to copyright.{0,240}
    dieser artikel wurde ausgedruckt.{0,240}
    leave a (?:comment|reply)
    skip to (?:main )?content
    (?:\d+ )?min(?:ute)?s? read
    \d+ min(?:ute)?s?
    .{0,60}会員限定.{0,60}
    残り[\d,]+文字
    (?:\d+ )?分享至
    (?:纠错\W{1,4})?(?:责任编辑|責任編輯|编辑|特别声明|关键字|關鍵字)[:\uff1a].*
    """
)
_FILED = _any(
    r"""
    tags?
    topics?
    keywords
    filed under
    tagged(?: (?:with|as))?
    labels
    schlag(?:worte?|wörter)
    stich(?:worte?|wörter)
    kategorien?
    categor(?:y|ies|ia|ie|ías?)
    mots[- ]cl[eé]f?s
    catégories?
    parole chiave
    etiquetas
    palabras clave
    """
)
_DATED = _any(
    r"""
    posted
    published
    (?:last )?(?:updated|modified)
    publié le
    mis à jour(?: le)?
    veröffentlicht(?: am)?
    aktualisiert(?: am)?
    pubblicato il
    aggiornato il
    publicado el
    actualizado el
    """
)
_OF_PAGE = re.compile(
    rf"[\W_]*(?:{_PAGE}|(?:{_FILED})(?:\s*[:\uff1a].{{0,240}})?|"
    rf"(?:{_DATED})\b(?=.{{0,20}}\d).{{0,40}})[\W_]*",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\((?i:photos?|photographs?|foto|bild|image|credit|cr\u00e9dit)\b[^()]{2,60}\)$|"
    r"(?:^|[\s(|/])(?:Photos?|Photography|Photographs?|Fotos?|Fotografie|Bild(?:er|quelle)?|Images?|"
    r"Credits?|Cr\u00e9dits?)(?: (?:by|credit|courtesy|de|di|von))?\s?:\s?[^.:;!?]{2,50}\)?$",
)
"""Who took a picture, at the end of its caption."""
_LONGEST = 300
"""Characters of such a paragraph."""


_HEADS = _any(
    r"""
    (?:press|media)? ?contacts?(?: presse| stampa| for the media)?
    contacts presse
    contatti(?: stampa)?
    pressekontakt
    (?:the )?latest (?:news|stories|articles|posts)
    recent (?:news|posts|stories|articles)
    most (?:read|popular|viewed)
    more from\b.{0,40}
    more news
    trending(?: now)?
    recommended(?: for you)?
    editor['\u2019]?s['\u2019]? (?:picks?|choice)
    the latest
    (?:leave|write) a (?:comment|reply)
    (?:\d+ )?comments?
    about the author
    über (?:den autor|die autor(?:in|en))
    à propos de l['\u2019]auteure?
    l['\u2019]autore
    sobre (?:el autor|la autora)
    shop (?:similar|now|the (?:story|look|edit)|this (?:story|look))
    table of contents
    in this (?:article|story)
    explore more\b.{0,30}
    ultime (?:news|notizie)
    articoli correlati
    (?:articles|actualités) (?:liés|similaires|connexes)
    à lire (?:aussi|également)
    lo más leído
    (?:artículos|noticias) relacionad[ao]s
    das könnte sie auch interessieren
    (?:ähnliche|weitere) (?:artikel|beiträge|meldungen)
    meistgelesen
    (?:最新|人気)(?:の)?記事
    热门文章
    """
)
_HEADS_OTHERS = re.compile(rf"[\W_]*(?:{_ELSEWHERE}|{_HEADS})[\W_]*", re.IGNORECASE)
_COMMENTS = re.compile(
    r"[\W_]*(?:\d+[\W_]+)?(?:(?:reader|user|visitor)s?['\u2019]?s? )?"
    r"(?:comments?|repl(?:y|ies)|responses?|thoughts on .{1,80}|commenti|commentaires?|"
    r"r\u00e9actions?|kommentare?|comentarios?|coment\u00e1rios?|reacties?|kommentarer|"
    r"komentarze?|\u043a\u043e\u043c\u043c\u0435\u043d\u0442\u0430\u0440\u0438[\u0438\u0439\u044f]|"
    r"\u30b3\u30e1\u30f3\u30c8|\u8bc4\u8bba)(?: \(\d+\)| on .{1,80})?[\W_]*",
    re.IGNORECASE,
)
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
    """Whether a heading is of what stands beneath an article: others, comments, contacts."""
    return len(text) <= _HEAD_LONGEST and bool(
        _HEADS_OTHERS.fullmatch(text) or _COMMENTS.fullmatch(text)
    )


def is_small_print(text: str) -> bool:
    """Whether a short text says whose the page is, or what it earns by its links."""
    return len(text) <= _SMALL_PRINT_LONGEST and bool(_SMALL_PRINT.search(text))


def is_notice(text: str) -> bool:
    """Whether a paragraph leads elsewhere, or speaks of the page and not of the news."""
    # What a page's program was to fill in is not said to readers.
    if is_small_print(text) or text.startswith("{{"):
        return True
    return len(text) <= _LONGEST and bool(
        _CAPTION.search(text)
        or _LEADS_ELSEWHERE.fullmatch(text)
        or _OF_PAGE.fullmatch(text)
        or heads_others(text)
    )
