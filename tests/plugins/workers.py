"""Worker processes for tests."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator


CALLS = 1_000_000
"""More calls than a run makes, since a new process takes a second to start."""


@cache
def _shared() -> Workers:
    return Workers(1, calls=CALLS)


@pytest.fixture(scope="session", autouse=True)
def workers() -> Iterator[Workers]:
    """A worker process for all tests, since a start takes a second; a broken one is replaced."""
    yield _shared()
    asyncio.run(_shared().close())


class Lent(Workers):
    """The shared worker, lent to a bot whose stop must not end it."""

    async def run(self, *call: Any, **bounds: Any) -> Any:  # noqa: ANN401 - as it is there
        """Run a call in the shared process."""
        return await _shared().run(*call, **bounds)
