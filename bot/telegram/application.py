"""python-telegram-bot's application, as it is built here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from handlers.core.context import Context
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from bot.configuration.settings import Settings
    from bot.telegram.transport import TelegramRequest
    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.services import Services
    from handlers.updates.update_queue import Intake, UpdateQueue
    from storage.serving.lease import Lease

    BotApplication: TypeAlias = Application[ExtBot[None], Context, Any, Any, Services, Any]


class Answering(Application[Any, Any, Any, Any, Any, Any]):
    """python-telegram-bot's application, which keeps nothing of the chats that wrote."""

    def __init__(self, *, lease: Lease, **parts: Any) -> None:  # noqa: ANN401  # its builder's
        super().__init__(**parts)
        self._lease = lease

    async def process_update(self, update: object) -> None:
        """Answer one update; where another process serves by now, leave it to that one."""
        try:
            await self._lease.permit_answer()
        except LeaseLostError:
            return
        await super().process_update(update)

    def _mark_for_persistence_update(self, **_: object) -> None:
        """Nothing is persisted: there is no need to remember, for ever, whose data it would be."""


def build_application(
    settings: Settings,
    request: TelegramRequest,
    *,
    rate_limiter: RateLimiter,
    updates: UpdateQueue,
    intake: Intake,
    lease: Lease,
) -> BotApplication:
    """An application that asks Telegram for updates and has none of its handlers yet.

    The services stand in the place of bot_data, which its builder only knows how to make empty;
    they are put there once Telegram has said who we are.
    """
    application: Any = (
        ApplicationBuilder()
        .application_class(Answering, {"lease": lease})
        .token(settings.telegram_bot_token)
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .request(request)
        .get_updates_request(request)
        .rate_limiter(rate_limiter)
        .context_types(ContextTypes(context=Context))
        .concurrent_updates(updates)
        .update_queue(intake)
        .job_queue(None)
        .build()
    )
    return cast("BotApplication", application)
