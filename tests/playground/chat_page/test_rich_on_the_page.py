"""Rich messages as the chat page draws them, in a real browser."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import pytest
from playwright.async_api import expect

from playground.chat_page.controls import Controls
from playground.newsstand.stories import upcoming
from tests.playground.chat_page.pages import every_block, rich
from tests.playground.desk import IN_A_BROWSER, Desk, entry, key, newest
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    from playwright.async_api import FloatRect, Locator, Page, ViewportSize

    from playground.newsstand.stories import Story

pytestmark = IN_A_BROWSER

NARROW: ViewportSize = {"width": 390, "height": 844}
NUMBERS = {
    "inline_keyboard": [
        [{"text": str(number), "callback_data": f"n{number}"} for number in range(1, 6)],
        [{"text": "Why these", "callback_data": "why"}, {"text": "More", "callback_data": "more"}],
    ]
}
FOLDED: list[dict[str, Any]] = [
    {"type": "heading", "text": "Thursday 26 November", "size": 1},
    {"type": "heading", "text": "Motor", "size": 3},
    {"type": "paragraph", "text": "Ferrari raises its forecast"},
    {
        "type": "details",
        "summary": "Motor: 2 more stories",
        "blocks": [{"type": "paragraph", "text": "Riva and Abarth join forces"}],
    },
    {"type": "expandable_blockquote", "text": "One reason after another. " * 40},
    {"type": "footer", "text": "57 sources"},
]


async def uploaded(desk: Desk) -> str:
    """Upload a picture, delete its message, and return its file id."""
    form = aiohttp.FormData({"chat_id": str(desk.ana.id)})
    form.add_field("photo", png(1200, 675), filename="lead.png", content_type="image/png")
    url = f"{desk.town.url}/bot{desk.town.token}/sendPhoto"
    async with aiohttp.ClientSession() as http, http.post(url, data=form) as answer:
        sent = (await answer.json())["result"]
    place = {"chat_id": desk.ana.id, "message_id": sent["message_id"]}
    await desk.town.call("deleteMessage", place)
    file_id: str = sent["photo"][-1]["file_id"]
    return file_id


async def sent(desk: Desk, blocks: list[dict[str, Any]], **more: object) -> int:
    params = {"chat_id": desk.ana.id, "rich_message": rich(*blocks)} | more
    number: int = (await desk.town.call("sendRichMessage", params))["message_id"]
    return number


async def box(node: Locator) -> FloatRect:
    found = await node.bounding_box()
    assert found is not None
    return found


async def style(node: Locator, name: str) -> str:
    value: str = await node.evaluate(f"node => getComputedStyle(node).{name}")
    return value


async def test_folded_blocks_open_by_tap_and_key_and_stay_open_when_edited(desk: Desk) -> None:
    await desk.met(desk.ana)
    number = await sent(desk, FOLDED)
    page = await desk.open(desk.ana.id)
    inside = newest(page).get_by_text("Riva and Abarth")
    await expect(inside).to_be_hidden()
    summary = newest(page).get_by_test_id("summary")
    await summary.click()
    await expect(inside).to_be_visible()
    await summary.press("Enter")
    await expect(inside).to_be_hidden()
    await page.keyboard.press("Space")
    await expect(inside).to_be_visible()
    edit = {"chat_id": desk.ana.id, "message_id": number, "rich_message": rich(*FOLDED)}
    await desk.town.call("editMessageText", edit | {"reply_markup": NUMBERS})
    await expect(key(page, "Why these")).to_be_visible()
    await expect(inside).to_be_visible()
    await expect(summary).to_be_focused()
    quote = newest(page).get_by_test_id("quote-toggle")
    words = newest(page).get_by_test_id("expandable").locator(".quote-text")
    low = (await box(words))["height"]
    await quote.click()
    await expect(quote).to_have_attribute("aria-expanded", "true")
    assert (await box(words))["height"] > 2 * low
    plain = {"chat_id": desk.ana.id, "message_id": number, "text": "The plain edition"}
    await desk.town.call("editMessageText", plain)
    await expect(newest(page).get_by_test_id("text")).to_contain_text("The plain edition")
    await expect(newest(page).get_by_test_id("rich")).to_have_count(0)


async def test_headings_have_their_sizes_and_what_is_beside_the_news_is_grey(desk: Desk) -> None:
    await desk.met(desk.ana)
    await sent(desk, FOLDED, reply_markup=NUMBERS)
    page = await desk.open(desk.ana.id)
    message = newest(page)
    headings = message.get_by_test_id("heading")
    await expect(headings).to_have_text(["Thursday 26 November", "Motor"])
    sizes = [
        float((await style(node, "fontSize")).removesuffix("px"))
        for node in (
            headings.nth(0),
            headings.nth(1),
            message.locator(".paragraph").first,
            message.get_by_test_id("footer"),
        )
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4
    footer = await style(message.get_by_test_id("footer"), "color")
    assert footer != await style(message.locator(".paragraph").first, "color")
    # The list of chats shows what a notification would.
    await expect(entry(page, desk.ana.id).get_by_test_id("chat-last")).to_have_text(
        "Thursday 26 November"
    )
    rows = message.locator(".keys-row")
    for row in await rows.all():
        widths = [round((await box(node))["width"]) for node in await row.locator(".key").all()]
        assert max(widths) - min(widths) <= 1
        edge = await box(row)
        assert abs(edge["width"] - (await box(newest(page).locator(".bubble")))["width"]) <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_nothing_is_wider_than_the_page_and_pictures_reach_its_edges(
    desk: Desk, scheme: Literal["light", "dark"]
) -> None:
    await desk.met(desk.ana)
    wide = {"text": "Sales of the year", "align": "right", "valign": "top"}
    blocks = [
        *every_block(await uploaded(desk)),
        {"type": "table", "cells": [[wide] * 12], "is_bordered": True},
        {"type": "paragraph", "text": "w" * 300},
        {"type": "heading", "text": "价格" * 60, "size": 2},
        {"type": "pre", "text": "x" * 200},
    ]
    await sent(desk, blocks, reply_markup=NUMBERS)
    page = await desk.open(desk.ana.id, scheme=scheme, size=NARROW)
    picture = newest(page).get_by_test_id("picture").first
    await expect(picture.locator("img")).to_have_js_property("complete", value=True)
    assert await picture.locator("img").evaluate("image => image.naturalWidth") == 1200
    bubble = await box(newest(page).locator(".bubble"))
    shown = await box(picture.locator("img"))
    assert (shown["x"], shown["width"]) == (bubble["x"], bubble["width"])
    assert bubble["width"] > 350
    for measured in ("document.documentElement", "document.getElementById('scroller')"):
        assert await page.evaluate(f"{measured}.scrollWidth") == NARROW["width"]
    assert await overflowing(page) == []
    ground = await style(newest(page).locator(".bubble"), "backgroundColor")
    ink = await style(newest(page).get_by_test_id("heading").first, "color")
    assert (brightness(ground) > brightness(ink)) == (scheme == "light")


async def overflowing(page: Page) -> list[str]:
    """Return elements wider than the page, except inside scrolling frames."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('.rich *')]
            .filter((node) => !node.closest('.table-frame, .slideshow, .pre pre'))
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
            .map((node) => node.outerHTML.slice(0, 80))"""
    )
    return found


def brightness(colour: str) -> int:
    red, green, blue = colour.removeprefix("rgb(").removesuffix(")").split(",")
    return int(red) + int(green) + int(blue)


async def test_a_story_comes_out_the_morning_comes_and_a_guest_presses_start(desk: Desk) -> None:
    async def publish(language: str) -> Story:
        return desk.town.newsstand.publish_next(language=language)

    async def morning() -> dt.datetime:
        return dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC)

    desk.town.controls = Controls(publish, morning)
    page = await desk.open(size=NARROW)
    toast = page.get_by_test_id("toast").last
    await page.get_by_test_id("control-publish").click()
    await expect(toast).to_have_text(f"Published: {upcoming()[0].title}")
    await page.get_by_test_id("control-morning").filter(has_text="Jump to 08:00").click()
    await expect(toast).to_have_text("It is 08:00 in Milan, Friday 27 November")
    await page.get_by_test_id("control-guest").click()
    await page.get_by_test_id("option").filter(has_text="italiano").click()
    await page.get_by_test_id("start").click()
    await expect(newest(page)).to_contain_text("What would you like to follow?")
    assert desk.bot.heard == ["/start"]
