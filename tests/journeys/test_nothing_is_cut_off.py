"""Every button of every view fits one line on a narrow phone, in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from templates.language.languages import languages
from tests.handlers.conftest import Clock, hurried, opened
from tests.journeys.views import Walk
from tests.playground.desk import IN_A_BROWSER, PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from playground.world.chats import Body
    from tests.handlers.conftest import Bureau

pytestmark = IN_A_BROWSER

CUT = """() => [
    ...[...document.querySelectorAll('.key-text')].filter(
        node => node.scrollWidth > node.clientWidth || node.offsetHeight > 24),
    ...[...document.querySelectorAll('.column')].filter(
        node => node.getBoundingClientRect().right > innerWidth),
].map(node => node.textContent)"""
"""Finds buttons whose text exceeds one line, and messages wider than the screen."""


async def print_news(bureau: Bureau) -> None:
    """Store enough for an edition that leaves stories out, for paging, and an event of three."""
    desk = bureau.desk
    for number in range(14):
        await desk.print_(f"A new engine, number {number}", "motor", hours_ago=30 - number)
    await desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor", "real-estate")
    for teller in ("Reuters", "Bloomberg", "WWD"):
        await desk.print_(f"{teller}: Kering sells its beauty house", "kering", "beauty", event=900)
    await desk.print_(
        "Gucci dreams of a garden",
        "gucci",
        "style",
        body="\n\n".join(f"Paragraph {n}. " + "Silk and roses. " * 30 for n in range(1, 30)),
    )


def hang_up(bureau: Bureau, language: str, bodies: list[Body]) -> int:
    """Create a chat in which the bot sent all these messages, and return its id."""
    world = bureau.town.world
    person = world.add_person(f"Every view ({language})", language)
    chat = world.chats[person.id]
    frame = {"message_id", "date", "chat", "from", "sender_chat", "edit_date", "reply_to_message"}
    for body in bodies:
        world.post(chat, world.bot, {name: body[name] for name in body.keys() - frame})
    return chat.id


async def test_no_button_of_any_view_is_cut_off_on_a_phone(
    browser: Browser, sqlite_url: str
) -> None:
    async with opened(sqlite_url, Clock(), hurried()) as bureau:
        await print_news(bureau)
        chats = {}
        for language in languages():
            bodies = await Walk(bureau, language).all()
            assert len(bodies) > 80
            chats[language] = (hang_up(bureau, language, bodies), bodies)
        page = await browser.new_page(viewport={"width": 375, "height": 812})
        try:
            page.set_default_timeout(PATIENCE)
            for language, (chat, bodies) in chats.items():
                await page.goto(f"{bureau.town.url}/#{chat}")
                await expect(page.get_by_test_id("message")).to_have_count(len(bodies))
                cut: list[Any] = await page.evaluate(CUT)
                assert cut == [], language
        finally:
            await page.close()
        assert bureau.town.violations == []
