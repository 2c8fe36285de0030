"""The links by which stories go to friends: whose they are, and how an opening counts once.

Of who opened a link, 16 bits are kept: of a hash over the person and the link, with the bot's
token as its key. One in 65,536 people has the same, and another link gives the same person another
one, so nobody can be found by them, nor be followed from link to link; without the token, which no
database and no backup has, not even a guess can be tried.
"""

from __future__ import annotations

import base64
import hmac

from handlers.taps.callback_codec import MOST

UNCOUNTED = "f"
"""The code of a link that somebody sent who has none: it is a friend's, and nobody's count."""
_CHECK = 6
_ID = 4
"""Bytes of a code: what proves it, and the sender. Together 16 letters of base 32."""


def mark_of(token: str, code: str, user_id: int) -> int:
    """What is kept of a person who opened a link, from 0 to 65,535.

    Args:
        token: The bot's.
        code: The link's.
        user_id: Telegram's number of the person.
    """
    return int.from_bytes(_hash(token, "opened", code, user_id)[:2])


def code_for(token: str, subscriber_id: int, article_id: int) -> str:
    """A code that names its sender without a row in the archive: lists offer many, few are sent.

    Only the bot can read it or make another, and it is good for this article alone.

    Args:
        token: The bot's.
        subscriber_id: Who sends.
        article_id: What is sent.

    Returns:
        16 letters and digits.
    """
    check = _hash(token, "sender", article_id, subscriber_id)[:_CHECK]
    hidden = subscriber_id ^ _mask(token, article_id, check)
    return base64.b32encode(check + hidden.to_bytes(_ID)).decode()


def sender_of(token: str, code: str, article_id: int) -> int | None:
    """The subscriber whom `code_for` gave this code; None for any other text."""
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
