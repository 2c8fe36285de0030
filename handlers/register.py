"""The list of all handlers, in order, and the command menus that Telegram shows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeDefault, Update
from telegram.error import TelegramError
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
)
from telegram.ext.filters import COMMAND, LOCATION, StatusUpdate, UpdateType

from handlers import errors
from handlers.account import privacy, stop
from handlers.chats import (
    admission,
    channel_taps,
    channels,
    first_post,
    managed_list,
    membership,
    topics,
)
from handlers.core.conversation import on_command, on_tap, on_unknown, stale
from handlers.entry import help, start, text  # noqa: A004 - `help` is named after its command
from handlers.entry.commands import COMMANDS
from handlers.following import category, members, picker, words, yours
from handlers.settings import settings, zones
from handlers.stories import article, earlier, edition, inline, latest, reports, saved, search, why
from handlers.taps import callback_data, privacy_data, settings_data, words_data, yours_data
from handlers.typed.message_words import OWN_WORDS, RICH_COMMAND, WRITTEN
from templates.language.languages import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from telegram import Bot
    from telegram.ext import Application, ExtBot

    from handlers.core.context import Context
    from handlers.core.services import Services
    from templates import Renderer

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "callback_query", "inline_query", "my_chat_member")
"""Kinds of updates that Telegram should send; no handler wants any other."""

IN_CHANNELS, RIGHTS, ADMISSION = -3, -2, -1
"""Numbers of the handler groups that run before all others, in this order."""

PRIVACY_COMMANDS = ("privacy", "export", "forget")
PRIVACY_TAPS = (
    on_tap(privacy_data.OpenPrivacy, privacy.open_privacy),
    on_tap(privacy_data.ExportAll, privacy.export_all),
    on_tap(privacy_data.AskForget, privacy.ask_forget),
    on_tap(privacy_data.Forget, privacy.forget_now),
    on_tap(privacy_data.KeepAll, privacy.keep_all),
)
"""Taps that, like these commands, also work for people who may not use the bot."""

TAPS = (
    on_tap(callback_data.OpenCard, article.open_card),
    on_tap(callback_data.MoreStories, edition.more_stories),
    on_tap(callback_data.MoreOfEarlier, edition.more_of_earlier),
    on_tap(callback_data.LeftOut, edition.left_out),
    on_tap(callback_data.WhyThese, why.why_these),
    on_tap(callback_data.EarlierEdition, earlier.earlier_edition),
    on_tap(callback_data.CannotSee, edition.make_plain),
    on_tap(callback_data.AlwaysPlain, edition.always_plain),
    on_tap(callback_data.SeeFrontPage, edition.see_front_page),
    on_tap(callback_data.BackToPlain, edition.back_to_plain),
    on_tap(callback_data.AlwaysFrontPage, edition.always_front_page),
    on_tap(callback_data.Turn, latest.turn),
    on_tap(callback_data.Read, article.read_here),
    on_tap(callback_data.Save, article.save),
    on_tap(callback_data.More, article.more),
    on_tap(callback_data.TurnMore, article.turn_more),
    on_tap(callback_data.AllReports, reports.all_reports),
    on_tap(callback_data.TurnReports, reports.turn_reports),
    on_tap(callback_data.Shared, saved.shared),
    on_tap(callback_data.ShowCategory, category.show_category),
    on_tap(callback_data.Follow, category.follow),
    on_tap(callback_data.FollowMyself, members.follow_myself),
    on_tap(callback_data.Alerts, category.alerts),
    on_tap(callback_data.Pick, picker.picked),
    on_tap(callback_data.PickPage, picker.pick_page),
    on_tap(callback_data.PickLetter, picker.pick_letter),
    on_tap(callback_data.SetUp, start.set_up),
    on_tap(callback_data.Picked, start.picked),
    on_tap(callback_data.ChooseForMe, start.choose_for_me),
    on_tap(settings_data.JourneyValue, start.journey_value),
    on_tap(callback_data.JourneyPlace, start.journey_place),
    on_tap(callback_data.AskLocation, zones.ask_location),
    on_tap(settings_data.OpenSheet, settings.open_sheet),
    on_tap(settings_data.OpenSettings, settings.open_settings),
    on_tap(settings_data.SetValue, settings.set_value),
    on_tap(settings_data.SetPlace, settings.set_place),
    on_tap(settings_data.SetAlerts, settings.set_alerts),
    on_tap(settings_data.AskWord, settings.ask_word),
    on_tap(settings_data.OpenManaged, managed_list.open_managed),
    on_tap(settings_data.TurnManaged, managed_list.turn_managed),
    on_tap(settings_data.OpenClosed, managed_list.open_closed),
    on_tap(settings_data.TryAgain, managed_list.try_again),
    on_tap(settings_data.DropManaged, managed_list.drop_managed),
    on_tap(settings_data.AskChannel, channels.ask_channel),
    on_tap(settings_data.SetUpChannel, channels.set_up_channel),
    on_tap(settings_data.SetStopped, channels.set_stopped),
    on_tap(settings_data.PreviewFirst, first_post.preview_first),
    on_tap(settings_data.PostFirst, first_post.post_first),
    on_tap(settings_data.MakeTopics, topics.make_topics),
    on_tap(yours_data.OpenYours, yours.open_yours),
    on_tap(yours_data.OpenSources, yours.open_sources),
    on_tap(yours_data.AboutStory, yours.open_story),
    on_tap(yours_data.OpenScale, yours.open_scale),
    on_tap(yours_data.SetLevel, yours.set_level),
    on_tap(yours_data.SetFollow, yours.set_follow),
    on_tap(yours_data.SetBell, yours.set_bell),
    on_tap(yours_data.UnmuteWord, yours.unmute_word),
    on_tap(words_data.AskFollow, words.ask_follow),
    on_tap(words_data.FollowThis, words.follow_this),
    on_tap(words_data.OpenWord, words.open_word),
    on_tap(words_data.SetWordBell, words.set_word_bell),
    on_tap(words_data.DropWord, words.drop_word),
    on_tap(callback_data.SearchThis, search.search_this),
    on_tap(callback_data.Resume, stop.resumed),
    *PRIVACY_TAPS,
)


def register(application: Application[ExtBot[None], Context, Any, Any, Services, Any]) -> None:
    """Add all handlers to an application. The first handler that accepts an update gets it.

    Before them all, taps in channels are answered. Then the privacy commands are, for everybody;
    then other updates from people who may not use the bot are stopped.
    """
    messages = UpdateType.MESSAGE
    application.add_handler(CallbackQueryHandler(channel_taps.answer_aside), IN_CHANNELS)
    application.add_handlers(
        [
            admission.for_everybody(each)
            for each in (
                *(on_command(name, COMMANDS[name]) for name in PRIVACY_COMMANDS),
                *PRIVACY_TAPS,
            )
        ],
        RIGHTS,
    )
    application.add_handler(TypeHandler(Update, admission.admit), ADMISSION)
    application.add_handlers(
        [
            *(on_command(name, handler) for name, handler in COMMANDS.items()),
            *TAPS,
            CallbackQueryHandler(stale),
            InlineQueryHandler(inline.inline),
            ChatMemberHandler(membership.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(StatusUpdate.MIGRATE, membership.moved),
            MessageHandler(messages & StatusUpdate.CHAT_SHARED, channels.channel_shared),
            MessageHandler(messages & StatusUpdate.LEFT_CHAT_MEMBER, membership.member_left),
            MessageHandler(StatusUpdate.FORUM_TOPIC_EDITED, membership.topic_renamed),
            MessageHandler(StatusUpdate.FORUM_TOPIC_REOPENED, membership.topic_reopened),
            on_unknown(help.unknown_command, messages & OWN_WORDS & (COMMAND | RICH_COMMAND)),
            MessageHandler(messages & WRITTEN, text.text),
            MessageHandler(messages & OWN_WORDS & LOCATION, text.location),
            MessageHandler(messages & ~StatusUpdate.ALL, text.anything_else),
        ]
    )
    application.add_error_handler(errors.failed)


async def publish(bot: Bot, renderer: Renderer) -> None:
    """Send Telegram the commands and the bot's description in every language.

    If Telegram refuses one, this is logged, and the others are still sent.
    """
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
