"""A browser for tests of the chat page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests in the event loop of the session, since its start takes seconds."""
    # Few tests need these.
    from playwright.async_api import async_playwright  # noqa: PLC0415

    from tests.playground.desk import CHROMIUM, FLAGS  # noqa: PLC0415

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()
