"""The menu of commands in the private chat of an editor or operator."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import BotCommandScopeChat
from telegram.error import BadRequest, Forbidden

if TYPE_CHECKING:
    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def show_menu(context: Context, subscriber: Subscriber) -> None:
    """Send Telegram the menu of one private chat: with the desk for an editor, or the usual one.

    Telegram shows this menu in this chat only.
    """
    services, chat_id = context.services, subscriber.chat_id
    renderer, language = services.renderer, subscriber.language
    scope = BotCommandScopeChat(chat_id)
    try:
        if await services.desk.rights.of(chat_id):
            further = renderer.desk_commands(language, operator=chat_id in services.admins)
            await context.bot.set_my_commands((*renderer.commands(language), *further), scope)
        else:
            await context.bot.delete_my_commands(scope)
    except (BadRequest, Forbidden) as error:
        log.info("could not change the menu of chat %d: %s", chat_id, error)
