"""Notices shown briefly after a tap, worded for a reader, a group, a topic or a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.following.next_edition import when_next
from handlers.taps.callback_codec import StaleTap
from storage.model import State

if TYPE_CHECKING:
    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber


def followed(context: Context, subscriber: Subscriber, slug: str) -> str:
    """Return the notice that a category is followed now, with the time of the next edition."""
    name = context.category(slug, subscriber)
    if subscriber.state is State.STOPPED:
        return context.label_for("now_followed_stopped", subscriber, category=name)
    paused = subscriber.paused_until
    if paused is not None and paused > context.now:
        filters = context.services.renderer.filters(context.language_for(subscriber))
        day = filters.dates.weekday(paused, subscriber.zone)
        return context.label_for("now_followed_paused", subscriber, category=name, day=day)
    when = when_next(context, subscriber)
    if not when:
        return context.label_for("now_followed", subscriber, category=name)
    first = subscriber.place == 0
    key = "now_followed_first" if first else "now_followed_next"
    return context.label_for(key, subscriber, category=name, when=when)


async def switched_alerts(
    context: Context, subscriber: Subscriber, slug: str, tap: Tap, *, on: bool
) -> str:
    """Switch a followed category's alerts; return the notice, or raise StaleTap if not followed."""
    if slug not in subscriber.taste.follows:
        raise StaleTap(tap.pack())
    await context.services.subscribers.follow(subscriber.id, slug, alerts=on)
    key = "now_alerted" if on else "now_unalerted"
    return context.label_for(key, subscriber, category=context.category(slug, subscriber))
