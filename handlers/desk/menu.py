"""The menu of commands in the private chat of an editor or operator."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import BotCommandScopeChat
from telegram.error import TelegramError

from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from telegram import Bot

    from handlers.core.services.services import Services
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def publish_menus(bot: Bot, services: Services) -> None:
    """Send Telegram the menus of all editors and operators who pressed Start.

    The names of former editors are deleted. During an outage of the database this is left to
    `/desk`, which sends the menu again.
    """
    try:
        editors = await services.desk.rights.people()
        await services.desk.editors.keep_names(editors)
        for person_id in sorted(editors):
            known = await services.subscribers.find(person_id)
            if known is not None:
                await show_menu(bot, services, known)
    except DatabaseUnavailableError as error:
        log.warning("could not update the menus of editors: %s", error)


async def show_menu(bot: Bot, services: Services, subscriber: Subscriber) -> None:
    """Send Telegram a private chat's own menu: with the desk for an editor, or the usual one."""
    chat_id = subscriber.chat_id
    renderer, language = services.renderer, subscriber.language
    scope = BotCommandScopeChat(chat_id)
    try:
        if await services.desk.rights.of(chat_id):
            further = renderer.desk_commands(language, operator=chat_id in services.people.admins)
            await bot.set_my_commands((*renderer.commands(language), *further), scope)
        else:
            await bot.delete_my_commands(scope)
    except TelegramError as error:
        log.info("could not change the menu of chat %d: %s", chat_id, error)
