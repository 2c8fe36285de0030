"""Undo of a change to what a chat gets of a subject: one button for sentences and cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import Message

from handlers.core.conversation import on_tap
from handlers.following.yours_page import name_and_kind, subject_of_scale
from handlers.taps.callback_codec import base36
from handlers.taps.callback_data import About, UndoSubject

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subject, Subscriber


async def undo_of_subject(context: Context, before: Subscriber, subject: Subject) -> UndoSubject:
    """Return the tap that restores the level of a category or source, and its follow and alerts."""
    taste = before.taste
    level = taste.level(subject)
    if isinstance(subject, int):
        return UndoSubject(About.SOURCE, base36(subject), level, followed=False, alerts=False)
    alerts = subject in await context.services.subscribers.alerts(before.id)
    followed = subject in taste.follows
    return UndoSubject(About.CATEGORY, subject, level, followed, alerts)


async def undo_subject(update: Update, context: Context, tap: UndoSubject) -> None:
    """Restore what a category or source had before a change, and say so in place of the change."""
    before, subject = await context.subscriber(update), subject_of_scale(tap)
    await name_and_kind(context, before, subject, tap)
    subscriber = await context.readers.set_level(before, subject, tap.level)
    if isinstance(subject, str) and tap.followed:
        await context.services.subscribers.follow(subscriber.id, subject, alerts=tap.alerts)
        subscriber = await context.readers.scheduled(subscriber)
    elif isinstance(subject, str) and subject in subscriber.taste.follows:
        subscriber = await context.readers.follow(subscriber, subject, on=False)
    await say_undone(update, context, subscriber)


async def say_undone(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Say in place of the line that it was taken back."""
    if isinstance(update.effective_message, Message):
        line = context.label("undone", subscriber)
        await context.edit(update, context.render("done", subscriber, line=line))


TAPS = (on_tap(UndoSubject, undo_subject),)
