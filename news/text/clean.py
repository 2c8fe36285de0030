"""Conversion of markup from sources to plain text: titles and paragraphs."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

import nh3
from ahocorasick_rs import AhoCorasick

from news.text.letters import table
from storage.model.body_model import BlockKind, Body

if TYPE_CHECKING:
    from collections.abc import Sequence

HTML_LIMIT = 400_000
"""Characters of markup that are read; the rest of a longer text is dropped."""
BODY_LIMIT = 60_000
TITLE_LIMIT = 300


_BLOCKS = table(
    "address article aside blockquote caption center dd details div dl dt fieldset "
    "figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul"
)
_SILENT = table(
    "script style iframe object embed applet template noscript svg math form select textarea "
    "button audio video canvas head title figcaption"
)
_KEPT = set(_BLOCKS) | {"br"}
_VOID = table("area base br col embed hr img input link meta source track wbr p li td tr th")
_ANY_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*+)[^<>]*+>")
_DEPTH = 600
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)>")
_BETWEEN_BLOCKS = re.compile(r"<(?!br>|/?t[dh]>)[^<>]++>(?: *+<(?!br>|/?t[dh]>)[^<>]++>)*+")
"""Matches tags with no words between them, except line breaks and table cells."""
_TELLING = re.compile("<(?:h[1-6]|blockquote|li)>")
"""Matches tags of headings, quotes and list items, which are no plain paragraphs."""
_KINDS: dict[str, BlockKind | None] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), BlockKind.HEADING),
    "blockquote": BlockKind.QUOTE,
    "li": BlockKind.BULLET,
    "ul": None,
    "ol": None,
}
"""Element → kind of its paragraphs, or None for a list, as its items have their own kind."""
# Only HTML tag names, old ones included: "a <c" and "<3" in a title are text.
_TAG_NAMES = table(
    "a abbr acronym applet article aside audio b bdi bdo big blink blockquote body br button "
    "center cite code dd del dfn div dl dt em embed figcaption figure font footer form frame "
    "frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link "
    "main mark marquee meta nobr noframes noscript object ol p param picture pre q s samp script "
    "section small source span strike strong style sub sup svg table tbody td tfoot th thead time "
    "title tr tt u ul var video wbr"
)
_MARKUP = re.compile(
    r"<!--.*?(?:-->|$)|<!\[CDATA\[|\]\]>|<!doctype\b[^<>]*>|"
    r"<(?:script|style)\b.*?(?:</(?:script|style)\s*>|$)|"
    rf"</?(?:{'|'.join(sorted(_TAG_NAMES))})(?:\s[^<>]*|/)?(?:>|(?=<)|$)",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_ESCAPED_TAG = re.compile(
    r"&lt;(?:!--(?:(?!--&gt;)[^<>]){0,200}--|(/)?(?:a|b|blockquote|br|div|em|figure|h[1-6]|i|img|li|"
    r"ol|p|span|strong|table|tbody|td|tr|ul)(?:[\s/](?:(?!&[lg]t;)[^<>]){0,2000})?)&gt;",
    re.IGNORECASE,
)
_CODE = re.compile(r"<(?:code|pre|tt|samp|kbd)\b", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7};|(?:#\d{2,5}|amp|quot|nbsp)(?=\s)|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)"
)
# C0 except tab and newline, zero-width space, word joiner, byte order mark, soft hyphen,
# directional overrides, lone surrogates, noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e"
    "\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffc\ufffe\uffff]"
)
_AS_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""C1 control code → the Windows-1252 character that was meant."""
_MANGLED_FIRST = "\u00c2\u00c3\u00c5\u00e2\u00f0"
"""First characters of mojibake sequences."""
_MANGLED = re.compile(
    # A common first character class makes the search twice as fast as one per branch.
    rf"[{_MANGLED_FIRST}](?:(?<=[\u00c2\u00c3])(?:[^\x00-\x7f]|\s)"
    r"|(?<=\u00c5)[^\x00-\x7f]|(?<=\u00e2)[\u20ac\x80\u201a]|(?<=\u00f0)\u0178)"
)
# A closing quotation mark without its last byte, which is undefined in Windows-1252.
_CUT_QUOTE = re.compile(r"\u00e2\u20ac(?=[\s.,;:!?)]|\Z)")


