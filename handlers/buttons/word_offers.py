"""The check whether a word can be followed, and the button that offers to follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button
from handlers.taps.callback_data import FollowThis
from handlers.typed.requests import is_name, request_of
from storage.readers.word_choices import LONGEST_WORD, MOST_WORDS, SHORTEST_WORD
from storage.words.search_words import muted
from templates.markup.text import shorten

if TYPE_CHECKING:
    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from storage.model import Subscriber

LONGEST_NAME = 30
"""The most characters of a word on a button."""


def refusal(subscriber: Subscriber, word: str) -> str:
    """Return why a new word cannot be followed: "short", "long" or "full"; empty if it can."""
    if len(word) > LONGEST_WORD:
        return "long"
    # A search for "C++" would look for the letter only, which "C'est" has too.
    if len(muted(word)) < SHORTEST_WORD:
        return "short"
    return "full" if len(subscriber.taste.words) >= MOST_WORDS else ""


def quoted(context: Context, subscriber: Subscriber, word: str) -> str:
    """Return a word in quotation marks, for a button or a notice."""
    return context.label("quoted", subscriber, word=shorten(word, LONGEST_NAME))


def offered(
    context: Context, subscriber: Subscriber, words: str
) -> list[list[InlineKeyboardButton]]:
    """Return a button that follows the typed words, in one row.

    Empty if they are a sentence, a poor name, followed already, or a refusal (`no more crypto`).
    """
    word = " ".join(words.split())
    if not is_name(word) or request_of(word)[0] in {"off", "unfollow"}:
        return []
    followed = muted(word) in subscriber.taste.sought and not context.seen_by_many(subscriber)
    if followed or refusal(subscriber, word) in {"short", "long"}:
        return []
    label = context.label("follow_word", subscriber, word=shorten(word, LONGEST_NAME))
    return [[button(label, FollowThis())]]
