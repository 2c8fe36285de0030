"""Buttons that preview and post the first edition of a channel, a group or a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button
from handlers.taps.callback_data import FirstEdition
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from storage.model import Subscriber


def awaits_first(subscriber: Subscriber) -> bool:
    """Return whether a subscriber follows something and has had no edition yet."""
    active = subscriber.state is State.ACTIVE
    return active and subscriber.place == 0 and subscriber.taste.follows_anything


def first_edition_rows(
    context: Context, subscriber: Subscriber
) -> list[list[InlineKeyboardButton]]:
    """Return rows that preview and post a group's or channel's first edition; none after it."""
    managed = context.managed is not None
    if not awaits_first(subscriber) or not (managed or subscriber.kind is ChatKind.TOPIC):
        return []
    preview = [button(context.label("preview_first", subscriber), FirstEdition(post=False))]
    post = [button(context.label("post_first", subscriber), FirstEdition(post=True))]
    return [preview, post] if managed else [post]
