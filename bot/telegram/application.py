"""Python-telegram-bot's application and its bot, as this program uses them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from telegram.error import NetworkError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from bot.telegram.http_client import READ_TIMEOUT
from bot.telegram.telegram_answers import read_updates
from digest.pacing.current_answer import current_answer
from handlers.core.context import Context
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telegram import Update, User
    from telegram._utils.types import TimePeriod

    from bot.configuration.settings import Settings
    from bot.telegram.transport import TelegramRequest
    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.services.services import Services
    from handlers.updates.update_queue import Intake, UpdateQueue

    BotApplication: TypeAlias = Application[ExtBot[None], Context, Any, Any, Services, Any]


class StatelessApplication(Application[Any, Any, Any, Any, Any, Any]):
    """A python-telegram-bot application that keeps no data about chats."""

    def __init__(
        self,
        *,
        permit: Callable[[], Awaitable[None]],
        **parts: Any,  # noqa: ANN401  # its builder's
    ) -> None:
        super().__init__(**parts)
        self._permit = permit

    async def process_update(self, update: object) -> None:
        """Handle an update, or leave it to the process that serves by now."""
        try:
            await self._permit()
        except LeaseLostError:
            if (answer := current_answer.get()) is not None:
                answer.put_off()
            return
        await super().process_update(update)

    def _mark_for_persistence_update(self, **_: object) -> None:
        """Do nothing: nothing is persisted, so ids need not be collected in memory."""


class PollingBot(ExtBot[Any]):
    """A bot that polls past updates that python-telegram-bot cannot parse."""

    async def get_me(self, **options: Any) -> User:  # noqa: ANN401  # python-telegram-bot's
        """Return the bot's own account."""
        try:
            return await super().get_me(**options)
        except (TypeError, AttributeError, KeyError, ValueError):
            raise NetworkError("the answer is not Telegram's (no bot)") from None

    async def get_updates(
        self,
        offset: int | None = None,
        limit: int | None = None,
        timeout: TimePeriod | None = None,  # noqa: ASYNC109  # python-telegram-bot's name
        allowed_updates: Sequence[str] | None = None,
        **_: Any,  # noqa: ANN401  # further options of python-telegram-bot, unused
    ) -> tuple[Update, ...]:
        """Fetch the next updates; those that cannot be parsed have only their number."""
        asked = {
            "timeout": timeout,
            "offset": offset,
            "limit": limit,
            "allowed_updates": allowed_updates,
        }
        waits = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout or 0
        fetched = await self._post("getUpdates", asked, read_timeout=READ_TIMEOUT + waits)
        return read_updates(fetched, self)


def build_application(
    settings: Settings,
    request: TelegramRequest,
    *,
    rate_limiter: RateLimiter,
    updates: UpdateQueue,
    intake: Intake,
    permit: Callable[[], Awaitable[None]],
) -> BotApplication:
    """Return an application that polls Telegram, without handlers.

    `bot_data` is empty. The services are assigned to it once Telegram has returned the bot's
    identity.
    """
    application: Any = (
        ApplicationBuilder()
        .application_class(StatelessApplication, {"permit": permit})
        .bot(
            PollingBot(
                settings.telegram_bot_token,
                base_url=f"{settings.telegram_api_url}/bot",
                request=request,
                get_updates_request=request,
                rate_limiter=rate_limiter,
            )
        )
        .context_types(ContextTypes(context=Context))
        .concurrent_updates(updates)
        .update_queue(intake)
        .job_queue(None)
        .build()
    )
    return cast("BotApplication", application)
