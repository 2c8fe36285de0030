"""Worker processes for tests."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def _shared() -> Workers:
    return Workers(1)


@pytest.fixture(scope="session", autouse=True)
def workers() -> Iterator[Workers]:
    """A worker process: a second to start, so one for all; who breaks it gets a new one."""
    yield _shared()
    asyncio.run(_shared().close())


class Lent(Workers):
    """The same, lent to a bot, whose end leaves it running."""

    async def run(self, *call: Any, **bounds: Any) -> Any:  # noqa: ANN401 - as it is there
        """Read in the process that all share."""
        return await _shared().run(*call, **bounds)
