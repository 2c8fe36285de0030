"""“My channels and groups” in a private chat: a list that Telegram is asked about as it opens."""

from __future__ import annotations

import asyncio
import logging
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardButton
from telegram.error import BadRequest, Forbidden, TelegramError

from handlers.buttons.keyboards import OFF, button
from handlers.buttons.pages import Pages
from handlers.chats.chat_look import look_at
from handlers.core.conversation import on_tap
from handlers.core.managing import in_topic, manage, name_in, title_of
from handlers.core.origin import ChatOrTopic, in_private
from handlers.core.permissions import ask_administrators
from handlers.settings.settings import LONGEST_LABEL, show_tapped
from handlers.taps.callback_codec import StaleTap, about
from handlers.taps.callback_data import (
    AskChannel,
    DropManaged,
    OpenClosed,
    OpenManaged,
    OpenSheet,
    Sheet,
    TryAgain,
)
from storage.model import ChatKind, State
from storage.readers.managers import Managed
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

log = logging.getLogger(__name__)

PER_PAGE = 16
AT_ONCE = 5
"""The most chats that Telegram is asked about at the same time."""
PATIENCE = 3.0
"""Seconds to wait for Telegram's answers before the list is shown as stored."""


class _Standing(Enum):
    THEIRS = auto()
    """The manager administers the chat, or Telegram has not answered; each tap asks again."""
    CLOSED = auto()
    """The bot may no longer write there, or the chat is gone."""
    ANOTHERS = auto()


class _Look(NamedTuple):
    administrators: frozenset[int]
    title: str | None
    """The title; None if it was not asked for, because the administrators were still remembered."""


async def open_managed(update: Update, context: Context, tap: OpenManaged) -> None:
    """Show a page of the managed channels and groups in place."""
    if not in_private(update):
        raise StaleTap(tap.pack())
    await context.edit(update, *await managed_page(context, await context.own(update), tap.page))


async def open_closed(update: Update, context: Context, tap: OpenClosed) -> None:
    """Explain why a chat is closed to the bot, with buttons to try again or to remove it."""
    own, managed = await _owned(update, context, tap)
    message = context.services.renderer.message(
        "managed_state",
        own.language,
        subscriber=managed.subscriber,
        title=managed.title,
        returned=False,
    )
    ways = {
        "try_again": TryAgain(tap.subscriber),
        "remove_from_list": DropManaged(tap.subscriber),
        "back": OpenManaged(),
    }
    keyboard = [[button(context.label(key, own), way)] for key, way in ways.items()]
    await context.edit(update, message, keyboard)


async def try_again(update: Update, context: Context, tap: TryAgain) -> str | None:
    """Resume a chat if the bot may write there again, and show its settings.

    Telegram does not report every such change, so the manager can ask for this check.
    """
    own, (subscriber, _) = await _owned(update, context, tap)
    look = await look_at(context, subscriber.chat_id)
    if look is None or not look.bot_may_write:
        return context.label("still_closed", own)
    if own.chat_id not in look.administrators:
        return context.label("not_your_button", own)
    if subscriber.state is State.GONE:
        if subscriber.thread_id and not await _may_write_in_topic(context, subscriber):
            return context.label("still_closed", own)
        kind = ChatKind.TOPIC if subscriber.thread_id else look.kind
        chat = ChatOrTopic(subscriber.chat_id, subscriber.thread_id, kind)
        await context.readers.add(chat, subscriber.language)
    if not await manage(update, context, subscriber.id):
        return context.label("still_closed", own)
    subscriber = await context.subscriber(update)
    await show_tapped(update, context, subscriber)
    return None


async def _may_write_in_topic(context: Context, topic: Subscriber) -> bool:
    """Send a line to a topic, without a sound; return whether it arrived.

    Telegram answers a chat action for a deleted topic as if it were there, so only a message shows
    whether it is (https://github.com/tdlib/telegram-bot-api/issues/732).
    """
    try:
        await context.bot.send_message(
            topic.chat_id,
            context.label("topic_open_again", topic),
            message_thread_id=topic.thread_id,
            disable_notification=True,
        )
    except (BadRequest, Forbidden) as error:
        log.info("topic %d of chat %d is closed: %s", topic.thread_id, topic.chat_id, error)
        return False
    return True


async def drop_managed(update: Update, context: Context, tap: DropManaged) -> None:
    """Remove a chat from the list of the person who tapped; its other managers keep it."""
    own, (subscriber, _) = await _owned(update, context, tap)
    await context.services.managers.remove(tap.subscriber, own.id)
    if subscriber.kind is ChatKind.CHANNEL:
        await context.services.admissions.apply_to_channels([subscriber])
    await context.edit(update, *await managed_page(context, own, 0))


