"""A message as a request body, built once for all chats that get the same."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from templates.markup.message import Preview, RichMessage

SEND = "sendMessage"
SEND_RICH = "sendRichMessage"
SEND_PHOTO = "sendPhoto"

LONGEST = 4096
"""Maximum number of UTF-16 units of a message's text."""
LONGEST_CAPTION = 1024
"""Maximum number of UTF-16 units of a photo's caption."""

_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

_PREVIEW = b"link_preview_options="
_HTML = b"&parse_mode=HTML&" + _PREVIEW
_NO_PREVIEW = '{"is_disabled":true}'

# Quoting a text of 4,000 characters one by one takes longer than the rest of making a message.
# A few passes over the whole text replace the characters that occur.
_RESERVED = "%\n\r\t!\"#$&'()*+,/:;<=>?@[\\]^`{|}"
_NOT_ASCII = re.compile("[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The request of one message, without its chat."""

    body: bytes
    """A form (`application/x-www-form-urlencoded`); the sender adds `chat_id` and a topic's id."""
    text: str
    """The HTML; empty for a rich message, which has another edition as its plain form."""
    method: str = SEND
    """The Telegram method to call."""
    photo: bytes = b""
    """The photo whose caption the text is, as a form's value; it is sent and never edited."""

    def captioned(self, photo: str = "") -> RequestBody:
        """Return the same text as a photo's caption; "" for the photo that was sent."""
        parts = [each for each in self.body.split(b"&") if not each.startswith(_PREVIEW)]
        body = b"&".join([b"caption=" + parts[0].removeprefix(b"text="), *parts[1:]])
        return RequestBody(body, self.text, SEND_PHOTO, quoted(photo))

    def plain(self) -> RequestBody:
        """Return the same text without markup, for when Telegram refuses the markup."""
        text = _LINK.sub(lambda link: f"{link[2]} ({link[1]})", self.text)
        text = html.unescape(_TAG.sub("", text))
        text = text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
        body = b"text=%b&link_preview_options=%b" % (quoted(text), quoted(_NO_PREVIEW))
        plain = RequestBody(body, text)
        if self.method != SEND_PHOTO:
            return plain
        return replace(plain.captioned(), photo=self.photo)

    def silent(self) -> RequestBody:
        """Return the same message, delivered without a sound."""
        return replace(self, body=self.body + b"&disable_notification=true")

    def paid(self) -> RequestBody:
        """Return the same message, allowed to exceed Telegram's free rate for a fee."""
        return replace(self, body=self.body + b"&allow_paid_broadcast=true")

    def rich_message(self) -> str:
        """Return the blocks as sent, for the log; empty if there are none."""
        return parse_qs(self.body.decode()).get("rich_message", [""])[0]


def prepare(
    text: str,
    *,
    pieces: Sequence[str] = (),
    preview: Preview | None = None,
    keyboard: Sequence[str] = (),
) -> RequestBody:
    """Build the request of one message; `pieces` are its text in cached pieces, if any."""
    form = [b"text="]
    form += map(_piece, pieces) if pieces else (quoted(text),)
    form += (_HTML, _options(preview))
    form += _buttons(keyboard)
    return RequestBody(b"".join(form), text)


def prepare_rich(message: RichMessage, *, keyboard: Sequence[str] = ()) -> RequestBody:
    """Build the request of a rich message; pieces are cached as in `prepare`."""
    form = [b"rich_message="]
    form += map(_piece, message.pieces)
    form += _buttons(keyboard)
    return RequestBody(b"".join(form), "", SEND_RICH)


def _buttons(keyboard: Sequence[str]) -> list[bytes]:
    return [b"&reply_markup=", *map(_piece, keyboard)] if keyboard else []


@lru_cache(maxsize=4096)
def _options(preview: Preview | None) -> bytes:
    if preview is None:
        return quoted(_NO_PREVIEW)
    options = {"url": preview.url, "prefer_large_media": True, "show_above_text": True}
    return quoted(json.dumps(options, separators=(",", ":")))


def quoted(text: str) -> bytes:
    """Encode a value for a form (`application/x-www-form-urlencoded`)."""
    for sign in _RESERVED:
        if sign in text:
            text = text.replace(sign, f"%{ord(sign):02X}")
    if not (text.isascii() and text.isprintable()):
        text = _NOT_ASCII.sub(lambda run: "%" + run[0].encode().hex("%"), text)
    return text.replace(" ", "+").encode()


_piece = lru_cache(maxsize=16_384)(quoted)
"""`quoted`, cached: thousands of editions share the same stories, headings and buttons."""
