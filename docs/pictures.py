"""Takes the pictures of the docs anew from a demo: `./dev python -m docs.pictures ADDRESS`."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.async_api import async_playwright

from tests.playground.desk import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, Locator, Page

HERE = Path(__file__).parent
CHOICES = ("More sections", "Style", "Motor", "Watches", "Done", "08:00", "Milan")
"""What the guest taps, one after the other, from Start to the first edition."""

PASSING = ".to-bottom, .day-name"
"""What lies over the messages only while somebody scrolls."""


async def key(page: Page, label: str) -> None:
    """Tap the newest button of this label, and wait until the bot has answered."""
    node = page.get_by_test_id("key").filter(has_text=label).last
    await node.click()
    await page.wait_for_timeout(1_000)


async def guest(page: Page) -> str:
    """Lead a new guest to a plain first edition; gives the address of the chat."""
    await page.get_by_test_id("control-guest").click()
    await page.get_by_test_id("option").first.click()
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("key").last.wait_for()
    for label in CHOICES:
        await key(page, label)
    await edition(page).wait_for()
    return page.url


def edition(page: Page) -> Locator:
    """The newest edition that greets a reader."""
    return page.get_by_test_id("message").filter(has_text="Good morning.").last


def corrected(page: Page) -> Locator:
    """The page of the story that the editor of the tour has corrected."""
    return page.get_by_test_id("message").filter(has_text="Last change: no.").last


async def picture(
    browser: Browser,
    address: str,
    name: str,
    scheme: Literal["light", "dark"],
    top: Callable[[Page], Locator] = edition,
) -> None:
    """Write `docs/NAME-SCHEME.png`: a phone's screen from the top of a message of the chat."""
    page = await browser.new_page(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, color_scheme=scheme
    )
    await page.goto(address)
    await top(page).wait_for()
    await page.wait_for_load_state("networkidle")
    await top(page).evaluate("""message => {
        const scroller = document.querySelector("#scroller");
        const above = message.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
        scroller.scrollTop += above - 10;
    }""")
    await page.wait_for_timeout(500)
    await page.locator(PASSING).evaluate_all(
        "all => all.forEach(one => one.style.visibility = 'hidden')"
    )
    taken = await page.screenshot()
    await page.close()
    image = Image.open(io.BytesIO(taken)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(HERE / f"{name}-{scheme}.png", optimize=True)


async def main(address: str) -> None:
    """Take all six: a front page, a plain edition and the desk, by day and by night."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        await page.goto(address)
        plain = await guest(page)
        await page.get_by_test_id("chat").filter(has_text="Anna").first.click()
        front = page.url
        await page.get_by_test_id("chat").filter(has_text="Editor").first.click()
        desk = page.url
        for scheme in ("light", "dark"):
            await picture(browser, plain, "plain-edition", scheme)
            await picture(browser, front, "front-page", scheme)
            await picture(browser, desk, "desk", scheme, corrected)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
