"""Checks of keyboards by Telegram's rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from playground.checks import markup
from playground.checks.refusal import violation
from playground.world.chats import Body, ChatType

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
MAX_CALLBACK_BYTES = 64
MAX_COPY_CHARACTERS = 256

_ACTIONS = frozenset(
    {
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
        "disabled",
    }
)
_STYLES = frozenset({"danger", "success", "primary"})
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check(
    reply_markup: Body | None, kind: ChatType, notes: list[str]
) -> tuple[Body | None, Body | None]:
    """Check a keyboard; return it as an inline keyboard or as a reply keyboard.

    Args:
        reply_markup: Any of Telegram's four kinds, checked against the schema already.
        kind: The type of the chat that it is sent to.
        notes: Receives mistakes that Telegram would not refuse.

    Returns:
        The inline keyboard as the message keeps it, and the reply keyboard.

    Raises:
        ApiError: Telegram refuses it.
    """
    if reply_markup is None:
        return None, None
    if "inline_keyboard" not in reply_markup:
        if kind is ChatType.CHANNEL:
            raise violation("reply keyboard can't be sent to channels")
        _check_reply_keyboard(reply_markup, kind)
        return None, reply_markup
    rows = [[_button(button, notes) for button in row] for row in reply_markup["inline_keyboard"]]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise violation("REPLY_MARKUP_TOO_LONG")
    if any(len(row) > MAX_BUTTONS_IN_ROW for row in rows):
        notes.append(f"a row of the keyboard has more than {MAX_BUTTONS_IN_ROW} buttons")
    return ({"inline_keyboard": rows} if rows else None), None


def check_deep_link(url: str, notes: list[str]) -> None:
    """Note a link to a bot with a start parameter that Telegram would not pass on."""
    parts = urlsplit(url)
    if parts.hostname not in {"t.me", "telegram.me", "telegram.dog"}:
        return
    for name in ("start", "startgroup", "startchannel"):
        notes.extend(
            f"the {name} parameter of {url} is not 1 to 64 of A-Z a-z 0-9 _ -"
            for value in parse_qs(parts.query).get(name, ())
            if not _START.fullmatch(value)
        )


def buttons(keyboard: Body | None) -> Iterator[Body]:
    """Yield every button of an inline keyboard, in reading order."""
    if keyboard is not None:
        for row in keyboard.get("inline_keyboard", ()):
            yield from row


def _button(button: Body, notes: list[str]) -> Body:
    actions = [name for name in button if name in _ACTIONS]
    if not actions:
        raise violation(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise violation(f"can't parse inline keyboard button: both {' and '.join(actions)} are set")
    if not button["text"].strip():
        raise violation("can't parse inline keyboard button: Inline keyboard button text is empty")
    if button.get("style", "primary") not in _STYLES:
        raise violation("can't parse inline keyboard button: Invalid button style specified")
    action = actions[0]
    value: Any = button[action]
    if action == "callback_data" and not 1 <= len(value.encode()) <= MAX_CALLBACK_BYTES:
        raise violation("BUTTON_DATA_INVALID")
    if action == "copy_text" and not 1 <= len(value["text"]) <= MAX_COPY_CHARACTERS:
        raise violation("BUTTON_COPY_TEXT_INVALID")
    if action == "url":
        kept = markup.link(value)
        if kept is None:
            raise violation(f"inline keyboard button URL '{value}' is invalid: {_why(value)}")
        check_deep_link(value, notes)
        return button | {"url": kept}
    return button


def _why(url: str) -> str:
    scheme, colon, _ = url.partition("://")
    if colon and scheme.lower() not in {"http", "https", "ton", "tg", "tonsite"}:
        return "Unsupported URL protocol"
    if not url.strip() or url.endswith("://"):
        return "URL host is empty"
    return "Wrong HTTP URL"


def _check_reply_keyboard(reply_markup: Body, kind: ChatType) -> None:
    rows = reply_markup.get("keyboard", ())
    if "keyboard" in reply_markup and not any(rows):
        raise violation("reply keyboard must be non-empty")
    for row in rows:
        for button in row:
            if not button["text"].strip():
                raise violation("can't parse keyboard button: Keyboard button text is empty")
            asks = [name for name in button if name.startswith("request_")]
            if asks and kind is not ChatType.PRIVATE:
                raise violation(
                    f"can't parse keyboard button: {asks[0]} can be used in private chats only"
                )
