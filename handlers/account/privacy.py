"""`/privacy`, `/export` and `/forget`: what is kept about a chat, all of it, and none of it."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden

from handlers.buttons.keyboards import button
from handlers.core.administrators import is_refused
from handlers.core.origin import chat_of, in_private, is_from_a_chat
from handlers.taps.privacy_data import AskForget, ExportAll, Forget, KeepAll, OpenPrivacy

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber
    from templates import RenderedMessage

log = logging.getLogger(__name__)

WRITTEN = datetime(2026, 11, 27, tzinfo=UTC)
"""When what /privacy says was last changed."""


async def privacy(update: Update, context: Context) -> None:
    """Say what is kept and why; with the ways to have it, and to have it deleted."""
    subscriber = await context.subscriber(update)
    message = context.render(
        "privacy",
        subscriber,
        private=in_private(update),
        policy=context.services.policy,
        written=WRITTEN,
    )
    keyboard = [
        [button(context.label("export", subscriber), ExportAll())],
        [button(context.label("forget", subscriber), AskForget())],
    ]
    await context.reply(update, message, InlineKeyboardMarkup(keyboard))


async def export(update: Update, context: Context) -> None:
    """Send all that is kept about this chat; of a group, to the administrator who asks."""
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    if is_from_a_chat(update):
        # Who it is shows only when they tap.
        message = context.render("exported", subscriber, outcome="who")
        keyboard = [[button(context.label("export", subscriber), ExportAll())]]
        await context.reply(update, message, InlineKeyboardMarkup(keyboard))
    else:
        await _send(update, context, subscriber)


async def open_privacy(update: Update, context: Context, _tap: OpenPrivacy) -> str | None:
    """The button under a newcomer's first edition."""
    await privacy(update, context)
    return None


async def export_all(update: Update, context: Context, _tap: ExportAll) -> str | None:
    """The button under /privacy."""
    await _send(update, context, await context.subscriber(update))
    return None


async def _send(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Send the files, and say where they are if not here, or why there are none."""
    outcome = await _sent(update, context, subscriber)
    if outcome is not None:
        await context.reply(update, context.render("exported", subscriber, outcome=outcome))


async def _sent(update: Update, context: Context, subscriber: Subscriber) -> str | None:
    user, services, chat_id = update.effective_user, context.services, chat_of(update).id
    if services.memory.exported.get(chat_id, context.now):
        return "again"
    to = chat_id if in_private(update) or user is None else user.id
    document = await services.export.of(chat_id, context.now)
    text = await asyncio.to_thread(json.dumps, document, ensure_ascii=False, indent=1)
    page = services.renderer.fragment("export", subscriber.language, document=document)
    try:
        for name, content, caption in (
            ("on-news.json", text, "export_for_programs"),
            ("on-news.html", page, "export_to_read"),
        ):
            await context.bot.send_document(
                to,
                content.encode(),
                filename=name,
                caption=context.label(caption, subscriber),
            )
    except (Forbidden, BadRequest):
        # Nobody is written to who has never pressed Start.
        return "start first"
    services.memory.exported.put(chat_id, value=True, now=context.now)
    return None if to == chat_id else "private"


async def forget(update: Update, context: Context) -> None:
    """Say what would go, and ask once."""
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    await context.reply(update, *_question(update, context, subscriber))


async def ask_forget(update: Update, context: Context, _tap: AskForget) -> str | None:
    """The button under /privacy."""
    subscriber = await context.subscriber(update)
    await context.reply(update, *_question(update, context, subscriber))
    return None


def _question(
    update: Update, context: Context, subscriber: Subscriber
) -> tuple[RenderedMessage, InlineKeyboardMarkup]:
    keyboard = [
        [button(context.label("forget_now", subscriber), Forget())],
        [button(context.label("keep_all", subscriber), KeepAll())],
    ]
    message = context.render("forget", subscriber, private=in_private(update))
    return message, InlineKeyboardMarkup(keyboard)


async def keep_all(update: Update, context: Context, _tap: KeepAll) -> str | None:
    """Nothing is deleted."""
    subscriber = await context.subscriber(update)
    await context.edit(update, context.render("exported", subscriber, outcome="kept"))
    return None


async def forget_now(update: Update, context: Context, _tap: Forget) -> str | None:
    """Delete everything, and say so. From here on nothing may make the chat a subscriber again."""
    services, chat = context.services, chat_of(update)
    known = await services.subscribers.find(chat.id, chat.thread_id)
    language = known.language if known is not None else context.language(update)
    if services.tombstones is not None:
        # First: once the rows are gone, nobody asks again.
        await asyncio.to_thread(services.tombstones.add, chat.id, context.now)
    managed = [] if known is None else await services.admissions.channels_of(known.id)
    await services.forgetting.forget(chat.id)
    if services.tombstones is not None:
        # A backup that began in between has the chat: this note is younger than it.
        try:
            await asyncio.to_thread(services.tombstones.add, chat.id, context.now)
        except OSError:
            log.exception("only a backup that began in this very moment may bring the chat back")
    # Who else manages them may not be let in.
    await services.admissions.apply_to_channels(managed)
    services.memory.forget(chat.id)
    services.known_chats.forget(chat.id)
    log.info("a chat was forgotten, as it asked")
    message = services.renderer.message("forgotten", language, returns=context.lets_in(chat.id))
    await context.edit(update, message)
    return None
