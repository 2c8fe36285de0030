"""A bot in the playground: its settings, and its run from a start to a stop."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.configuration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import OnNews
    from playground.server import Playground


def settings_in(town: Playground, database_url: str, **more: Any) -> Settings:  # noqa: ANN401 - its fields
    """Return the settings of a bot in a town."""
    return Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=database_url,
        **more,
    )


@asynccontextmanager
async def started(onnews: OnNews, *, ticks: bool = True) -> AsyncIterator[OnNews]:
    """Run a bot from a start to an orderly stop, if so said without its periodic jobs."""
    try:
        await onnews.start()
        if not ticks:
            still(onnews)
        yield onnews
    finally:
        await onnews.stop()


def still(onnews: OnNews) -> None:
    """Stop the periodic jobs of a bot: at a full minute one would do what the test does."""
    assert onnews.ticks is not None
    onnews.ticks._scheduler.pause()
