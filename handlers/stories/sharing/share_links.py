"""Links with which stories are shared: they identify the sender and count each opening once.

To count an opening, 16 bits of a hash over the person and the link are stored, keyed with the bot's
token. One in 65,536 people has the same bits, and they differ for each link, so they neither
identify a person nor connect two openings. Without the token, which is in no database or backup, a
guess cannot be tested.
"""

from __future__ import annotations

import base64
import hmac

from handlers.taps.callback_codec import MOST

UNCOUNTED = "f"
"""Code of a link sent by a person unknown to the bot; its openings are not counted."""
_CHECK = 6
_ID = 4
"""Bytes of the subscriber's id in a code; with `_CHECK` they make 16 letters of base 32."""


def mark_of(token: str, code: str, user_id: int) -> int:
    """Return a number from 0 to 65,535 that is stored for a person who opened a link."""
    return int.from_bytes(_hash(token, "opened", code, user_id)[:2])


def code_for(token: str, subscriber_id: int, article_id: int) -> str:
    """Return a code of 16 letters and digits that identifies its sender without a database row.

    Lists offer many links, of which few are sent. Only the bot can read or make such a code, and it
    is valid for this article only.
    """
    check = _hash(token, "sender", article_id, subscriber_id)[:_CHECK]
    hidden = subscriber_id ^ _mask(token, article_id, check)
    return base64.b32encode(check + hidden.to_bytes(_ID)).decode()


def sender_of(token: str, code: str, article_id: int) -> int | None:
    """Return the subscriber id in a code of `code_for`, or None for any other text."""
    try:
        packed = base64.b32decode(code)
    except ValueError:
        return None
    if len(packed) != _CHECK + _ID:
        return None
    check, hidden = packed[:_CHECK], int.from_bytes(packed[_CHECK:])
    subscriber_id = hidden ^ _mask(token, article_id, check)
    proof = _hash(token, "sender", article_id, subscriber_id)[:_CHECK]
    if subscriber_id > MOST or not hmac.compare_digest(check, proof):
        return None
    return subscriber_id


def _mask(token: str, article_id: int, check: bytes) -> int:
    return int.from_bytes(_hash(token, "mask", article_id, check.hex())[:_ID])


def _hash(token: str, *parts: str | int) -> bytes:
    return hmac.digest(token.encode(), ":".join(map(str, parts)).encode(), "sha256")