# Built once: building takes as long as cleaning a short text.
_CLEANER = nh3.Cleaner(
    tags=_KEPT, clean_content_tags=set(_SILENT), attributes={"*": set()}, link_rel=None
)
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


def visible(text: str) -> str:
    """Return `text` in composed form (NFC), without invisible characters."""
    # Printable text is visible; this check is ten times as fast as the pattern.
    if text.replace("\n", " ").replace("\t", " ").replace("\xa0", " ").isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text.translate(_AS_WINDOWS)))


def unmangled(text: str) -> str:
    """Return `text` with mojibake repaired: UTF-8 that was decoded as Windows-1252 (`HermÃ¨s`)."""
    # Most texts have none of these letters; looking for each is ten times as fast.
    may_be = not text.isascii() and any(map(text.__contains__, _MANGLED_FIRST))
    if not (may_be and _MANGLED.search(text)):
        return text
    # Imported here: it takes a tenth of a second, and few texts need it.
    import ftfy  # noqa: PLC0415 — see above

    return ftfy.fix_encoding(_CUT_QUOTE.sub("\u00e2\u20ac\x9d", text))


def one_line(text: str) -> str:
    """Return `text` with every run of white space replaced by one space."""
    return _blanks_made_one(visible(text))


def opening(text: str) -> str:
    """Return the first 80 characters as one line, or `binary data`, to describe a document."""
    begun = text[:80]
    strange = sum(not (each.isprintable() or each.isspace()) or each == "\ufffd" for each in begun)
    return "binary data" if "\0" in begun or 10 * strange > len(begun) else one_line(begun)


def _blanks_made_one(text: str) -> str:
    # The only printable white space is the space.
    if "  " not in text and text.isprintable():
        return text.strip(" ")
    return " ".join(text.split())


def unescape(text: str) -> str:
    """Return `text` with its entities decoded, up to three times if it was escaped repeatedly."""
    for _ in range(3):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def title(raw: str) -> str:
    """Return a title as one line of plain text, without tags or entities; may be empty."""
    text = unmangled(raw[: TITLE_LIMIT * 20])
    for _ in range(4):
        marked = "<" in text or "]]>" in text
        if marked:
            text = _BREAK.sub(" <br", text)
        bare = unescape(_MARKUP.sub(" " if "\n" in text else "", text) if marked else text)
        if bare == text:
            break
        text = bare
    return shorten(one_line(text), TITLE_LIMIT)


def paragraphs(markup: str) -> tuple[str, ...]:
    """Return the paragraphs of an HTML fragment, or of plain text, as plain text."""
    return tuple(text for text, _ in _pieces(markup))


def _pieces(markup: str) -> list[tuple[str, BlockKind]]:
    # Look for single characters first, which is much faster; most texts have none of these.
    markup = markup[:HTML_LIMIT]
    if "\r" in markup:
        markup = markup.replace("\r\n", "\n").replace("\r", "\n")
    markup = unmangled(markup)
    if _escaped_markup(markup):
        markup = html.unescape(markup)
    elif "&" in markup and "lt;/" in markup:
        markup = _half_escaped(markup)
    if "[" in markup or "]" in markup:
        # CDATA marks that were escaped or nested.
        markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    if "<" not in markup:
        return _tidy([visible(unescape(markup))])
    if markup.count("<") > _DEPTH and _nested(markup) > _DEPTH:
        # The cleaner's time grows with the square of the depth, so flatten the fragment.
        markup = _ANY_TAG.sub("\n\n", markup)
    if not _ANY_TAG.search(markup) and "<!" not in markup:
        return _tidy([visible(unescape(markup))])
    cleaned = _CLEANER.clean(visible(markup))
    return _tidy(*_broken_at_blocks(cleaned, entities="&" in markup or "&" in cleaned))


