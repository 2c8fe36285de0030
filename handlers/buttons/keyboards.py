"""The layout of buttons, and the keyboards that several conversations share."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar
from unicodedata import combining, east_asian_width

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat

from handlers.core.context import rows_of
from handlers.taps.callback_codec import Tap, base36
from handlers.taps.callback_data import ChangeForm, LeftOut, OpenCard, OpenSheet, Sheet, WhyThese
from templates.markup.text import web_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from handlers.core.context import Keyboard
    from storage.model import Article, Edition, NewArticle
    from templates import Renderer

T = TypeVar("T")

CHANNEL_PAYLOAD = "channel"
"""Payload of a channel's link that begins the newcomer's journey."""
HOME_PAYLOAD = "home"
"""Payload of a link that opens the bot and nothing in particular."""
CHOSEN = "✓ "
OFF = "✕ "
NUMBERS_IN_A_ROW = 6
"""The most two-digit buttons that a phone shows side by side."""
CELLS_IN_A_ROW_OF = {1: 44, 2: 20, 3: 12, 4: 8, 5: 6, 6: 4, 7: 3, 8: 3}
"""Number of buttons in a row → the most cells of text on each, on a phone 375 pixels wide."""


def button(text: str, tap: Tap) -> InlineKeyboardButton:
    """Return a button that sends a tap."""
    return InlineKeyboardButton(text, callback_data=tap.pack())


def chosen(label: str, *, when: bool) -> str:
    """Return a button's text, marked if its value is the present one."""
    return CHOSEN + label if when else label


def source_button(label: str, article: Article | NewArticle) -> list[InlineKeyboardButton]:
    """Return a button that opens an article at its source; empty if its link is no web address."""
    address = web_link(article.link)
    return [InlineKeyboardButton(label, url=address)] if address else []


def send_to_friend(text: str, wanted: int | str) -> InlineKeyboardButton:
    """Return a button that offers friends an article: by its id, or by words that find some."""
    query = f"#{base36(wanted)}" if isinstance(wanted, int) else wanted
    return InlineKeyboardButton(
        text,
        switch_inline_query_chosen_chat=SwitchInlineQueryChosenChat(
            query=query,
            allow_user_chats=True,
            allow_group_chats=True,
            allow_channel_chats=True,
        ),
    )


def rows(buttons: Iterable[InlineKeyboardButton], width: int) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in rows of this width; the last row may be shorter."""
    line = list(buttons)
    return [line[start : start + width] for start in range(0, len(line), width)]


def cells(text: str) -> int:
    """Return the width of a text on a button, in cells; wide East Asian characters count as two."""
    return sum(
        0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )


def fitted_rows(
    buttons: Iterable[InlineKeyboardButton], *, spare: Callable[[str], int] = lambda _: 0
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in rows of two; a button too wide for half a row gets its own row.

    The button before a wide one is paired with the next one that fits. `spare` returns the cells to
    keep free beside a button's text, such as for a mark.
    """
    lines: list[list[InlineKeyboardButton]] = []
    half: list[InlineKeyboardButton] | None = None
    for each in buttons:
        if cells(each.text) + spare(each.text) > CELLS_IN_A_ROW_OF[2]:
            lines.append([each])
        elif half is None:
            half = [each]
            lines.append(half)
        else:
            half.append(each)
            half = None
    return lines


