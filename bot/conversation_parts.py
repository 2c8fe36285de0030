"""Construction of the services that handlers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.editions.past_editions import PastEditions
from handlers.core.services.admissions import Admissions
from handlers.core.services.desk_services import DeskServices, EditingRights
from handlers.core.services.readers import Defaults, KnownChats, Readers
from handlers.core.services.services import Policy, Services
from handlers.taps.link_payloads import own_article_link
from handlers.typed.places import Places
from news.one_page import PageAsked
from news.publishing import Publisher
from storage.replicas.named_people import NamedPeople

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from digest.correcting.corrector import Corrector
    from digest.making.rich_messages import RichMessages
    from digest.planning.alerts import AlertPlanner
    from digest.sending.sender import Sender
    from handlers.core.services.manager_notices import ManagerNotices
    from templates import Renderer


def build_services(
    settings: Settings,
    archive: Archive,
    renderer: Renderer,
    sender: Sender,
    rich: RichMessages,
    *,
    corrector: Corrector,
    alerts: AlertPlanner,
    notices: ManagerNotices,
    decided: Mapping[int, bool],
) -> Services:
    """Return the services that handlers use.

    `decided` has by Telegram id whether an operator let it in (True) or shut it out (False).
    """
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
        administrators=notices.administrators,
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
        shares=archive.shares,
        share_messages=archive.share_messages,
        managers=archive.managers,
        manager_notices=notices,
        taxonomy=archive.taxonomy,
        renderer=renderer,
        sender=sender,
        rich=rich,
        past_editions=PastEditions(
            archive.deliveries,
            archive.articles,
            archive.taxonomy.categories,
            archive.pins,
            archive.corrections,
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
        ),
        export=archive.export,
        forgetting=archive.forgetting,
        tombstones=archive.tombstones,
        people=people,
        admissions=admissions,
        desk=_build_desk(
            settings,
            archive,
            renderer,
            corrector,
            alerts=alerts,
            rights=EditingRights(archive.editors, people, admissions.permits),
        ),
        known_chats=known_chats,
        clock=archive.clock,
    )


def _build_desk(
    settings: Settings,
    archive: Archive,
    renderer: Renderer,
    corrector: Corrector,
    *,
    alerts: AlertPlanner,
    rights: EditingRights,
) -> DeskServices:
    return DeskServices(
        rights,
        archive.editors,
        archive.journal,
        archive.waiting_articles,
        archive.approval,
        archive.drafts,
        PageAsked(archive.fetcher, archive.workers, archive.clock),
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
        alerts,
        archive.amendments,
        archive.pins,
        archive.corrections,
        corrector.kick,
        archive.tips,
        settings.tips,
        archive.decision_list,
    )
