"""Construction of the parts that need the bot's identity at Telegram."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.alarms import declared
from bot.alarms.operator_alerts import OperatorAlerts, Operators
from bot.alarms.watch import AlarmWatch
from bot.composition import backups_of, build_planner, nightly
from bot.conversation_parts import build_services
from bot.serving.jobs import Ticks
from bot.telegram.picture_chat import PictureChat
from bot.telegram.pictures import ReadyPictures
from bot.telegram.transport import TelegramOutbox
from bot.watching.offline import Offline
from digest.correcting.copy_builder import CopyBuilder
from digest.correcting.corrector import Corrector
from digest.correcting.shared_cards import SharedCards
from digest.making.edition_builder import EditionBuilder
from digest.making.pictures_ahead import PicturesAhead
from digest.making.rich_messages import RichMessages
from digest.planning.alerts import AlertPlanner
from digest.sending.ledger_writer import TRANSACTIONS
from digest.sending.sender import Sender
from handlers.buttons.keyboards import alert_keyboard, edition_keyboard
from handlers.chats.chat_look import KindCheck
from handlers.core.services.manager_notices import ManagerNotices
from handlers.desk.notices import DeskNotices
from handlers.stories.sharing.inline import shared_card
from storage.ledger.delivery_stats import Ledger
from templates import Renderer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from telegram.ext import ExtBot

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.telegram.application import BotApplication
    from bot.telegram.last_heard import LastHeard
    from digest.pacing.priorities import AnswerPriority
    from digest.pacing.rate_limiter import RateLimiter
    from digest.planning.plan import Planner


class TelegramParts:
    """The parts that answer, send and correct, connected with each other.

    `decided` has by Telegram id whether an operator let it in (True) or shut it out (False).
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        bot: ExtBot[None],
        *,
        rate_limiter: RateLimiter,
        answer_priority: AnswerPriority,
        permit: Callable[[], Awaitable[None]],
        heard: LastHeard,
        decided: Mapping[int, bool],
    ) -> None:
        self.renderer = Renderer(archive.taxonomy.categories, username=bot.username)
        self.outbox = TelegramOutbox(
            bot.base_url, proxies=settings.telegram_proxies, permit=permit, heard=heard
        )
        self.planner = build_planner(settings, archive)
        self.pictures = build_pictures(settings, archive, bot)
        rich = RichMessages(self.pictures.ready, self.pictures.forget, self.outbox.knows_bot)
        notices = ManagerNotices(bot, archive.managers, archive.subscribers, self.renderer)
        self.sender = build_sender(
            settings,
            archive,
            self.renderer,
            outbox=self.outbox,
            rate_limiter=rate_limiter,
            answer_priority=answer_priority,
            rich=rich,
            notices=notices,
        )
        self.corrector = build_corrector(
            archive,
            self.renderer,
            outbox=self.outbox,
            rate_limiter=rate_limiter,
            answer_priority=answer_priority,
            rich=rich,
        )
        self.alerts = AlertPlanner(
            archive.deliveries, archive.articles, archive.key_value, archive.taxonomy.categories
        )
        self.services = build_services(
            settings,
            archive,
            self.renderer,
            self.sender,
            rich,
            corrector=self.corrector,
            alerts=self.alerts,
            notices=notices,
            decided=decided,
        )


def build_pictures(settings: Settings, archive: Archive, bot: ExtBot[None]) -> ReadyPictures:
    """Return the store of story pictures that this bot has uploaded to Telegram."""
    return ReadyPictures(
        archive.pictures,
        archive.fetcher,
        archive.workers,
        PictureChat.named(bot, settings),
        bot_id=bot.id,
        clock=archive.clock,
    )


def build_sender(
    settings: Settings,
    archive: Archive,
    renderer: Renderer,
    *,
    outbox: TelegramOutbox,
    rate_limiter: RateLimiter,
    answer_priority: AnswerPriority,
    rich: RichMessages,
    notices: ManagerNotices,
) -> Sender:
    """Return the sender of editions and alerts."""
    edition_builder = EditionBuilder(
        archive.deliveries,
        archive.articles,
        renderer,
        categories=archive.taxonomy.categories,
        edition_size=settings.edition_size,
        keyboard=partial(edition_keyboard, renderer),
        alert_keyboard=partial(alert_keyboard, renderer),
        rich=rich,
        pins=archive.pins,
    )
    return Sender(
        archive.deliveries,
        archive.subscribers,
        edition_builder,
        outbox,
        rate_limiter,
        clock=archive.clock,
        answer_priority=answer_priority,
        rich=rich,
        paid=settings.pays,
        transactions=TRANSACTIONS if archive.database.dialect == "postgresql" else 1,
        on_gone=notices.gone,
    )


