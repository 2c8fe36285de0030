"""`/privacy`, `/export` and `/forget`: what is stored about a chat, its export and deletion."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton
from telegram.error import BadRequest, Forbidden
from telegram.ext.filters import TEXT, ChatType, MessageFilter

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_commands, on_tap
from handlers.core.origin import chat_of, in_private, is_from_a_chat
from handlers.core.permissions import may_choose
from handlers.taps.callback_data import AskForget, ExportAll, Forget, KeepAll, OpenPrivacy
from handlers.typed.message_words import after_command, words_in

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

log = logging.getLogger(__name__)

PRIVACY_PAYLOAD = "privacy"
"""Payload of a link that opens `/privacy` in the private chat."""

WRITTEN = datetime(2026, 12, 6, tzinfo=UTC)
"""Date of the last change to the text of /privacy."""


async def privacy(update: Update, context: Context) -> None:
    """Say what is stored and why, with buttons to export and to delete it."""
    subscriber = await context.subscriber(update)
    message = context.render(
        "privacy",
        subscriber,
        private=in_private(update),
        policy=context.services.policy,
        editor=bool(await context.services.desk.rights.given(subscriber.chat_id)),
        written=WRITTEN,
    )
    keyboard = [
        [button(context.label("export", subscriber), ExportAll())],
        [button(context.label("forget", subscriber), AskForget())],
    ]
    await context.reply(update, message, keyboard)


async def export(update: Update, context: Context) -> None:
    """Send all data stored about this chat; for a group, to the administrator who asks."""
    subscriber = await context.subscriber(update)
    if await is_refused_data(update, context, subscriber):
        return
    if is_from_a_chat(update):
        # The administrator is anonymous; a tap reveals the person.
        message = context.render("exported", subscriber, outcome="who")
        keyboard = [[button(context.label("export", subscriber), ExportAll())]]
        await context.reply(update, message, keyboard)
    else:
        await _send(update, context, subscriber)


async def is_refused_data(update: Update, context: Context, subscriber: Subscriber) -> bool:
    """Return whether the writer may not have this chat's data; if so, say whose data it is."""
    if await may_choose(update, context):
        return False
    keyboard = [[_own_data(context, subscriber)]]
    await context.reply(update, context.render("whose_data", subscriber), keyboard)
    return True


def _own_data(context: Context, subscriber: Subscriber) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        context.label("own_data", subscriber), url=context.link(PRIVACY_PAYLOAD)
    )


async def open_privacy(update: Update, context: Context, _tap: OpenPrivacy) -> None:
    """Answer the button under a newcomer's first edition as `/privacy` does."""
    await privacy(update, context)


async def export_all(update: Update, context: Context, _tap: ExportAll) -> None:
    """Answer the button under /privacy as `/export` does."""
    await _send(update, context, await context.subscriber(update))


async def _send(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Send the files; say where they were sent if not here, or why none were."""
    outcome = await _sent(update, context, subscriber)
    if outcome is not None:
        message = context.render("exported", subscriber, outcome=outcome)
        own = [_own_data(context, subscriber)] if outcome == "private" else None
        await context.reply(update, message, [own] if own else None)


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
        # A bot cannot write to a person who never pressed Start.
        return "start first"
    services.memory.exported.put(chat_id, value=True, now=context.now)
    return None if to == chat_id else "private"


async def forget(update: Update, context: Context) -> None:
    """Say what would be deleted, and ask for confirmation."""
    subscriber = await context.subscriber(update)
    if await is_refused_data(update, context, subscriber):
        return
    await context.reply(update, *_question(update, context, subscriber))


async def ask_forget(update: Update, context: Context, _tap: AskForget) -> None:
    """Answer the button under /privacy as `/forget` does."""
    subscriber = await context.subscriber(update)
    await context.reply(update, *_question(update, context, subscriber))


def _question(update: Update, context: Context, subscriber: Subscriber) -> Reply:
    keyboard = [
        [button(context.label("forget_now", subscriber), Forget())],
        [button(context.label("keep_all", subscriber), KeepAll())],
    ]
    if not in_private(update):
        keyboard.append([_own_data(context, subscriber)])
    message = context.render("forget", subscriber, private=in_private(update))
    return message, keyboard


async def keep_all(update: Update, context: Context, _tap: KeepAll) -> None:
    """Say that nothing was deleted."""
    subscriber = await context.subscriber(update)
    await context.edit(update, context.render("exported", subscriber, outcome="kept"))


async def forget_now(update: Update, context: Context, _tap: Forget) -> None:
    """Delete all data of the chat, and confirm it without creating the subscriber again."""
    services, chat = context.services, chat_of(update)
    known = await services.subscribers.find(chat.id, chat.thread_id)
    language = known.language if known is not None else context.language(update)
    if services.tombstones is not None:
        # Record this first: if it fails, the rows still exist and the reader can ask again.
        await asyncio.to_thread(services.tombstones.add, chat.id, context.now)
    managed = [] if known is None else await services.admissions.channels_of(known.id)
    sent = {} if known is None else await services.desk.sent_lately(known.id, context.now)
    await services.forgetting.forget(chat.id)
    for what, times in sent.items():
        services.memory.keep_sent(what, chat.id, times, context.now)
    if services.tombstones is not None:
        # A backup begun in the meantime contains the chat; this second record is later than it.
        try:
            await asyncio.to_thread(services.tombstones.add, chat.id, context.now)
        except OSError:
            log.exception(
                "second record of a deletion failed: a backup begun during it may restore the chat"
            )
    # The remaining managers of these channels may have no access to the bot.
    await services.admissions.apply_to_channels(managed)
    services.memory.forget(chat.id)
    services.known_chats.forget(chat.id)
    log.info("the data of a chat was deleted at its request")
    message = services.renderer.message("forgotten", language, returns=context.lets_in(chat.id))
    await context.edit(update, message)


class _OpensPrivacy(MessageFilter):
    def filter(self, message: Message) -> bool:
        return after_command(words_in(message)) == PRIVACY_PAYLOAD


COMMANDS = {"privacy": privacy, "export": export, "forget": forget}
LINK = on_commands({"start": privacy}, ChatType.PRIVATE & TEXT & _OpensPrivacy())
"""The handler of links that open `/privacy`."""
TAPS = (
    on_tap(OpenPrivacy, open_privacy),
    on_tap(ExportAll, export_all),
    on_tap(AskForget, ask_forget),
    on_tap(Forget, forget_now),
    on_tap(KeepAll, keep_all),
)
"""Like the commands and the link, these also work for people who may not use the bot."""
