"""Groups and topics on the chat page, private chats, and a bot that has stopped."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from playwright.async_api import expect

from playground.chat_page.controls import Controls
from playground.world.chats import Status
from tests.playground.desk import IN_A_BROWSER, PHONE, Desk, entry, key, newest, option

if TYPE_CHECKING:
    from playwright.async_api import Page, ViewportSize

    from playground.newsstand.stories import Story

pytestmark = IN_A_BROWSER


NARROW: ViewportSize = {"width": 320, "height": 640}


async def choose(page: Page, name: str) -> None:
    """Choose an entry of the newest message's menu."""
    await newest(page).hover()
    await newest(page).get_by_test_id("message-menu").click()
    await page.get_by_role("menuitem", name=name).click()


async def write(page: Page, words: str) -> None:
    await page.get_by_test_id("composer").fill(words)
    await page.keyboard.press("Enter")


async def test_a_reply_in_a_group_reaches_the_bot_and_shows_what_it_answers(desk: Desk) -> None:
    page = await desk.open(desk.group.id)
    await desk.bot.say(desk.group.id, "Which hour?\nType it as a reply.")
    await choose(page, "Reply")
    await expect(page.get_by_test_id("answering")).to_contain_text("Reply to ON News")
    await page.get_by_test_id("unanswer").click()
    await expect(page.get_by_test_id("answering")).to_be_hidden()
    await choose(page, "Reply")
    await write(page, "07:35")
    await expect(newest(page).get_by_test_id("quote")).to_have_text("ON NewsWhich hour?")
    await expect(page.get_by_test_id("answering")).to_be_hidden()
    (record,) = [
        each for each in desk.group.raw.records.values() if each.body.get("text") == "07:35"
    ]
    assert record.body["reply_to_message"]["text"].startswith("Which hour?")
    # Without it, a group's words are none of the bot's.
    await write(page, "good night")
    await expect(newest(page)).to_contain_text("good night")
    await expect(newest(page).get_by_test_id("quote")).to_have_count(0)


async def test_on_a_phone_the_menu_of_every_message_of_a_group_is_in_sight(desk: Desk) -> None:
    for size in (PHONE, NARROW):
        page = await desk.open(desk.group.id, size=size)
        await desk.leo.send("A line that is as long as many are, and goes on", desk.group)
        await desk.bot.say(desk.group.id, "Which hour? " * 20)
        await expect(newest(page)).to_contain_text("Which hour?")
        outside = await page.get_by_test_id("message-menu").evaluate_all(
            """menus => menus.filter((menu) => {
              const box = menu.getBoundingClientRect();
              return box.left < 0 || box.right > window.innerWidth;
            }).length"""
        )
        assert outside == 0
        await choose(page, "Reply")
        await expect(page.get_by_test_id("answering")).to_contain_text("Reply to ON News")


async def test_a_topic_is_chosen_and_written_into(desk: Desk) -> None:
    forum = desk.town.group("The Forum", [desk.ana, desk.leo], forum=True)
    watches = forum.topic("Watches", desk.ana)
    page = await desk.open(forum.id, chats=6)
    await expect(page.get_by_test_id("topics")).to_have_text("General")
    await page.get_by_test_id("topics").click()
    await page.get_by_role("menuitem", name="Watches").click()
    await write(page, "A tourbillon")
    await expect(newest(page)).to_contain_text("A tourbillon")
    await expect(newest(page).get_by_test_id("topic")).to_have_text("Watches")
    forum.topic("Yachts", desk.ana)
    yachts = page.get_by_role("menuitem", name="Yachts")
    await page.get_by_test_id("topics").click()
    # The page learns of a topic a moment later, and an open menu does not change.
    while not await yachts.count():
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("menu")).to_have_count(0)
        await page.get_by_test_id("topics").click()
    await yachts.click()
    await expect(page.get_by_test_id("topics")).to_have_text("Yachts")
    written = [each.body for each in forum.raw.records.values() if each.body.get("text")]
    assert [body.get("message_thread_id") for body in written] == [watches]


