"""The list of all handlers, in order, and the command menus that Telegram shows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeDefault, Update
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, TypeHandler

from handlers import errors
from handlers.account import privacy, stop
from handlers.chats import admission, channels, first_post, managed_list, membership, topics
from handlers.core.conversation import on_commands, on_taps
from handlers.desk import dates, editors, filing, home, journal_page, lists, suggesting
from handlers.desk.articles import amending, article_page, finding
from handlers.desk.drafts import draft_taps
from handlers.desk.menu import publish_menus
from handlers.entry import (
    help,  # noqa: A004 - named after its command
    links,
    request_answers,
    start,
    text,
    wish_answers,
)
from handlers.entry.commands import COMMANDS
from handlers.following import category, less, picker, undo, words, yours
from handlers.settings import settings, zones
from handlers.stories import (
    ahead,
    article,
    complaints,
    corrections,
    latest,
    matter,
    reading,
    reports,
    saved,
    search,
)
from handlers.stories.editions import digest, edition, why
from handlers.stories.sharing import inline
from templates.language.languages import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from telegram import Bot
    from telegram.ext import Application, ExtBot

    from handlers.core.context import Context
    from handlers.core.services.services import Services
    from templates import Renderer

log = logging.getLogger(__name__)

ALLOWED_UPDATES = (
    *("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result"),
    "my_chat_member",
)
"""Kinds of updates that Telegram should send; no handler wants any other."""

IN_CHANNELS, RIGHTS, ADMISSION, TOPICS = -3, -2, -1, 1
"""Numbers of the handler groups that run before and after all others, in this order."""

TAPS = (
    *article.TAPS,
    *complaints.TAPS,
    *edition.TAPS,
    *why.TAPS,
    *digest.TAPS,
    *latest.TAPS,
    *matter.TAPS,
    *reports.TAPS,
    *reading.TAPS,
    *saved.TAPS,
    *ahead.TAPS,
    *corrections.TAPS,
    *search.TAPS,
    *category.TAPS,
    *picker.TAPS,
    *words.TAPS,
    *yours.TAPS,
    *less.TAPS,
    *undo.TAPS,
    *settings.TAPS,
    *zones.TAPS,
    *channels.TAPS,
    *first_post.TAPS,
    *managed_list.TAPS,
    *topics.TAPS,
    *stop.TAPS,
    *privacy.TAPS,
    *links.TAPS,
    *start.TAPS,
    *request_answers.TAPS,
    *wish_answers.TAPS,
    *home.TAPS,
    *draft_taps.TAPS,
    *filing.TAPS,
    *finding.TAPS,
    *article_page.TAPS,
    *amending.TAPS,
    *dates.TAPS,
    *journal_page.TAPS,
    *lists.TAPS,
    *suggesting.TAPS,
    *editors.TAPS,
)
"""The buttons with their handlers. Each conversation declares its own, as `TAPS` of its module."""

UPDATES = (
    *inline.UPDATES,
    *membership.UPDATES,
    *channels.UPDATES,
    # Last, because these accept whatever is left: an unknown command, then any message.
    *help.UPDATES,
    *text.UPDATES,
)
"""The handlers of updates that are neither commands nor taps, in order; declared likewise."""


def register(application: Application[ExtBot[None], Context, Any, Any, Services, Any]) -> None:
    """Add all handlers to an application. The first handler that accepts an update gets it.

    Three groups run before the others: taps in channels are answered, then the privacy commands for
    everybody, and then other updates of people who may not use the bot are stopped. The last one
    notes the topics of forums.
    """
    application.add_handler(CallbackQueryHandler(admission.answer_aside), IN_CHANNELS)
    application.add_handlers(
        [
            admission.for_everybody(each)
            for each in (
                on_commands(privacy.COMMANDS),
                privacy.LINK,
                *privacy.TAPS,
            )
        ],
        RIGHTS,
    )
    application.add_handler(TypeHandler(Update, admission.admit), ADMISSION)
    application.add_handlers(
        [
            on_taps(TAPS),
            on_commands(COMMANDS),
            *UPDATES,
        ]
    )
    application.add_handler(topics.NOTES, TOPICS)
    application.add_error_handler(errors.failed)


async def publish(bot: Bot, renderer: Renderer, services: Services) -> None:
    """Send Telegram the commands and description in every language; refusals are only logged."""
    # Telegram accepts two-letter languages only, so one variant of a language is shown to all. It
    # shows the texts without a language to everybody else.
    short = {language.replace("_", "-").partition("-")[0] for language in renderer.languages}
    for code in (None, *sorted(each for each in short if len(each) == 2)):
        language = renderer.match(code, SOURCE_LANGUAGE)
        commands = renderer.commands(language)
        try:
            for scope in (BotCommandScopeDefault(), BotCommandScopeAllGroupChats()):
                await bot.set_my_commands(commands, scope, language_code=code)
            await bot.set_my_description(renderer.description(language), language_code=code)
            await bot.set_my_short_description(
                renderer.short_description(language), language_code=code
            )
        except TelegramError as error:
            log.warning("could not update the menu in %s: %s", code or language, error)
    await publish_menus(bot, services)
