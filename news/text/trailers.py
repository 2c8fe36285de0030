"""The line that blog engines append to a text: "The post … appeared first on …"."""

from __future__ import annotations

import re

_TRAILERS = re.compile(
    r"(?:The post\b.{0,300}?\bappeared first on\b.{0,200}$|"
    r"L['\u2019]articolo\b.{0,300}?\bproviene da\b.{0,200}$|"
    r"(?:L['\u2019]|Cet )article\b.{0,300}?\best apparu en premier sur\b.{0,200}$|"
    r"La entrada\b.{0,300}?\b(?:se public\u00f3|aparece|apareci\u00f3) primero en\b.{0,200}$|"
    r"O (?:post|artigo|conte\u00fado)\b.{0,300}?\b(?:apareceu|aparece) primeiro em\b.{0,200}$|"
    r"Het bericht\b.{0,300}?\bverscheen eerst op\b.{0,200}$|"
    r"Artyku\u0142\b.{0,300}?\bpochodzi z serwisu\b.{0,200}$|"
    r"\u6295\u7a3f.{0,300}?\u306b\u6700\u521d\u306b\u8868\u793a.{0,20}$|"
    r"Der Beitrag\b.{0,300}?\berschien zuerst auf\b.{0,200}$|"
    r"\b(?:Continue reading|Read more|Read the full (?:story|article)|Continua a leggere|"
    r"Leggi tutto|Lire la suite|Leer m\u00e1s|Weiterlesen)\b.{0,120}$)",
    re.IGNORECASE | re.DOTALL,
)
_TRAILER_SIGNS = (
    *("appeared first on", "proviene da", "est apparu en premier", "primero en", "primeiro em"),
    *("verscheen eerst op", "pochodzi z serwisu", "\u306b\u6700\u521d\u306b\u8868\u793a"),
    *("erschien zuerst auf", "continue reading", "read more", "read the full", "leggi tutto"),
    *("continua a leggere", "lire la suite", "leer m\u00e1s", "weiterlesen"),
)
"""Without any of these there is no trailer; they are found much faster."""
_END = 700
"""Characters at a text's end among which such a trailer stands."""
_END_OF_IT = 240
"""Among these is one of the signs: behind it come at most two hundred."""
# How the line begins and goes on where it is a paragraph of its own, as mostly.
_LINES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("The post ",), "(?:appeared first|first appeared) on"),
    (("L'articolo ", "L\u2019articolo "), "(?:proviene da|sembra essere il primo su)"),
    (("L'article ", "L\u2019article ", "Cet article "), "est apparu en premier sur"),
    (("La entrada ",), "(?:se publicó|aparece|apareció) primero en"),
    (("L'entrada ", "L\u2019entrada "), "ha aparegut primer"),
    (("O post ", "O artigo ", "O conteúdo "), "(?:apareceu|aparece) primeiro em"),
    (("Der Beitrag ",), "erschien zuerst auf"),
    (("Het bericht ",), "verscheen eerst op"),
    (("Artykuł ",), "pochodzi z serwisu"),
    (("Inlägget ",), "(?:dök först upp|först publicerad) på"),
    (("Indlægget ",), "(?:blev først udgivet|udkom først) på"),
    (("Innlegget ",), "(?:dukket først opp|(?:ble )?først publisert) på"),
    (("Artikkeli ",), "julkaistiin ensimmäisen kerran"),
    (("Сообщение ",), "появил[ио]сь? сначала на"),
    (("Запис ",), "(?:спершу з['\u2019]явився|з['\u2019]явився спочатку) на"),
    (("Příspěvek ",), "(?:pochází z|se nejdříve objevil na)"),
    (("Príspevok ",), "zobrazený najskôr"),
    (("Articolul ",), "apare prima dată"),
    (("Το άρθρο ",), "εμφανίστηκε πρώτα στο"),  # noqa: RUF001 — these letters are Greek
    (("ظهرت المقالة ",), "على"),
    (("הפוסט ",), "הופיע לראשונה"),
    (("Artikel ",), "pertama kali tampil"),
    (("Bài viết ",), "xuất hiện đầu tiên"),
)
_BEGINNINGS = tuple(begin for begins, _ in _LINES for begin in begins)
_GOES_ON = re.compile("|".join(sign for _, sign in _LINES))
# It begins with the article's title in these.
_WITHIN_LINE = re.compile("yaz\u0131s\u0131 ilk|bejegyzés először|這篇文章最早發佈於")
_LONGEST_LINE = 300


def without_trailer(text: str) -> str:
    """`text` without the "The post … appeared first on …" that blog engines append."""
    text = _without_line(text.strip())
    end = text[-_END_OF_IT:].lower()
    if not any(map(end.__contains__, _TRAILER_SIGNS)):
        return text
    for _ in range(2):
        text = text[:-_END] + _TRAILERS.sub("", text[-_END:]).rstrip()
    return text


def _without_line(text: str) -> str:
    at = text.rfind("\n\n") + 1
    if len(text) - at > _LONGEST_LINE:
        return text
    line = text[at:].lstrip()
    is_one = (line.startswith(_BEGINNINGS) and _GOES_ON.search(line)) or _WITHIN_LINE.search(line)
    return text[:at].rstrip() if is_one else text
