"""Roles in a group on the page, and notices: what they say and what they leave visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from playground.world.chats import Status
from tests.playground.desk import DESK, IN_A_BROWSER, PHONE, key, option

if TYPE_CHECKING:
    from playwright.async_api import Page, ViewportSize

    from tests.playground.desk import Desk

pytestmark = IN_A_BROWSER


async def test_the_page_lets_a_guest_take_over_a_group(desk: Desk) -> None:
    guest = desk.town.person("Giulia", "it")
    page = await desk.open(desk.group.id, chats=6)
    await page.get_by_test_id("members").click()
    await option(page, "Giulia").filter(has_text="not in the group").click()
    await option(page, "Make the owner").click()
    # From here on the page speaks Italian, as the new owner does.
    await expect(page.get_by_test_id("members")).to_have_attribute("aria-label", "Membri e ruoli")
    await page.get_by_test_id("members").click()
    await expect(option(page, "Giulia")).to_contain_text("proprietario")
    await expect(option(page, "Ana")).to_contain_text("amministratore")
    assert desk.group.raw.status(guest.account) is Status.CREATOR


@pytest.mark.parametrize("size", [PHONE, DESK])
async def test_a_notice_covers_neither_messages_nor_buttons(desk: Desk, size: ViewportSize) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id, size=size)
    before = await edge(page)
    await key(page, "Motor").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Done: follow:motor")
    assert await edge(page) == before
    covered = await page.evaluate("""() => {
        const toast = document.querySelector(".toast").getBoundingClientRect();
        const seen = document.querySelector("#scroller").getBoundingClientRect();
        const head = document.querySelector("#head").getBoundingClientRect();
        return toast.bottom > seen.top + 1 || toast.top < head.bottom - 1;
    }""")
    assert covered is False


async def edge(page: Page) -> float:
    """Return where the last button ends."""
    bottom: float = await key(page, "Send to a friend").evaluate(
        "key => Math.round(key.getBoundingClientRect().bottom)"
    )
    return bottom


async def test_a_refusal_is_said_in_the_guests_language(desk: Desk) -> None:
    guest = desk.town.person("Camille", "fr")
    page = await desk.open(guest.id, chats=6)
    await page.route(
        "**/api/start",
        lambda route: route.fulfill(status=404, json={"error": "There is no person 7"}),
    )
    await page.get_by_test_id("start").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Cet élément n’existe plus")
    desk.complaints.clear()  # the browser reports the refusal too
