"""Construction of the parts that need the bot's identity at Telegram."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.alarms import declared
from bot.alarms.new_senders import NewSenders
from bot.alarms.operator_alerts import OperatorAlerts, Operators
from bot.alarms.watch import AlarmWatch
from bot.composition import backups_of, build_planner, nightly, translator_of
from bot.serving.jobs import ROUNDS, Job, SourceRounds, Ticks
from bot.telegram.picture_chat import PictureChat
from bot.telegram.pictures import ReadyPictures
from bot.telegram.transport import TelegramOutbox
from bot.watching.offline import Offline
from digest.correcting.copy_builder import CopyBuilder
from digest.correcting.corrector import Corrector
from digest.correcting.shared_cards import SharedCards
from digest.editions.past_editions import PastEditions
from digest.making.edition_builder import EditionBuilder
from digest.making.pictures_ahead import PicturesAhead
from digest.making.rich_messages import RichMessages
from digest.making.translations_ahead import TranslationsAhead
from digest.planning.alerts import AlertPlanner
from digest.sending.ledger_writer import TRANSACTIONS
from digest.sending.sender import Sender
from handlers.buttons.keyboards import alert_keyboard, edition_keyboard
from handlers.chats.chat_look import KindCheck
from handlers.core.services.admissions import Admissions
from handlers.core.services.desk_services import DeskServices, EditingRights
from handlers.core.services.manager_notices import ManagerNotices
from handlers.core.services.readers import Defaults, KnownChats, Readers
from handlers.core.services.services import Policy, Services
from handlers.desk.notices import DeskNotices
from handlers.stories.sharing.inline import shared_card
from handlers.taps.link_payloads import own_article_link
from handlers.typed.places import Places
from news.page_reader import PageReader
from news.publishing import Publisher
from storage.db.outage import patiently
from storage.ledger.delivery_stats import Ledger
from storage.replicas.named_people import NamedPeople
from templates import Renderer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from telegram.ext import ExtBot

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.telegram.telegram_answers import LastHeard
    from digest.pacing.priorities import AnswerPriority
    from digest.pacing.rate_limiter import RateLimiter
    from news.translation.translator import Translator
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)


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
        self._settings = settings
        self._archive = archive
        self._bot = bot
        self._rate_limiter = rate_limiter
        self._answer_priority = answer_priority
        self.renderer = Renderer(
            archive.taxonomy.categories, username=bot.username, pages=bool(settings.pages_url)
        )
        self.outbox = TelegramOutbox(
            bot.base_url, proxies=settings.telegram_proxies, permit=permit, heard=heard
        )
        self._translator = translator_of(settings, archive)
        self.planner = build_planner(settings, archive)
        self.pictures = ReadyPictures(
            archive.pictures,
            archive.fetcher,
            archive.workers,
            PictureChat.named(bot, settings),
            bot_id=bot.id,
            clock=archive.clock,
        )
        self._rich = RichMessages(self.pictures.ready, self.pictures.forget, self.outbox.knows_bot)
        self._notices = ManagerNotices(bot, archive.managers, archive.subscribers, self.renderer)
        self.sender = self._sender()
        self.corrector = self._corrector()
        self.alerts = AlertPlanner(
            archive.plans, archive.articles, archive.key_value, archive.taxonomy.categories
        )
        self.services = self._services(decided)

    def _sender(self) -> Sender:
        settings, archive = self._settings, self._archive
        edition_builder = EditionBuilder(
            archive.deliveries,
            archive.articles,
            self.renderer,
            categories=archive.taxonomy.categories,
            edition_size=settings.edition_size,
            keyboard=partial(edition_keyboard, self.renderer),
            alert_keyboard=partial(alert_keyboard, self.renderer),
            rich=self._rich,
            pins=archive.pins,
            translations=archive.translations,
        )
        return Sender(
            archive.deliveries,
            archive.subscribers,
            edition_builder,
            self.outbox,
            self._rate_limiter,
            plans=archive.plans,
            clock=archive.clock,
            answer_priority=self._answer_priority,
            rich=self._rich,
            paid=settings.pays,
            transactions=TRANSACTIONS if archive.database.dialect == "postgresql" else 1,
            on_gone=self._notices.gone,
        )

    def _corrector(self) -> Corrector:
        archive, renderer = self._archive, self.renderer
        copies = CopyBuilder(
            archive.corrections,
            archive.articles,
            renderer,
            rich=self._rich,
            keyboard=partial(edition_keyboard, renderer),
            alert_keyboard=partial(alert_keyboard, renderer),
            translations=archive.translations,
        )
        shared = SharedCards(
            archive.corrections,
            archive.share_messages,
            archive.articles,
            card=lambda article, message, reason: shared_card(
                renderer, article, message, reason=reason, now=archive.clock()
            ),
            outbox=self.outbox,
            rate_limiter=self._rate_limiter,
            clock=archive.clock,
        )
        return Corrector(
            archive.corrections,
            copies,
            self.outbox,
            self._rate_limiter,
            clock=archive.clock,
            answer_priority=self._answer_priority,
            shared=shared,
        )

    def _services(self, decided: Mapping[int, bool]) -> Services:
        settings, archive = self._settings, self._archive
        defaults = Defaults(
            settings.default_language,
            settings.default_timezone,
            settings.default_digest_time,
            settings.default_layout,
            settings.keep_gone_readers_days,
        )
        people = NamedPeople(
            admins=settings.admin_ids, editors=settings.editor_ids, allowed=settings.allowed_ids
        )
        known_chats = KnownChats()
        readers = Readers(archive.subscribers, defaults, archive.clock, known_chats)
        admissions = Admissions(
            archive.access,
            archive.subscribers,
            readers,
            archive.clock,
            managers=archive.managers,
            administrators=self._notices.administrators,
            people=people,
            known_chats=known_chats,
            decided=decided,
        )
        return Services(
            articles=archive.articles,
            sources=archive.sources,
            subscribers=archive.subscribers,
            readers=readers,
            saved=archive.saved,
            last_changes=archive.last_changes,
            shares=archive.shares,
            share_messages=archive.share_messages,
            managers=archive.managers,
            page_links=archive.page_links,
            translations=archive.translations,
            manager_notices=self._notices,
            taxonomy=archive.taxonomy,
            renderer=self.renderer,
            sender=self.sender,
            rich=self._rich,
            past_editions=PastEditions(
                archive.deliveries,
                archive.articles,
                archive.taxonomy.categories,
                archive.pins,
                archive.corrections,
                translations=archive.translations,
            ),
            places=Places(archive.workers),
            defaults=defaults,
            policy=Policy(
                settings.operator_name,
                settings.operator_contact,
                settings.keep_deliveries_days,
                settings.keep_shares_days,
                settings.keep_gone_readers_days,
                0 if settings.backup_dir is None else settings.backup_keep,
                pages=bool(settings.pages_url),
                translates=bool(settings.model_url),
                newsletters=bool(settings.mail_in),
            ),
            export=archive.export,
            forgetting=archive.forgetting,
            tombstones=archive.tombstones,
            people=people,
            admissions=admissions,
            desk=self._desk(EditingRights(archive.editors, people, admissions.permits)),
            known_chats=known_chats,
            clock=archive.clock,
            translates=self._translator is not None,
            pages_url=settings.pages_url,
        )

    def _desk(self, rights: EditingRights) -> DeskServices:
        archive, renderer = self._archive, self.renderer
        return DeskServices(
            rights,
            archive.editors,
            archive.journal,
            archive.waiting_articles,
            archive.approval,
            archive.drafts,
            PageReader(archive.fetcher, archive.workers, archive.clock),
            archive.newsroom.results,
            Publisher(
                archive.articles,
                archive.sources,
                archive.drafts,
                archive.newsroom.results,
                archive.clock,
                lambda draft: f"{renderer.bot_link}?start={own_article_link(draft)}",
                rights.may_publish,
            ),
            self.alerts,
            archive.amendments,
            archive.pins,
            archive.dates,
            archive.corrections,
            self.corrector.kick,
            archive.tips,
            self._settings.tips,
            archive.complaints,
            archive.decision_list,
        )

    def ticks(
        self,
        lease: Lease,
        *,
        conflict: Callable[[], tuple[datetime, bool] | None],
        unanswered: Callable[[], Sequence[str]],
    ) -> Ticks:
        """Return the scheduled jobs: editions, fetching, pictures, alarms, backups.

        Args:
            conflict: Returns when Telegram last reported another program that receives the updates,
                and whether by a webhook. None if it never did.
            unanswered: Returns the names of other replicas that Telegram does not answer.
        """
        settings, archive, bot, services = self._settings, self._archive, self._bot, self.services
        operators = Operators(
            bot, archive.subscribers, self.renderer, services.people, services.defaults
        )
        offline = Offline(
            archive.key_value, archive.sources.ask_again, operators.send_offline_times
        )
        backups = backups_of(settings)
        ledger = Ledger(archive.database)
        alarms = {
            declared.LATE_EDITIONS: declared.late_editions(ledger, settings.messages_per_second),
            declared.SECOND_POLLER: declared.second_poller(conflict),
            declared.CUT_OFF: declared.cut_off(unanswered),
            declared.UNREAD_SOURCES: declared.unread_sources(archive.sources.all, offline.hides),
            declared.DISK: declared.disk(partial(declared.places, archive.database.path, backups)),
        }
        if settings.webhook_url:
            alarms[declared.WEBHOOK_ERRORS] = declared.webhook_errors(bot.get_webhook_info)
        if settings.mail_in:
            newsletters = archive.newsroom.newsletters
            alarms[declared.MAILBOX] = declared.mailbox(lambda: newsletters.problem)
        if backups is not None:
            alarms[declared.BACKUP] = declared.backup(backups, archive.key_value)
        watch = AlarmWatch(alarms, archive.key_value, operators.send)
        notices = OperatorAlerts(
            archive.source_monitor, archive.key_value, operators.send_changes, offline.hides
        )
        ahead = PicturesAhead(
            archive.pictures,
            archive.deliveries,
            archive.articles,
            self.pictures.prepare,
            categories=archive.taxonomy.categories,
            edition_size=settings.edition_size,
        )
        readers, desk = archive.subscribers, services.desk
        desk_notices = DeskNotices(
            bot, self.renderer, readers, archive.articles, desk, archive.notices
        )
        desk_jobs: list[Callable[[datetime], Awaitable[None]]] = [
            desk_notices.of_waiting,
            desk_notices.of_drafts,
            desk_notices.of_tips,
            desk_notices.of_complaints,
        ]
        if archive.decision_list is not None:
            desk_jobs.append(archive.decision_list.look)

        async def look_at_desk(now: datetime) -> None:
            for look in desk_jobs:
                await patiently(partial(look, now))

        minute, hour = timedelta(minutes=1), timedelta(hours=1)
        jobs = {
            # Also for editions that fell due while the process was down.
            "editions": Job(self._plan_editions, minute, at_once=True),
            "sources": Job(
                SourceRounds(archive.newsroom, offline, archive.clock, lease.permit).look,
                timedelta(seconds=settings.fetch_every),
                None,
                at_once=True,
                most=ROUNDS,
            ),
            "health": Job(notices.notify_of_changes, hour, 41 * minute),
            "unused tastes": Job(self._sweep, 24 * hour, 3 * hour + 17 * minute),
            # At half minutes: at full minutes the editions are planned.
            "alarms": Job(watch.look, minute, minute / 2),
            "night": Job(nightly(archive, settings).look, hour, 47 * minute),
            # The last run before a full or half hour leaves two minutes to make new pictures.
            "pictures": Job(ahead.look, 5 * minute, 3 * minute, at_once=True),
            "kinds": Job(
                KindCheck(bot, readers, self._rate_limiter).look, minute, minute / 2, at_once=True
            ),
            "desk": Job(look_at_desk, minute, minute / 4),
            "weights": Job(archive.newsroom.weigh_older, minute, minute / 3, at_once=True),
            "publications": Job(self._publish, minute, at_once=True),
        }
        if settings.mail_in:
            new_senders = NewSenders(archive.sources, archive.key_value, operators.send)
            jobs["new senders"] = Job(new_senders.look, minute, minute / 5)
        if self._translator is not None:
            look = self._translations_ahead(self._translator).look
            jobs["translations"] = Job(look, 5 * minute, 2 * minute, at_once=True)
        return Ticks(jobs, archive.clock, serving=lambda: lease.is_valid, leapt=self.sender.kick)

    def _translations_ahead(self, translator: Translator) -> TranslationsAhead:
        archive = self._archive
        return TranslationsAhead(
            archive.translations,
            archive.deliveries,
            archive.articles,
            translator.translate,
            categories=archive.taxonomy.categories,
            edition_size=self._settings.edition_size,
        )

    async def _plan_editions(self, now: datetime) -> None:
        if planned := await self.planner.plan_due(now):
            log.info("%d editions are due", planned)
            self.sender.kick()

    async def _publish(self, _: datetime) -> None:
        """Publish the drafts whose time has come, and those whose publication broke off."""
        if published := await self.services.desk.publisher.finish():
            log.info("%d drafts were published at their time", published)

    async def _sweep(self, _: datetime) -> None:
        swept = await self._archive.subscribers.sweep()
        log.info("deleted %d sets of preferences that no reader uses", swept)
