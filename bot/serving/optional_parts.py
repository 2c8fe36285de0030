"""Parts that only some installations need; each is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.serving.sharing import Sharing
    from bot.telegram.application import BotApplication
    from bot.telegram.webhook import Webhook
    from handlers.updates.update_queue import UpdateQueue
    from storage.serving.lease import Lease


def build_sharing(
    settings: Settings,
    archive: Archive,
    lease: Lease,
    **parts: Any,  # noqa: ANN401  # those of `Sharing`
) -> Sharing | None:
    """Return what this process shares with other replicas; None on SQLite."""
    if archive.database.dialect == "sqlite":
        return None
    from bot.serving.sharing import Sharing  # noqa: PLC0415

    return Sharing(settings, archive, lease, **parts)


def build_webhook(
    settings: Settings,
    application: BotApplication,
    updates: UpdateQueue,
    **parts: Any,  # noqa: ANN401  # those of `Webhook`
) -> Webhook | None:
    """Return what receives updates by HTTP; None for a bot that polls."""
    if not settings.webhook_url:
        return None
    from bot.telegram.webhook import Webhook, WebhookReceiver, secret_of  # noqa: PLC0415

    receiver = WebhookReceiver(settings.webhook_url, secret_of(settings))
    return Webhook(settings, application, receiver, updates, **parts)
