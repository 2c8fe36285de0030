"""Rich messages sent by raw API calls, because python-telegram-bot 22.8 does not support them.

A reply is tried with pictures, then without, and is otherwise left to plain HTML. Remove this once
python-telegram-bot supports Bot API 10.1.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from telegram import Message
from telegram.error import BadRequest, EndPointNotFound, InvalidToken

from digest.pacing.telegram_errors import BAD_PICTURE, Action, judge
from storage.model import Form

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove
    from telegram.ext import ExtBot

    from digest.making.rich_messages import RichMessages
    from templates import RichMessage

log = logging.getLogger(__name__)

SEND = "sendRichMessage"
EDIT = "editmessagetext"
"""Name of the method that edits a message, in lower case.

Telegram accepts method names in any case. With the usual name, python-telegram-bot would warn that
it has this method, but its own has no blocks.
"""


async def send_rich(
    bot: ExtBot[None],
    rich: RichMessages,
    message: RichMessage,
    *,
    chat_id: int,
    now: datetime,
    thread_id: int = 0,
    keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None,
    to: int | None = None,
) -> Message | None:
    """Send a rich message; return None if it has to be sent in plain HTML.

    `thread_id` is 0 without a topic; `to` is the id of the message to reply to. A TelegramError
    means that the message cannot be sent in any form.
    """
    request: dict[str, Any] = {"chat_id": chat_id}
    if thread_id:
        request["message_thread_id"] = thread_id
    if keyboard is not None:
        request["reply_markup"] = keyboard
    if to is not None:
        request["reply_parameters"] = {"message_id": to, "allow_sending_without_reply": True}
    return await _tried(bot, rich, message, SEND, request, now=now)


async def edit_rich(
    bot: ExtBot[None],
    rich: RichMessages,
    message: RichMessage,
    *,
    chat_id: int,
    message_id: int,
    now: datetime,
    keyboard: InlineKeyboardMarkup | None,
) -> Message | None:
    """Change a plain or rich message into a rich one; return None if plain HTML is needed.

    A BadRequest means that the message looks the same already, or no longer exists.
    """
    request: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id}
    if keyboard is not None:
        request["reply_markup"] = keyboard
    return await _tried(bot, rich, message, EDIT, request, now=now)


async def _tried(
    bot: ExtBot[None],
    rich: RichMessages,
    message: RichMessage,
    method: str,
    request: dict[str, Any],
    *,
    now: datetime,
) -> Message | None:
    if not rich.are_known:
        return None
    shown = message
    while True:
        blocks = json.loads("".join(shown.pieces))
        form = Form.PICTURED if shown.pictures else Form.RICH
        try:
            sent = await bot.do_api_request(method, {**request, "rich_message": blocks})
        except EndPointNotFound:
            if await rich.method_is_unknown():
                return None
            raise InvalidToken from None
        except BadRequest as error:
            verdict = judge(error, attempts=0, now=now, form=form)
            if unchanged(error) or verdict.action not in {Action.WITHOUT_PICTURES, Action.HTML}:
                raise
            log.warning("Telegram refuses a rich message: %s", error)
            if verdict.error == BAD_PICTURE:
                await rich.forget_pictures([address for _, address in shown.pictures])
            if verdict.action is Action.HTML:
                return None
            shown = shown.without_pictures()
        else:
            return Message.de_json(sent, bot)


def unchanged(error: BadRequest) -> bool:
    """Return whether the error only says that the message looks the same already."""
    return "message is not modified" in error.message.casefold()
