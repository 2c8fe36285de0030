"""Worker processes for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Worker processes: a second to start, so one set for a module."""
    pool = Workers(1)
    yield pool
    asyncio.run(pool.close())
