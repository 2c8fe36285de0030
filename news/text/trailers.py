"""Removal of the line that blog engines append to a text: "The post … appeared first on …"."""

from __future__ import annotations

import re

from ahocorasick_rs import AhoCorasick

_LAST = r"\n\n(?!.*\n\n)"
"""Pattern for the start of the last paragraph, for lines that a text may also begin with."""
# How such a line begins, and how it continues after the title.
_LINES = (
    (r"The post\b", "appeared first on|first appeared on"),
    (r"L['\u2019]articolo\b", "proviene da|sembra essere il primo su"),
    (r"(?:L['\u2019]|Cet )article\b", "est apparu en premier sur"),
    (r"La entrada\b", "publicó primero en|aparece primero en|apareció primero en"),
    (r"L['\u2019]entrada\b", "ha aparegut primer"),
    (r"O (?:post|artigo|conteúdo)\b", "apareceu primeiro em|aparece primeiro em"),
    (r"Der Beitrag\b", "erschien zuerst auf"),
    (r"Het bericht\b", "verscheen eerst op"),
    (r"Artykuł\b", "pochodzi z serwisu"),
    (r"Inlägget\b", "dök först upp på|först publicerad på"),
    (r"Indlægget\b", "blev først udgivet på|udkom først på"),
    (r"Innlegget\b", "dukket først opp på|først publisert på"),
    (r"Artikkeli\b", "julkaistiin ensimmäisen kerran"),
    (r"Сообщение\b", "появились сначала на|появилось сначала на"),
    (r"Запис\b", "спершу з'явився на|спершу з’явився на|явився спочатку на"),  # noqa: RUF001
    (rf"{_LAST}Příspěvek\b", "pochází z|se nejdříve objevil na"),
    (r"Príspevok\b", "zobrazený najskôr"),
    (r"Articolul\b", "apare prima dată"),
    (r"Το άρθρο\b", "εμφανίστηκε πρώτα στο"),  # noqa: RUF001 — these letters are Greek
    (rf"{_LAST}ظهرت المقالة\b", "على"),
    (r"הפוסט\b", "הופיע לראשונה"),
    (rf"{_LAST}Artikel\b", "pertama kali tampil"),
    (rf"{_LAST}Bài viết\b", "xuất hiện đầu tiên"),
    ("投稿", "に最初に表示"),
    (_LAST, "yaz\u0131s\u0131 ilk|bejegyzés először|這篇文章最早發佈於"),
)
_MORE = (
    "continue reading|read more|read the full story|read the full article|continua a leggere|"
    "leggi tutto|lire la suite|leer más|weiterlesen"
)
_SIGNS = AhoCorasick("|".join((*(signs for _, signs in _LINES), _MORE)).split("|"))
"""Finder of phrases that every such line has; much faster than the full pattern."""
_TRAILER = re.compile(
    "|".join(rf"{begin}.{{0,300}}?(?:{signs}).{{0,200}}$" for begin, signs in _LINES)
    + rf"|\b(?:{_MORE})\b.{{0,120}}$",
    re.IGNORECASE | re.DOTALL,
)
_END = 700
"""Characters from the end of a text in which a trailer is looked for."""
_END_OF_IT = 240
"""Characters from the end in which a sign is looked for; two hundred may follow it."""


def without_trailer(text: str) -> str:
    """Return `text` without the "The post … appeared first on …" that blog engines append."""
    text = text.strip()
    end = text[-_END_OF_IT:].lower()
    if not _SIGNS.find_matches_as_indexes(end):
        return text
    # Twice: a link to the full text may come before the line.
    for _ in range(2):
        text = text[:-_END] + _TRAILER.sub("", text[-_END:]).rstrip()
    return text
