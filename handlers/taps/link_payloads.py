"""What links into the bot carry: `https://t.me/NAME?start=PAYLOAD`."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from handlers.taps.callback_codec import base36
from templates.rich.page_blocks import SETTINGS_PAYLOAD

LONGEST_LINKED = 46
"""Bytes of a word that find room in a link's 64 characters."""
word_payload = re.compile(r"w(?P<word>[A-Za-z0-9_-]{2,62})")


def story_link(article_id: int) -> str:
    """What a link carries that shows, in private, of what a story brings there is more or less."""
    return f"l{base36(article_id)}"


def word_link(word: str) -> str:
    """What a link carries that follows a word; of one that has no room there, the settings."""
    spelling = word.encode()
    if len(spelling) > LONGEST_LINKED:
        return SETTINGS_PAYLOAD
    return "w" + urlsafe_b64encode(spelling).decode().rstrip("=")


def linked_word(match: re.Match[str]) -> str:
    """The word that a link carries.

    Raises:
        ValueError: It carries none.
    """
    spelling = match["word"]
    return " ".join(urlsafe_b64decode(spelling + "=" * (-len(spelling) % 4)).decode().split())
