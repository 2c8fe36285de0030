"""How buttons are laid out, and the keyboards that several conversations share."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar
from unicodedata import combining, east_asian_width

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat

from handlers.taps.callback_codec import Tap, base36
from handlers.taps.callback_data import CannotSee, MoreStories, OpenCard, WhyThese
from handlers.taps.settings_data import OpenSettings, Sheet
from templates.markup.text import web_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from handlers.core.context import Context
    from storage.model import Article, Edition, Subscriber
    from templates import Renderer

T = TypeVar("T")

CHANNEL_PAYLOAD = "channel"
"""What a channel's link carries that leads its readers into the newcomer's journey."""
HOME_PAYLOAD = "home"
"""What a link into the bot carries that leads to nothing of its own."""
CHOSEN = "✓ "
OFF = "✕ "
NUMBERS_IN_A_ROW = 6
"""As many as a phone shows side by side, two digits each."""
CELLS_IN_A_ROW_OF = {1: 44, 2: 20, 3: 12, 4: 8, 5: 6, 6: 4, 7: 3, 8: 3}
"""Buttons side by side → how wide the text of each may be, in cells, on a phone of 375 pixels."""


def button(text: str, tap: Tap) -> InlineKeyboardButton:
    """A button that carries a tap."""
    return InlineKeyboardButton(text, callback_data=tap.pack())


def chosen(label: str, *, when: bool) -> str:
    """A button's text, marked if it is what holds now."""
    return CHOSEN + label if when else label


def source_button(label: str, article: Article) -> list[InlineKeyboardButton]:
    """A button that opens an article at its source; none where its link is no address."""
    address = web_link(article.link)
    return [InlineKeyboardButton(label, url=address)] if address else []


def send_to_friend(text: str, wanted: int | str) -> InlineKeyboardButton:
    """A button that opens Telegram's chat chooser, to send exactly this article or one of several.

    Args:
        text: What it says.
        wanted: The article's id; or what finds the articles among which one is chosen there.
    """
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
    """Buttons in rows of the same width, the last one perhaps shorter."""
    line = list(buttons)
    return [line[start : start + width] for start in range(0, len(line), width)]


def cells(text: str) -> int:
    """How wide a text is on a button: Chinese, Japanese and Korean letters and emoji are two."""
    return sum(
        0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )


def fitted_rows(
    buttons: Iterable[InlineKeyboardButton], *, spare: Callable[[str], int] = lambda _: 0
) -> list[list[InlineKeyboardButton]]:
    """Two buttons in a row where a phone shows both whole, and one where it would not.

    A button too wide for half a row stands alone; the one before it waits for the next that fits.

    Args:
        buttons: In their order.
        spare: A button's text → cells that it needs beside, such as for a mark that a tap brings.
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


def side_by_side(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """All in one row where a phone shows them whole, else in rows that it does."""
    most = CELLS_IN_A_ROW_OF.get(len(buttons), 0)
    if all(cells(each.text) <= most for each in buttons):
        return [list(buttons)] if buttons else []
    return fitted_rows(buttons)


def turning(
    context: Context, subscriber: Subscriber, *, back: Tap | None, on: Tap | None
) -> list[InlineKeyboardButton]:
    """The buttons that turn a page back and on; None for where there is no page."""
    taps = {"previous": back, "next": on}
    return [
        button(context.label(key, subscriber), tap) for key, tap in taps.items() if tap is not None
    ]


def equal_rows(buttons: Iterable[T], most: int = NUMBERS_IN_A_ROW) -> list[list[T]]:
    """Buttons in as few rows as can be, the upper ones longer by one at most.

    Nine are 5 and 4, never 6 and 3.
    """
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
    """A number for each article, that opens its card or something else of it; in equal rows."""
    return equal_rows(
        (button(str(n), opens(article)) for n, article in enumerate(article_ids, start=first)),
        width,
    )


def holds(markup: InlineKeyboardMarkup | None, kind: type[Tap]) -> bool:
    """Whether a keyboard has a button that carries this kind of tap."""
    lines = markup.inline_keyboard if markup else ()
    return any(kind.matches(each.callback_data) for line in lines for each in line)


def replaced(
    markup: InlineKeyboardMarkup | None,
    kinds: tuple[type[Tap], ...],
    row: Sequence[InlineKeyboardButton],
) -> InlineKeyboardMarkup:
    """The same keyboard with one new row in place of every button of the given kinds.

    It lets a button change without the message's list being asked for and rendered again.
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
    """The same keyboard, where the row with this kind of tap may have become too wide."""
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
) -> list[str]:
    """What stands under an edition: numbers that open cards, and what was left out.

    Args:
        renderer: Writes on buttons.
        edition: What they belong to.
        language: The reader's.
        first: Whether it is the first edition of a reader, who has not chosen how it looks.
        front_page: Whether it is laid out as a page, which some apps leave blank.
        public: Whether it is posted in a channel, whose readers go on in private.

    Returns:
        Telegram's JSON in pieces, each of them the same string wherever it occurs: an edition of a
        reader's own shares most of its buttons with others. Empty where there is no button.
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
    look = []
    if front_page:
        look.append(_labelled(renderer, "cannot_see", language, _CANNOT_SEE))
    if first and stories:
        look.append(_labelled(renderer, "change_look", language, _LAYOUT))
    if look:
        lines.append(look)
    if edition.unread is not None:
        lines.append([_labelled(renderer, "article_languages", language, _ARTICLES)])
    return _written(lines)


def edition_markup(renderer: Renderer, edition: Edition, language: str) -> InlineKeyboardMarkup:
    """The same for an edition that was sent and is changed, as the library's own."""
    pieces = edition_keyboard(renderer, edition, language, first=False)
    lines = json.loads("".join(pieces))["inline_keyboard"]
    return InlineKeyboardMarkup([[InlineKeyboardButton(**each) for each in line] for line in lines])


def _written(lines: Sequence[Sequence[str]]) -> list[str]:
    """Rows of buttons as a keyboard, in pieces."""
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
    """What stands under an edition in a channel: links into the bot, and nothing to tap there."""
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
    """What stands under an alert: the way to its card; in pieces, like the other."""
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
_WHY, _MORE, _CANNOT_SEE = WhyThese(), MoreStories(), CannotSee()
_LAYOUT, _ARTICLES = OpenSettings(Sheet.LAYOUT), OpenSettings(Sheet.ARTICLES)
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
