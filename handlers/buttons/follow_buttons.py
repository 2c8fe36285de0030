"""Buttons that show, choose and follow categories, and those that follow words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button, rows, side_by_side
from handlers.taps.callback_data import (
    About,
    Alerts,
    Follow,
    FollowMyself,
    FollowThis,
    OpenScale,
    Origin,
    PickPage,
    ShowCategory,
    Tab,
)
from handlers.typed.requests import is_name, is_sure, request_of
from news.filing.tokenising.folding import has_cjk, key
from storage.readers.choices import LONGEST_WORD, MOST_WORDS, SHORTEST_WORD
from storage.words.search_words import muted
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from news.filing.taxonomy import Taxonomy
    from storage.model import Subscriber

LONGEST = 100
"""The most characters of a typed text that are searched for names."""
WORDS_OF_A_NAME = 5
"""The most words of a category's name, or characters of a Chinese one."""
SHORTEST_NAME = 3
MOST_NAMED = 3
"""The most categories offered for one sentence."""


def near_categories(context: Context, words: str) -> tuple[str, ...]:
    """Return the slugs of categories with names close to some words, or named among them."""
    taxonomy = context.services.taxonomy
    near = [each.slug for each in taxonomy.suggest(words[:LONGEST])]
    return tuple(near) or named_within(taxonomy, words)


def misspells(taxonomy: Taxonomy, words: str) -> bool:
    """Return whether the words are a misspelled category's name, or its beginning."""
    return not taxonomy.spoken_for(words) and bool(taxonomy.suggest(words[:LONGEST]))


def named_within(taxonomy: Taxonomy, words: str) -> tuple[str, ...]:
    """Return the slugs that a sentence names, in order; words like `guess` do not count. Pure."""
    sentence = words[:LONGEST]
    # Chinese has no spaces between words.
    parts = list(sentence) if has_cjk(sentence) else sentence.split()
    joint = "" if has_cjk(sentence) else " "
    found: dict[str, None] = {}
    start = 0
    while start < len(parts) and len(found) < MOST_NAMED:
        size = 1
        for end in range(min(len(parts), start + WORDS_OF_A_NAME), start, -1):
            name = joint.join(parts[start:end])
            known = taxonomy.find(name)
            if known is not None and len(name) >= (2 if has_cjk(name) else SHORTEST_NAME):
                if key(name) not in {key(each) for each in taxonomy.entries[known.slug].weak}:
                    found.setdefault(known.slug)
                size = end - start
                break
        start += size
    return tuple(found)


def near_rows(
    context: Context, subscriber: Subscriber, slugs: Iterable[str]
) -> list[list[InlineKeyboardButton]]:
    """Return rows of buttons that show these categories."""
    return rows(
        (button(context.category(slug, subscriber), ShowCategory(slug)) for slug in slugs), 3
    )


def choose_button(context: Context, subscriber: Subscriber) -> InlineKeyboardButton:
    """Return a button that turns its message into the picker."""
    return button(
        context.label("choose_categories", subscriber), PickPage(Tab.SECTIONS, 0, journey=False)
    )


def follow_button(context: Context, subscriber: Subscriber, category: str) -> InlineKeyboardButton:
    """Return a button that follows or unfollows a category, with the category's name."""
    followed = category in subscriber.taste.follows
    label = "unfollow_category" if followed else "follow_category"
    words = context.label(label, subscriber, category=context.category(category, subscriber))
    return button(words, Follow(category, on=not followed))


def readers_follow_button(
    context: Context, subscriber: Subscriber, category: str
) -> InlineKeyboardButton:
    """Return `follow_button`; in a group, one that follows for the person who taps."""
    if not context.seen_by_many(subscriber):
        return follow_button(context, subscriber, category)
    name = context.category(category, subscriber)
    label = context.label("follow_category", subscriber, category=name)
    return button(label, FollowMyself(category))


def category_rows(
    context: Context, subscriber: Subscriber, category: str, *, alerts: bool
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons of a category: follow, alerts if it is followed, and its levels."""
    scale = OpenScale(About.CATEGORY, category, Origin.LIST, 0)
    amount = button(context.label("more_or_less", subscriber), scale)
    if category in subscriber.taste.follows:
        label = context.label("alerts_off" if alerts else "alerts_on", subscriber)
        row = [
            button(context.label("unfollow", subscriber), Follow(category, on=False)),
            button(label, Alerts(category, on=not alerts)),
            amount,
        ]
    else:
        key = "follow_here" if context.seen_by_many(subscriber) else "follow"
        row = [button(context.label(key, subscriber), Follow(category, on=True)), amount]
    return side_by_side(row)


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
    if not (is_name(word) and is_sure(word)) or request_of(word)[0] in {"off", "unfollow"}:
        return []
    followed = muted(word) in subscriber.taste.sought and not context.seen_by_many(subscriber)
    if followed or refusal(subscriber, word) in {"short", "long"}:
        return []
    label = context.label("follow_word", subscriber, word=shorten(word, LONGEST_NAME))
    return [[button(label, FollowThis())]]
