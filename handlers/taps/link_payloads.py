"""Payloads of deep links into the bot: `https://t.me/NAME?start=PAYLOAD`."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from handlers.taps.callback_codec import base36
from templates.rich.page_blocks import SETTINGS_PAYLOAD

LONGEST_LINKED = 46
"""The most bytes of a word that fit into a link's 64 characters."""
word_payload = re.compile(r"w(?P<word>[A-Za-z0-9_-]{2,62})")


def story_link(article_id: int) -> str:
    """Return the payload that shows in private the subjects of a story with their levels."""
    return f"l{base36(article_id)}"


def complaint_link(article_id: int) -> str:
    """Return the payload that asks in private what is wrong with a story."""
    return f"x{base36(article_id)}"


def own_article_link(draft_id: int) -> str:
    """Return the payload that opens an article of the bot's own, made of this draft."""
    return f"n{base36(draft_id)}"


def word_link(word: str) -> str:
    """Return the payload that follows a word; if the word is too long, that of the settings."""
    spelling = word.encode()
    if len(spelling) > LONGEST_LINKED:
        return SETTINGS_PAYLOAD
    return "w" + urlsafe_b64encode(spelling).decode().rstrip("=")


def linked_word(match: re.Match[str]) -> str:
    """Return the word in a link's payload; raise ValueError if it is no encoded text."""
    spelling = match["word"]
    return " ".join(urlsafe_b64decode(spelling + "=" * (-len(spelling) % 4)).decode().split())