def body(markup: str) -> Body | None:
    """Return `markup` as paragraphs of plain text with their kinds, or None if it is empty."""
    whole = Body.of(_pieces(markup))
    text = without_trailer(whole.text)
    if len(text) > BODY_LIMIT:
        text = shorten(text, BODY_LIMIT, keep_lines=True)
    return whole.shortened(text) if text else None


def shorten(text: str, limit: int, *, keep_lines: bool = False) -> str:
    """Return `text` cut at a word (or line) to at most `limit` characters with its ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n") if keep_lines else -1)
    if space > limit // 2:
        cut = cut[:space]
    # A cut within a composed emoji would leave a joiner or a modifier at the end.
    return cut.rstrip(" \n,;:-\u2013\u2014\u200d\ufe0f") + "\u2026"


def _nested(markup: str) -> int:
    depth = deepest = 0
    for tag in _ANY_TAG.finditer(markup):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif tag[2].lower() not in _VOID and not tag.group().endswith("/>"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _escaped_markup(text: str) -> bool:
    return "<" not in text and "&lt;" in text and bool(_MARKUP.search(html.unescape(text)))


def _half_escaped(markup: str) -> str:
    """Unescape the escaped tags in partly escaped markup, unless it seems to discuss tags."""
    once = markup.replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;")
    ends = sum(bool(tag[1]) for tag in _ESCAPED_TAG.finditer(once))
    if ends < 2 or _CODE.search(markup):
        return markup
    return _ESCAPED_TAG.sub(lambda tag: html.unescape(tag.group()), once)


def _broken_at_blocks(clean: str, *, entities: bool) -> tuple[list[str], Sequence[BlockKind]]:
    # In HTML, line breaks and tabs of the source are spaces. Replace them, so that a tab can
    # separate blocks and a line break can mark `<br>`.
    text = clean.replace("\n", " ").replace("\t", " ")
    marks = _Marks()
    if _TELLING.search(text):
        text = _TAG.sub(marks.mark, text)
    else:
        # If all pieces are paragraphs, they need not be counted.
        text = _BETWEEN_BLOCKS.sub("\t", text)
        if "<" in text:
            text = _TAG.sub(marks.mark, text)
    if entities:
        # A decoded entity may be an invisible character; all others were removed before.
        text = visible(unescape(text))
    return text.split("\t"), marks.kinds


class _Marks:
    def __init__(self) -> None:
        self.kinds = [BlockKind.PARAGRAPH]
        self._open: list[tuple[str, BlockKind]] = []

    def mark(self, tag: re.Match[str]) -> str:
        closing, name = tag.groups()
        if name == "br":
            return "\n"
        if name in {"td", "th"}:
            return " "
        if name in _KINDS:
            self._enter(name, closing)
        self.kinds.append(self._open[-1][1] if self._open else BlockKind.PARAGRAPH)
        return "\t\u2022 " if name == "li" and not closing else "\t"

    def _enter(self, name: str, closing: str) -> None:
        """Record that an element of this name begins or ends; the cleaner has balanced them."""
        if not closing:
            around = self._open[-1][1] if self._open else BlockKind.PARAGRAPH
            kind = _KINDS[name]
            if name == "li":
                lists = (each for each, _ in reversed(self._open) if each in {"ul", "ol"})
                kind = BlockKind.NUMBER if next(lists, "ul") == "ol" else BlockKind.BULLET
            self._open.append((name, kind or around))
        elif self._open:
            self._open.pop()


def _tidy(pieces: list[str], kinds: Sequence[BlockKind] = ()) -> list[tuple[str, BlockKind]]:
    if len(kinds) != len(pieces):
        kinds = [BlockKind.PARAGRAPH] * len(pieces)
    kept: list[tuple[str, BlockKind]] = []
    for piece, kind in zip(pieces, kinds, strict=True):
        if "\n" in piece:
            # An empty line ends a paragraph.
            lines = "\n".join(map(_blanks_made_one, piece.split("\n")))
            kept += [(text.strip("\n"), kind) for text in lines.split("\n\n")]
        elif piece:
            kept.append((_blanks_made_one(piece), kind))
    return [one for one in kept if one[0] and one[0] != "\u2022"]


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
