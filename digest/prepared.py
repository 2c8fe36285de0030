"""A message that is ready to be sent: built once, sent to everybody who gets the same."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from templates.message import Preview

LONGEST = 4096
"""UTF-16 units of a message's text."""

_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

# Quoting a text of four thousand characters one by one takes longer than all the rest of making
# a message; what occurs in our messages is replaced by a few passes over the whole instead.
_RESERVED = "%\n\r\t!\"#$&'()*+,/:;<=>?@[\\]^`{|}"
_NOT_ASCII = re.compile("[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One message's request, all but its chat."""

    body: bytes
    """A form (`application/x-www-form-urlencoded`); `&chat_id=…` is put behind it, and
    `&message_thread_id=…` for a topic."""
    text: str
    """The HTML."""

    def plain(self) -> Prepared:
        """The same words as a text without any markup: what is sent when ours is refused."""
        text = _LINK.sub(lambda link: f"{link[2]} ({link[1]})", self.text)
        text = html.unescape(_TAG.sub("", text))
        text = text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
        return Prepared(_form({"text": text, "link_preview_options": '{"is_disabled":true}'}), text)


def prepare(
    text: str, *, preview: Preview | None = None, keyboard: dict[str, Any] | None = None
) -> Prepared:
    """Build the request of one message.

    Args:
        text: HTML that fits Telegram.
        preview: The link preview; None shows none.
        keyboard: Telegram's JSON of the buttons below.
    """
    options: dict[str, Any] = {"is_disabled": True}
    if preview is not None:
        options = {
            "url": preview.url,
            "prefer_large_media": preview.large,
            "show_above_text": preview.above,
        }
    fields = {
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": json.dumps(options, separators=(",", ":")),
    }
    if keyboard is not None:
        fields["reply_markup"] = json.dumps(keyboard, separators=(",", ":"))
    return Prepared(_form(fields), text)


def _form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={_quoted(value)}" for name, value in fields.items()).encode()


def _quoted(text: str) -> str:
    for sign in _RESERVED:
        if sign in text:
            text = text.replace(sign, f"%{ord(sign):02X}")
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda run: "%" + run[0].encode().hex("%"), text)
    return text.replace(" ", "+")
