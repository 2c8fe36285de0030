"""Worker processes for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

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
