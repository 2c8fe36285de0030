"""Worker processes for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """A worker process: a second to start, so one for all; who breaks it gets a new one."""
    pool = Workers(1)
    yield pool
    asyncio.run(pool.close())


class OnDemand(Workers):
    """Workers that start with the first document.

    A bot starts and warms two at once: that takes more than most tests do, and few read a document.
    """

    async def begin(self) -> None:
        """Start nothing before it is needed."""


@pytest.fixture(scope="session", autouse=True)
def lent_workers(workers: Workers) -> Iterator[None]:
    """Lend the run's worker process to each bot that a test starts in its own process."""

    class Borrowed(OnDemand):
        async def run(self, *call: Any, **bounds: Any) -> Any:  # noqa: ANN401 - as it is there
            return await workers.run(*call, **bounds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.composition.Workers", Borrowed)
        yield
