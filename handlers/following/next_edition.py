"""When the next edition comes, in words, and the buttons of a managed chat's first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button, fitted_rows
from handlers.taps.callback_data import FirstEdition, OpenSheet, PickPage, Sheet, Tab
from storage.model import ChatKind, State
from templates.language.dates import due_day

if TYPE_CHECKING:
    from telegram import InlineKeyboardButton, Update

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


def when_next(context: Context, subscriber: Subscriber) -> str:
    """Return a phrase such as `tomorrow at 08:00, Milan time`; empty if no edition is due."""
    at = subscriber.next_at
    if at is None:
        return ""
    filters = context.services.renderer.filters(context.language_for(subscriber))
    return context.label(
        f"when_{due_day(at, context.now, subscriber.zone)}",
        subscriber,
        day=filters.dates.weekday(at, subscriber.zone),
        time=filters.dates.clock(at, subscriber.zone),
        city=context.city(subscriber),
    )


def when_first(context: Context, subscriber: Subscriber) -> str:
    """Return when the first edition of a managed chat comes; empty for others, or after it."""
    if context.managed is None or not awaits_first(subscriber):
        return ""
    return when_next(context, subscriber)


async def announce_first(
    update: Update, context: Context, subscriber: Subscriber, slug: str
) -> None:
    """Say when the first edition comes, unless none is due or one has come."""
    if subscriber.next_at is None or subscriber.place != 0:
        return
    keyboard = fitted_rows(
        (
            button(context.label("change_time", subscriber), OpenSheet(Sheet.HOUR)),
            button(context.label("change_city", subscriber), OpenSheet(Sheet.ZONE)),
            button(
                context.label("choose_categories", subscriber),
                PickPage(Tab.SECTIONS, 0, journey=False),
            ),
        )
    )
    await context.reply(
        update,
        context.render(
            "first_follow", subscriber, category=slug, when=when_next(context, subscriber)
        ),
        keyboard,
    )