async def test_a_guest_makes_a_channel_and_a_group_and_hands_them_to_the_bot(desk: Desk) -> None:
    async def publish(language: str) -> Story:
        return desk.town.newsstand.publish_next(language=language)

    async def morning() -> dt.datetime:
        return dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC)

    desk.town.controls = Controls(publish, morning)
    bot = desk.town.world.bot
    page = await desk.open(desk.leo.id)
    await expect(page.get_by_test_id("controls")).to_contain_text("The stories are invented.")
    for kind, chats in (("A channel of yours", 6), ("A group with topics", 7)):
        await page.get_by_test_id("control-room").click()
        await option(page, kind).click()
        await expect(page.get_by_test_id("chat")).to_have_count(chats)
    channel, forum = list(desk.town.world.chats.values())[-2:]
    assert [topic.name for topic in forum.topics.values()] == ["Cars", "Watches"]
    assert Status.LEFT is channel.status(bot) is forum.status(bot)

    # A channel by Telegram's own list, which shows what one administers.
    asked = {"request_id": 7, "chat_is_channel": True}
    keyboard = [[{"text": "Choose a channel", "request_chat": asked}]]
    await desk.met(desk.leo)
    await desk.bot.say(desk.leo.id, "Which one?", reply_markup={"keyboard": keyboard})
    await page.get_by_test_id("reply-key").click()
    await expect(page.get_by_test_id("option")).to_have_count(1)
    await option(page, "Luxury in Brief").click()
    written = desk.leo.chat.raw.records
    await desk.town.until(lambda: any("chat_shared" in each.body for each in written.values()))
    (shared,) = [
        each.body["chat_shared"] for each in written.values() if "chat_shared" in each.body
    ]
    assert shared == {"request_id": 7, "chat_id": channel.id}
    await expect(page.locator(".notice").last).to_have_text("Leo Wu shared Luxury in Brief")

    # A group by the bot's link; a tap answered with a link opens it.
    address = "https://t.me/OnNewsBot?startgroup="
    await desk.bot.say(desk.leo.id, f'<a href="{address}">Or a group</a>', parse_mode="HTML")
    await newest(page).get_by_role("link", name="Or a group").click()
    await expect(option(page, "The Luxury Club")).to_be_visible()
    await page.get_by_test_id("chooser-close").click()
    link = [{"text": "Add me to a group", "url": address}]
    await desk.bot.say(desk.leo.id, "Or a group", reply_markup={"inline_keyboard": [link]})
    await key(page, "Add me to a group").click()
    await option(page, "The Luxury Club").click()
    await expect(page.get_by_test_id("chat-title")).to_have_text("The Luxury Club")
    assert forum.status(bot) is Status.MEMBER


async def test_a_private_chat_is_the_bots_as_its_person_sees_it(desk: Desk) -> None:
    giulia = desk.town.person("Giulia", "it-IT")
    desk.town.world.face.descriptions |= {
        "": "News, once a day",
        "it": "Notizie, una volta al giorno",
    }
    page = await desk.open(giulia.id, chats=6)
    await expect(entry(page, giulia.id)).to_contain_text("ON News")
    await expect(entry(page, giulia.id)).to_contain_text("come la vede Giulia")
    await expect(page.get_by_test_id("chat-note")).to_have_text("bot, come lo vede Giulia")
    await expect(page.get_by_test_id("nothing")).to_contain_text("Notizie, una volta al giorno")
    await entry(page, desk.leo.id).click()
    await expect(page.get_by_test_id("nothing")).to_contain_text("News, once a day")


async def test_the_name_of_a_day_lies_over_no_message(desk: Desk) -> None:
    page = await desk.open(desk.group.id)
    for number in range(30):
        await desk.leo.send(f"Line {number}", desk.group)
    await expect(newest(page)).to_contain_text("Line 29")
    scroller = page.get_by_test_id("scroller")
    for top in (0, 60, 400):
        await scroller.evaluate("(node, top) => node.scrollTo({ top })", top)
        overlaps = await page.evaluate(
            """() => {
              const name = document.querySelector('[data-testid="day"] span');
              const day = name.getBoundingClientRect();
              const bubbles = document.querySelectorAll('[data-testid="message"] .bubble');
              return [...bubbles].filter((one) => {
                const box = one.getBoundingClientRect();
                return box.top < day.bottom && day.top < box.bottom
                  && box.left < day.right && day.left < box.right;
              }).length;
            }"""
        )
        assert overlaps == 0, top


async def test_the_page_says_that_the_bot_has_gone(desk: Desk) -> None:
    page = await desk.open(desk.ana.id)
    await expect(page.get_by_test_id("gone")).to_be_hidden()
    await page.route("**/api/events", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_test_id("gone")).to_contain_text("ON News has stopped")
    await expect(page.get_by_test_id("chat")).to_have_count(5)
    await page.unroute("**/api/events")
    await expect(page.get_by_test_id("gone")).to_be_hidden()
    # The requests that were held up.
    desk.complaints.clear()
