"""Settings of a bot in the playground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.configuration.settings import Settings

if TYPE_CHECKING:
    from playground.server import Playground


def settings_in(town: Playground, database_url: str, **more: Any) -> Settings:  # noqa: ANN401 - its fields
    """Return the settings of a bot in a town."""
    return Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=database_url,
        **more,
    )