def ordered_rows(
    buttons: Sequence[InlineKeyboardButton],
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in order, two a row if each, marked, fits half a row, else one a row."""
    marked = (f"{CHOSEN}{each.text.removeprefix(CHOSEN)}" for each in buttons)
    fits = all(cells(text) <= CELLS_IN_A_ROW_OF[2] for text in marked)
    return rows(buttons, 2 if fits else 1)


def side_by_side(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in one row if a phone shows their texts in full, or else in several."""
    most = CELLS_IN_A_ROW_OF.get(len(buttons), 0)
    if all(cells(each.text) <= most for each in buttons):
        return [list(buttons)] if buttons else []
    return fitted_rows(buttons)


def equal_rows(buttons: Iterable[T], most: int = NUMBERS_IN_A_ROW) -> list[list[T]]:
    """Return the buttons in as few rows as possible, nearly equal: nine make 5 and 4."""
    every = list(buttons)
    lines = -(-len(every) // most)
    each, left = divmod(len(every), lines) if lines else (0, 0)
    ends = [each * line + min(line, left) for line in range(lines + 1)]
    return [every[start:end] for start, end in pairwise(ends)]


def numbers(
    article_ids: Iterable[int],
    first: int = 1,
    width: int = NUMBERS_IN_A_ROW,
    *,
    opens: Callable[[int], Tap] = OpenCard,
) -> list[list[InlineKeyboardButton]]:
    """Return rows of numbered buttons, one per article; by default a tap opens the card."""
    return equal_rows(
        (button(str(n), opens(article)) for n, article in enumerate(article_ids, start=first)),
        width,
    )


def holds(keyboard: Keyboard, kind: type[Tap]) -> bool:
    """Return whether a keyboard has a button with this kind of tap."""
    return any(kind.matches(each.callback_data) for line in rows_of(keyboard) for each in line)


def replaced(
    markup: InlineKeyboardMarkup | None,
    kinds: tuple[type[Tap], ...],
    row: Sequence[InlineKeyboardButton],
) -> InlineKeyboardMarkup:
    """Return the keyboard with one new row in place of all buttons of the given kinds.

    This changes a button without loading and rendering the message's list again.
    """
    kept: list[Sequence[InlineKeyboardButton]] = []
    placed = False
    for line in markup.inline_keyboard if markup else ():
        rest = [b for b in line if not any(kind.matches(b.callback_data) for kind in kinds)]
        if len(rest) < len(line) and not placed:
            at = [each in rest for each in line].index(False)
            kept.append((*rest[:at], *row, *rest[at:]))
            placed = True
        elif rest:
            kept.append(rest)
    return InlineKeyboardMarkup(kept if placed or not row else [*kept, row])


def fitted(markup: InlineKeyboardMarkup, kind: type[Tap]) -> InlineKeyboardMarkup:
    """Return the keyboard with the rows of this kind of tap split if they became too wide."""
    lines: list[Sequence[InlineKeyboardButton]] = []
    for line in markup.inline_keyboard:
        changed = any(kind.matches(each.callback_data) for each in line)
        lines += side_by_side(line) if changed else [line]
    return InlineKeyboardMarkup(lines)


def edition_keyboard(
    renderer: Renderer,
    edition: Edition,
    language: str,
    *,
    first: bool,
    front_page: bool = False,
    public: bool = False,
    can_be_page: bool = False,
) -> list[str]:
    """Return the buttons under an edition: a number for each story's card, and further buttons.

    `first`: no layout was chosen yet. `front_page`: it has the layout that some apps show blank;
    `can_be_page`: Telegram's server knows it. `public`: buttons are links into the bot, as in a
    channel. The result is Telegram's JSON in pieces, empty without buttons. Equal pieces are the
    same string, so that the editions of many readers share memory.
    """
    stories = edition.stories
    if public:
        return public_keyboard(renderer, edition, language)
    if len(stories) == 1:
        article = stories[0].article.id
        lines = [[_labelled(renderer, "open_card", language, OpenCard(article))]]
    else:
        lines = equal_rows([_number(n, each.article.id) for n, each in enumerate(stories, 1)])
    below = []
    if stories:
        below.append(_labelled(renderer, "why_these", language, _WHY, len(stories)))
    if any(section.left_out for section in edition.sections):
        below.append(_labelled(renderer, "more_stories", language, _MORE))
    if below:
        lines.append(below)
    first = first and bool(stories)
    lines += _looks(renderer, language, first=first, front_page=front_page, can_be_page=can_be_page)
    if edition.unread is not None:
        lines.append([_labelled(renderer, "article_languages", language, _ARTICLES)])
    return _written(lines)


def _looks(
    renderer: Renderer, language: str, *, first: bool, front_page: bool, can_be_page: bool
) -> list[list[str]]:
    looks: dict[str, Tap] = {}
    if front_page:
        looks["cannot_see"] = _CANNOT_SEE
    elif first and can_be_page:
        looks["see_front_page"] = _FRONT_PAGE
    if first:
        looks["change_look"] = _LAYOUT
    written = [_labelled(renderer, key, language, tap) for key, tap in looks.items()]
    widest = max((cells(renderer.label(key, language)) for key in looks), default=0)
    if widest <= CELLS_IN_A_ROW_OF[2]:
        return [written] if written else []
    return [[each] for each in written]


def edition_markup(
    renderer: Renderer, edition: Edition, language: str, *, first: bool = False
) -> InlineKeyboardMarkup:
    """Return the keyboard of an edition that was sent before, to edit it or to send it again."""
    pieces = edition_keyboard(renderer, edition, language, first=first, can_be_page=first)
    lines = json.loads("".join(pieces))["inline_keyboard"]
    return InlineKeyboardMarkup([[InlineKeyboardButton(**each) for each in line] for line in lines])


def _written(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the JSON of a keyboard, in pieces, from rows of buttons."""
    pieces: list[str] = []
    for line in lines:
        pieces.append(_NEXT_ROW if pieces else _START)
        for number, each in enumerate(line):
            if number:
                pieces.append(_NEXT)
            pieces.append(each)
    if pieces:
        pieces.append(_END)
    return pieces


def public_keyboard(renderer: Renderer, edition: Edition, language: str) -> list[str]:
    """Return the buttons under an edition in a channel: only links into the bot."""
    if not renderer.bot_link:
        return []
    stories = edition.stories
    if len(stories) == 1:
        lines = [[_link(renderer, "open_card", language, f"a{base36(stories[0].article.id)}")]]
    else:
        lines = equal_rows(
            _url(str(number), renderer.bot_link, f"a{base36(each.article.id)}")
            for number, each in enumerate(stories, start=1)
        )
    most = max(edition.sections, key=lambda each: each.left_out, default=None)
    if most is not None and most.left_out and most.category:
        name = renderer.category(most.category, language)
        label = renderer.label("more_in_category", language, category=name)
        lines.append([_url(label, renderer.bot_link, f"c-{most.category}")])
    lines.append([_link(renderer, "follow_in_private", language, CHANNEL_PAYLOAD)])
    return _written(lines)


def alert_keyboard(
    renderer: Renderer, article: Article, language: str, *, public: bool = False
) -> list[str]:
    """Return the button under an alert that opens its card, as JSON in pieces."""
    if not public:
        return [_START, _json(renderer.label("open_card", language), OpenCard(article.id)), _END]
    if not renderer.bot_link:
        return []
    return [_START, _link(renderer, "open_card", language, f"a{base36(article.id)}"), _END]


def _link(renderer: Renderer, key: str, language: str, payload: str) -> str:
    return _url(renderer.label(key, language), renderer.bot_link, payload)


def _url(text: str, bot_link: str, payload: str) -> str:
    return json.dumps({"text": text, "url": f"{bot_link}?start={payload}"}, separators=(",", ":"))


# An edition's buttons are written as JSON here: as python-telegram-bot's objects they would take
# longer than all the rest of it.
_WHY, _MORE = WhyThese(), LeftOut()
_CANNOT_SEE, _FRONT_PAGE = ChangeForm(0, front_page=False), ChangeForm(0, front_page=True)
_LAYOUT, _ARTICLES = OpenSheet(Sheet.LAYOUT, below=True), OpenSheet(Sheet.ARTICLES, below=True)
_START = '{"inline_keyboard":[['
_NEXT = ","
_NEXT_ROW = "],["
_END = "]]}"


@lru_cache(maxsize=16_384)
def _number(number: int, article_id: int) -> str:
    return _json(str(number), OpenCard(article_id))


@lru_cache(maxsize=1024)
def _labelled(renderer: Renderer, key: str, language: str, tap: Tap, num: int = 0) -> str:
    return _json(renderer.label(key, language, num=num), tap)


def _json(text: str, tap: Tap) -> str:
    return json.dumps({"text": text, "callback_data": tap.pack()}, separators=(",", ":"))