async def _owned(
    update: Update, context: Context, tap: OpenClosed | TryAgain | DropManaged
) -> tuple[Subscriber, Managed]:
    if not in_private(update):
        raise StaleTap(tap.pack())
    own = await context.own(update)
    title = await context.services.managers.title(tap.subscriber, own.id)
    subscriber = await context.services.subscribers.get(tap.subscriber)
    if title is None or subscriber is None:
        raise StaleTap(tap.pack())
    return own, Managed(subscriber, title)


async def managed_page(context: Context, own: Subscriber, page: int) -> Reply:
    """Return a page of the chats that a person still administers, one button each."""
    every = await context.services.managers.managed(own.id)
    pages = Pages.within(page, len(every), PER_PAGE)
    shown = await _looked_at(context, own, pages.part(every))
    lines = [[_entry(each, standing)] for each, standing in shown]
    turn = pages.turning(context, own, OpenManaged)
    lines += [turn] if turn else []
    lines += [
        [button(context.label("add_channel", own), AskChannel())],
        [
            InlineKeyboardButton(
                context.label("add_group", own),
                url=f"https://t.me/{context.bot.username}?startgroup=",
            )
        ],
        [button(context.label("back", own), OpenSheet(Sheet.MAIN))],
    ]
    off = any(_is_off(each, standing) for each, standing in shown)
    anything = bool(shown) or len(every) > PER_PAGE
    message = context.render("managed_list", own, anything=anything, off=off)
    return message, lines


def _entry(managed: Managed, standing: _Standing) -> InlineKeyboardButton:
    opens = OpenClosed(managed.subscriber.id).pack()
    if standing is _Standing.THEIRS:
        opens = about(managed.subscriber.id, OpenSheet(Sheet.MAIN).pack())
    label = (OFF if _is_off(managed, standing) else "") + managed.title
    return InlineKeyboardButton(shorten(label, LONGEST_LABEL), callback_data=opens)


def _is_off(managed: Managed, standing: _Standing) -> bool:
    return standing is _Standing.CLOSED or managed.subscriber.state is not State.ACTIVE


async def _looked_at(
    context: Context, own: Subscriber, part: Sequence[Managed]
) -> list[tuple[Managed, _Standing]]:
    """Return the chats of a page with their present names and their manager's relation to each."""
    asked = {each.subscriber.chat_id for each in part if each.subscriber.state is not State.GONE}
    looks = await _looks(context, asked)
    found: list[tuple[Managed, _Standing]] = []
    for each in part:
        look = looks.get(each.subscriber.chat_id)
        if isinstance(look, _Look) and own.chat_id not in look.administrators:
            standing = _Standing.ANOTHERS
        elif each.subscriber.state is State.GONE or isinstance(look, BadRequest | Forbidden):
            standing = _Standing.CLOSED
        else:
            standing = _Standing.THEIRS
        if standing is not _Standing.ANOTHERS:
            found.append((await _renamed(context, each, look), standing))
    return found


async def _looks(
    context: Context, chat_ids: Iterable[int]
) -> dict[int, _Look | TelegramError | None]:
    """Return Telegram's answer or error for each chat; None if it took too long."""
    places = asyncio.Semaphore(AT_ONCE)
    asking = {each: asyncio.create_task(_look(context, each, places)) for each in chat_ids}
    if not asking:
        return {}
    _, late = await asyncio.wait(asking.values(), timeout=PATIENCE)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return {each: None if task in late else task.result() for each, task in asking.items()}


async def _look(context: Context, chat_id: int, places: asyncio.Semaphore) -> _Look | TelegramError:
    known = context.services.memory.administrators.get(chat_id, context.now)
    if known is not None:
        return _Look(known, None)
    async with places:
        try:
            known = await ask_administrators(context, chat_id)
            return _Look(known, await title_of(context.bot, chat_id))
        except TelegramError as error:
            log.info("cannot list the administrators of managed chat %d: %s", chat_id, error)
            return error


async def _renamed(
    context: Context, managed: Managed, look: _Look | TelegramError | None
) -> Managed:
    """Return the chat under its present name, and store the name: channels' are not reported."""
    if not isinstance(look, _Look) or look.title is None:
        return managed
    title = look.title
    if managed.subscriber.kind is ChatKind.TOPIC:
        title = in_topic(title, name_in(managed.title))
    if title != managed.title:
        await context.services.managers.rename(managed.subscriber.id, title)
    return managed._replace(title=title)


TAPS = (
    on_tap(OpenManaged, open_managed),
    on_tap(OpenClosed, open_closed),
    on_tap(TryAgain, try_again),
    on_tap(DropManaged, drop_managed),
)
