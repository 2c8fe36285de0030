"""Which handler answers what, in order, and what Telegram's menus say of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeDefault
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, InlineQueryHandler, MessageHandler
from telegram.ext.filters import COMMAND, LOCATION, TEXT, StatusUpdate, UpdateType

from handlers import (
    article,
    category,
    digest,
    errors,
    groups,
    help,  # noqa: A004 - named after its command, as every file here
    inline,
    latest,
    saved,
    search,
    settings,
    start,
    stop,
    taps,
    text,
    zones,
)
from handlers.conversation import on_command, on_tap, stale

if TYPE_CHECKING:
    from telegram import Bot
    from telegram.ext import Application, ExtBot

    from handlers.context import Context, Services
    from templates import Renderer

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "callback_query", "inline_query", "my_chat_member")
"""The updates that a handler here wants; Telegram sends no others."""

COMMANDS = {
    "start": start.start,
    "latest": latest.latest,
    "category": category.category,
    "digest": digest.digest,
    "search": search.search,
    "saved": saved.saved,
    "settings": settings.settings,
    "stop": stop.stop,
    "help": help.show_help,
}

TAPS = (
    on_tap(taps.OpenCard, article.open_card),
    on_tap(taps.Turn, latest.turn),
    on_tap(taps.Read, article.read_here),
    on_tap(taps.Save, article.save),
    on_tap(taps.More, article.more),
    on_tap(taps.MuteMenu, article.mute_menu),
    on_tap(taps.MuteFromCard, article.mute_from_card),
    on_tap(taps.Shared, saved.shared),
    on_tap(taps.ShowCategory, category.show_category),
    on_tap(taps.Follow, category.follow),
    on_tap(taps.Mute, category.mute),
    on_tap(taps.Alerts, category.alerts),
    on_tap(taps.Pick, category.picked),
    on_tap(taps.PickPage, category.pick_page),
    on_tap(taps.Picked, start.picked),
    on_tap(taps.JourneyHour, start.journey_hour),
    on_tap(taps.JourneyZone, start.journey_zone),
    on_tap(taps.AskLocation, zones.ask_location),
    on_tap(taps.OpenSheet, settings.open_sheet),
    on_tap(taps.OpenSettings, settings.open_settings),
    on_tap(taps.SetMinute, settings.set_minute),
    on_tap(taps.SetDays, settings.set_days),
    on_tap(taps.SetZone, settings.set_zone),
    on_tap(taps.SetLanguage, settings.set_language),
    on_tap(taps.SetArticles, settings.set_articles),
    on_tap(taps.SetLayout, settings.set_layout),
    on_tap(taps.SetEmptyNote, settings.set_empty_note),
    on_tap(taps.SetAlerts, settings.set_alerts),
    on_tap(taps.SetQuiet, settings.set_quiet),
    on_tap(taps.Unmute, settings.unmute),
    on_tap(taps.AskWord, settings.ask_word),
    on_tap(taps.Pause, settings.pause),
    on_tap(taps.SearchThis, search.search_this),
    on_tap(taps.Resume, stop.resumed),
)


def register(application: Application[ExtBot[None], Context, Any, Any, Services, Any]) -> None:
    """Give an application every handler. The first one that wants an update has it."""
    messages = UpdateType.MESSAGE
    application.add_handlers(
        [
            *(on_command(name, handler) for name, handler in COMMANDS.items()),
            *TAPS,
            CallbackQueryHandler(stale),
            InlineQueryHandler(inline.inline),
            ChatMemberHandler(groups.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(StatusUpdate.MIGRATE, groups.moved),
            MessageHandler(messages & COMMAND, help.unknown_command),
            MessageHandler(messages & TEXT, text.text),
            MessageHandler(messages & LOCATION, text.location),
            MessageHandler(messages & ~StatusUpdate.ALL, text.anything_else),
        ]
    )
    application.add_error_handler(errors.failed)


async def publish(bot: Bot, renderer: Renderer) -> None:
    """Tell Telegram the commands and the bot's description, in every language.

    The menu is no reason not to answer: what Telegram refuses is logged, and the rest goes on.
    """
    for language in renderer.languages:
        commands = renderer.commands(language)
        # Telegram shows the texts without a language to everybody whose language has none.
        codes = [language[:2]] if language != "en" else ["en", None]
        for code in codes:
            try:
                for scope in (BotCommandScopeDefault(), BotCommandScopeAllGroupChats()):
                    await bot.set_my_commands(commands, scope, language_code=code)
                await bot.set_my_description(renderer.description(language), language_code=code)
                await bot.set_my_short_description(
                    renderer.short_description(language), language_code=code
                )
            except TelegramError as error:
                log.warning("the menu in %s is not up to date: %s", code or language, error)
