"""The newcomer's journey in a real browser, with the whole bot."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.app import OnNews
from bot.demo import feeds
from playground.server import Playground
from tests.handlers.conftest import hurried
from tests.playground.desk import DESK, IN_A_BROWSER, PATIENCE
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator, Page

pytestmark = IN_A_BROWSER

TODAY = (
    (
        "motor",
        "Motor",
        "Eight Phantoms on: what Rolls-Royce has changed, and what it would not",
        "The new car keeps the proportions of its forebears; under them all is new.",
    ),
    (
        "motor",
        "Bentley",
        "Mulliner's new director wants every second Bentley made to measure",
        "Stefan Sielaff leads design and the coachbuilder from the same desk.",
    ),
    (
        "business",
        "China",
        "Tmall gives brands a desk of their own against fakes",
        "Those who join are asked to confirm what the platform finds.",
    ),
    (
        "business",
        "Dubai",
        "Sales of villas lift Dubai's property market for a second month",
        "Agents see buyers return first where prices had fallen most.",
    ),
    (
        "fashion",
        "Events",
        "Arles lends Dior's perfumers a former workshop for the summer",
        "The festival of photography has a new kind of patron.",
    ),
)


@asynccontextmanager
async def at_the_chat_page(
    browser: Browser, database_url: str
) -> AsyncIterator[tuple[Playground, Page]]:
    """Run the bot, a playground with today's newspaper, and a page for the chat page."""
    async with Playground() as town:
        for feed, category, title, standfirst in TODAY:
            town.newsstand.publish(title, standfirst, feed=feed, categories=[category])
        settings = settings_in(town, database_url, allow_private_sources=True)
        sources = feeds(town.newsstand, town.url)
        onnews = OnNews(settings, first_sources=sources, rate_limiter=hurried(), workers=Lent())
        page = await browser.new_page(viewport=DESK, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        try:
            await onnews.start()
            asked = await onnews.archive.sources.all()
            await onnews.archive.newsroom.refresh_all(asked)
            yield town, page
        finally:
            await page.close()
            await onnews.stop()
        assert town.violations == []
        assert problems == []


async def tap(page: Page, label: str) -> None:
    """Tap the newest button with this label."""
    await page.get_by_test_id("key").filter(has_text=label).last.click()


def newest(page: Page) -> Locator:
    """Return the last message of the chat."""
    return page.get_by_test_id("message").last


async def test_four_taps_lead_from_start_to_an_edition_and_a_story_reaches_a_friend(
    browser: Browser,
    sqlite_url: str,
) -> None:
    async with at_the_chat_page(browser, sqlite_url) as (town, page):
        anna, bruno = town.person("Anna"), town.person("Bruno")
        town.direct(anna, bruno)
        town.group("Fashion desk", [anna, bruno], settled=True)
        await page.goto(f"{town.url}/#{anna.id}")
        await page.get_by_test_id("start").click()
        await expect(newest(page)).to_contain_text("Welcome to ON News")
        await tap(page, "More sections")
        for category in ("Style", "Motor", "Events"):
            await tap(page, category)
            await expect(
                page.get_by_test_id("key").filter(has_text=f"✓ {category}")
            ).to_be_visible()
        await tap(page, "Markets")
        for category in ("China", "Dubai"):
            await tap(page, category)
            await expect(
                page.get_by_test_id("key").filter(has_text=f"✓ {category}")
            ).to_be_visible()
        await tap(page, "Done")
        await tap(page, "08:00")
        await tap(page, "Milan")

        edition = newest(page)
        await expect(edition).to_contain_text("Rolls-Royce")
        await expect(edition).to_contain_text("Tmall")
        await expect(edition.get_by_test_id("preview").locator("img")).to_be_visible()

        await tap(page, "1")
        await expect(newest(page)).to_contain_text("More…")
        await tap(page, "Send")
        await page.get_by_test_id("option").filter(has_text="Bruno").click()
        await page.get_by_test_id("suggestion").first.click()
        await expect(newest(page)).to_contain_text("Open in ON News")
        await tap(page, "Open in ON News")
        await page.get_by_test_id("option").filter(has_text="Bruno").click()
        await expect(page.get_by_test_id("chat-title")).to_have_text("ON News")
        await expect(page.get_by_test_id("key").filter(has_text="Follow")).to_be_visible()
        await bruno.until("A friend sent you this")
        await tap(page, "Set up my morning edition")
        await expect(newest(page)).to_contain_text("Welcome to ON News")
