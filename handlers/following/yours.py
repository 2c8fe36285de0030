"""Taps on the page “Yours” and on scales; yours_page.py builds the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.follow_buttons import quoted
from handlers.core.conversation import known_article, on_tap
from handlers.following.category import said, switched_alerts
from handlers.following.next_edition import announce_first
from handlers.following.picker import show_own, viewed
from handlers.following.yours_page import (
    about_story,
    mark_of_word,
    name_and_kind,
    scale,
    sources,
    subject_of_scale,
    yours,
)
from handlers.taps.callback_data import (
    AboutStory,
    OpenScale,
    OpenSources,
    OpenYours,
    Origin,
    SetBell,
    SetFollow,
    SetLevel,
    UnmuteWord,
)

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber


async def open_yours(update: Update, context: Context, tap: OpenYours) -> None:
    """Show a page of “Yours” in place of the tapped message."""
    await show_yours(update, context, await context.subscriber(update), tap.page, Origin.YOURS)


async def show_yours(
    update: Update, context: Context, subscriber: Subscriber, page: int, origin: Origin
) -> None:
    """Show a page of “Yours” in place of the tapped message: alone, or as a tab of the picker."""
    if origin is Origin.PICKER:
        view = await viewed(context, subscriber, journey=False)
        await show_own(update, context, view, page)
    else:
        await context.edit(update, *await yours(context, subscriber, page))


async def open_sources(update: Update, context: Context, tap: OpenSources) -> None:
    """Show a page of all sources in place of the tapped message."""
    await context.edit(update, *await sources(context, await context.subscriber(update), tap.page))


async def open_story(update: Update, context: Context, tap: AboutStory) -> None:
    """Show what a story is about: in a new message below its card, or in place on the way back."""
    article = await known_article(context, tap)
    shown = await about_story(context, await context.subscriber(update), article)
    if tap.in_place:
        await context.edit(update, *shown)
    else:
        await context.reply(update, *shown)


async def open_scale(update: Update, context: Context, tap: OpenScale) -> None:
    """Show the levels of one category or source, from off to more, in the tapped message."""
    await context.edit(update, *await scale(context, await context.subscriber(update), tap))


async def set_level(update: Update, context: Context, tap: SetLevel) -> str | None:
    """Set a category or source to the tapped level, and return the text to show."""
    before, subject = await context.subscriber(update), subject_of_scale(tap)
    name, _ = await name_and_kind(context, before, subject, tap)
    subscriber = await context.readers.set_level(before, subject, tap.level)
    await context.edit(update, *await scale(context, subscriber, tap))
    if isinstance(subject, str) and before.next_at is None:
        await announce_first(update, context, subscriber, subject)
    return context.label_for(f"now_{tap.level}", subscriber, name=name)


async def set_follow(update: Update, context: Context, tap: SetFollow) -> str | None:
    """Follow or unfollow a category from its scale, and return the text to show."""
    before = await context.subscriber(update)
    await name_and_kind(context, before, tap.subject, tap)
    subscriber = await context.readers.follow(before, tap.subject, on=tap.on)
    await context.edit(update, *await scale(context, subscriber, tap))
    return await said(update, context, subscriber, tap, announce=before.next_at is None)


async def set_bell(update: Update, context: Context, tap: SetBell) -> str | None:
    """Switch the alerts of a followed category from its scale, and return the text to show."""
    subscriber = await context.subscriber(update)
    on, only_large = (True, tap.on) if tap.large else (tap.on, None)
    subscriber, notice = await switched_alerts(
        context, subscriber, tap.subject, tap, on=on, only_large=only_large
    )
    await context.edit(update, *await scale(context, subscriber, tap))
    return notice


async def unmute_word(update: Update, context: Context, tap: UnmuteWord) -> str | None:
    """Unmute a word and show “Yours” again. A word that is not muted any more is no error."""
    subscriber = await context.subscriber(update)
    notice = None
    for word in subscriber.taste.muted_words:
        if mark_of_word(word) == tap.mark:
            subscriber = await context.services.subscribers.unmute_word(subscriber.id, word)
            name = quoted(context, subscriber, word)
            notice = context.label_for("now_normal", subscriber, name=name)
    await show_yours(update, context, subscriber, tap.page, tap.origin)
    return notice


TAPS = (
    on_tap(OpenYours, open_yours),
    on_tap(OpenSources, open_sources),
    on_tap(AboutStory, open_story),
    on_tap(OpenScale, open_scale),
    on_tap(SetLevel, set_level),
    on_tap(SetFollow, set_follow),
    on_tap(SetBell, set_bell),
    on_tap(UnmuteWord, unmute_word),
)