def build_corrector(
    archive: Archive,
    renderer: Renderer,
    *,
    outbox: TelegramOutbox,
    rate_limiter: RateLimiter,
    answer_priority: AnswerPriority,
    rich: RichMessages,
) -> Corrector:
    """Return the corrector of delivered messages; the arguments are those of `build_sender`."""
    copies = CopyBuilder(
        archive.corrections,
        archive.articles,
        renderer,
        rich=rich,
        keyboard=partial(edition_keyboard, renderer),
        alert_keyboard=partial(alert_keyboard, renderer),
    )
    shared = SharedCards(
        archive.corrections,
        archive.share_messages,
        archive.articles,
        card=lambda article, message, reason: shared_card(
            renderer, article, message, reason=reason, now=archive.clock()
        ),
        outbox=outbox,
        rate_limiter=rate_limiter,
        clock=archive.clock,
    )
    return Corrector(
        archive.corrections,
        copies,
        outbox,
        rate_limiter,
        clock=archive.clock,
        answer_priority=answer_priority,
        shared=shared,
    )


def build_ticks(
    settings: Settings,
    archive: Archive,
    application: BotApplication,
    planner: Planner,
    pictures: ReadyPictures,
    *,
    rate_limiter: RateLimiter,
    conflict: Callable[[], tuple[datetime, bool] | None],
    unanswered: Callable[[], Sequence[str]],
    serving: Callable[[], bool],
    permit: Callable[[], Awaitable[None]],
) -> Ticks:
    """Return the scheduled jobs: editions, fetching, pictures, alarms, backups.

    Args:
        conflict: Returns when Telegram last reported another program that receives the updates, and
            whether by a webhook. None if it never did.
        permit: Waits until no other process can store articles, or raises LeaseLostError.
    """
    services = application.bot_data
    operators = Operators(
        application.bot,
        archive.subscribers,
        services.renderer,
        services.people,
        services.defaults,
    )
    offline = Offline(archive.key_value, archive.sources.ask_again, operators.send_offline_times)
    backups = backups_of(settings)
    ledger, bot = Ledger(archive.database), application.bot
    desk_notices = DeskNotices(
        bot,
        services.renderer,
        archive.subscribers,
        archive.articles,
        services.desk,
        archive.notices,
    )
    alarms = {
        declared.LATE_EDITIONS: declared.late_editions(ledger, settings.messages_per_second),
        declared.SECOND_POLLER: declared.second_poller(conflict),
        declared.CUT_OFF: declared.cut_off(unanswered),
        declared.UNREAD_SOURCES: declared.unread_sources(archive.sources.all, offline.hides),
        declared.DISK: declared.disk(partial(declared.places, archive.database.path, backups)),
    }
    if settings.webhook_url:
        alarms[declared.WEBHOOK_ERRORS] = declared.webhook_errors(bot.get_webhook_info)
    if backups is not None:
        alarms[declared.BACKUP] = declared.backup(backups, archive.key_value)
    return Ticks(
        planner=planner,
        sender=services.sender,
        newsroom=archive.newsroom,
        subscribers=archive.subscribers,
        operator_alerts=OperatorAlerts(
            archive.source_monitor, archive.key_value, operators.send_changes, offline.hides
        ),
        alarms=AlarmWatch(alarms, archive.key_value, operators.send),
        offline=offline,
        clock=archive.clock,
        fetch_every=settings.fetch_every,
        nightly=nightly(archive, settings),
        pictures=PicturesAhead(
            archive.pictures,
            archive.deliveries,
            archive.articles,
            pictures.prepare,
            categories=archive.taxonomy.categories,
            edition_size=settings.edition_size,
        ),
        kind_check=KindCheck(application.bot, archive.subscribers, rate_limiter),
        desk_jobs=(
            desk_notices.of_waiting,
            desk_notices.of_drafts,
            desk_notices.of_tips,
            *([] if archive.decision_list is None else [archive.decision_list.look]),
        ),
        publisher=services.desk.publisher,
        serving=serving,
        permit=permit,
    )
