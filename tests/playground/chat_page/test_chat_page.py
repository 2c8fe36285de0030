"""The chat page in a real browser, with a scripted bot."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.playground.desk import IN_A_BROWSER, PHONE, Desk, entry, key, keys, newest, option, top

pytestmark = IN_A_BROWSER


async def test_start_greets_and_a_button_acts_on_its_message_in_place(desk: Desk) -> None:
    page = await desk.greeted(desk.ana)
    assert await newest(page).locator("strong").all_inner_texts() == ["Welcome"]
    desk.bot.hold.clear()
    await key(page, "Motor").focus()
    await page.keyboard.press("Enter")
    await expect(key(page, "Motor")).to_have_attribute("aria-busy", "true")
    desk.bot.hold.set()
    # First what is visible for a few seconds only.
    await expect(page.get_by_test_id("toast")).to_have_text("Done: follow:motor")
    await expect(key(page, "Motor")).to_have_text("✓ Motor")
    await expect(key(page, "Motor")).to_be_focused()
    await expect(key(page, "Motor")).not_to_have_attribute("aria-busy", "true")
    await expect(page.get_by_test_id("message")).to_have_count(2)


async def test_an_alert_waits_to_be_read_and_a_link_is_copied(desk: Desk) -> None:
    page = await desk.greeted(desk.ana)
    await key(page, "Alert me").click()
    await expect(page.get_by_test_id("alert")).to_contain_text("Done: alert")
    await page.get_by_test_id("alert-ok").click()
    await expect(page.get_by_test_id("alert")).to_have_count(0)
    await expect(page.get_by_test_id("toast")).to_have_count(0)
    await key(page, "Copy the link").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "https://example.com/story"


async def test_a_story_goes_to_a_friend_who_arrives_by_its_link(desk: Desk) -> None:
    page = await desk.greeted(desk.ana)
    await key(page, "Send to a friend").click()
    await expect(option(page, "The Atelier")).to_be_visible()
    await expect(option(page, "ON News Daily")).to_have_count(0)
    await option(page, "Ana Marín & Leo Wu").click()
    await expect(page.get_by_test_id("suggestion")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(newest(page)).to_contain_text("A second story: bentley")
    await expect(newest(page).get_by_test_id("provenance")).to_have_text("via @OnNewsBot")
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await key(page, "Read it").click()
    await option(page, "Leo Wu").click()
    await expect(page.get_by_test_id("chat-note")).to_contain_text("Leo Wu")
    await expect(newest(page)).to_contain_text("You came for a1.")
    assert desk.bot.heard == ["/start", "/start a1"]


async def test_text_shows_its_entities_and_escapes_tags(desk: Desk) -> None:
    await desk.met(desk.ana)
    html = (
        "😀 <b>bold <i>both</i></b> <u>under</u> <s>gone</s> &lt;b&gt; <code>&lt;i&gt;</code> "
        '<tg-spoiler>the end</tg-spoiler> <a href="https://example.com/a?b=1&amp;c">a 🜂 link</a>\n'
        '<pre><code class="language-python">def due():</code></pre>\n'
        "<blockquote expandable>one\ntwo\nthree\nfour\nfive</blockquote>\nafter"
    )
    page = await desk.open(desk.ana.id)
    await desk.bot.say(desk.ana.id, html, parse_mode="HTML")
    words = newest(page).get_by_test_id("text")
    await expect(words).to_contain_text("<b> <i>")
    for selector, text in (
        ("strong", "bold both"),
        ("strong em", "both"),
        ("u", "under"),
        ("s", "gone"),
        ("code", "<i>"),
        ("pre code", "def due():"),
        ("a", "a 🜂 link"),
    ):
        await expect(words.locator(selector).first).to_have_text(text)
    await expect(words.locator("a")).to_have_attribute("href", "https://example.com/a?b=1&c")
    spoiler = words.get_by_test_id("spoiler")
    await expect(spoiler).to_have_attribute("role", "button")
    await spoiler.press("Enter")
    await expect(spoiler).to_have_class(re.compile("open"))
    toggle = words.get_by_test_id("quote-toggle")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await toggle.click()
    await expect(toggle).to_have_attribute("aria-expanded", "true")


async def test_an_edit_above_does_not_move_what_is_read_and_new_ones_are_counted(
    desk: Desk,
) -> None:
    await desk.met(desk.ana)
    first = await desk.bot.say(desk.ana.id, "The first")
    for number in range(30):
        await desk.bot.say(desk.ana.id, f"Line {number}\nand another")
    page = await desk.open(desk.ana.id)
    await expect(newest(page)).to_be_in_viewport()
    await expect(page.get_by_test_id("scroll-bottom")).to_be_hidden()
    read = page.get_by_test_id("message").filter(has_text="Line 14")
    await read.evaluate("row => row.scrollIntoView({block: 'center'})")
    await expect(page.get_by_test_id("scroll-bottom")).to_be_visible()
    before = await top(read)
    await desk.town.call(
        "editMessageText",
        {"chat_id": desk.ana.id, "message_id": first, "text": "The first\n\n\n\nhas grown"},
    )
    grown = page.get_by_test_id("message").filter(has_text="has grown")
    await expect(grown).to_contain_text("edited")
    await desk.bot.say(desk.ana.id, "The last")
    await expect(page.get_by_test_id("below")).to_have_text("1")
    # A browser scrolls by whole pixels.
    assert abs(await top(read) - before) < 1
    await page.get_by_test_id("scroll-bottom").click()
    await expect(newest(page)).to_be_in_viewport()
    await expect(page.get_by_test_id("scroll-bottom")).to_be_hidden()


async def test_other_chats_count_what_is_unread_and_opening_reads_it(desk: Desk) -> None:
    await desk.met(desk.leo)
    page = await desk.open(desk.ana.id)
    await desk.bot.say(desk.group.id, "For all of you")
    badge = entry(page, desk.group.id).get_by_test_id("unread")
    await expect(badge).to_have_text("1")
    await expect(entry(page, desk.group.id).get_by_test_id("chat-last")).to_contain_text("For all")
    await expect(page.get_by_test_id("chat").first).to_have_attribute(
        "data-chat", str(desk.group.id)
    )
    await entry(page, desk.group.id).click()
    await expect(badge).to_have_count(0)
    await expect(page.get_by_test_id("chat-title")).to_have_text("The Atelier")


async def test_the_list_shows_what_happened_in_a_group_where_nobody_has_written(desk: Desk) -> None:
    desk.group.remove_bot(desk.ana)
    page = await desk.open(desk.ana.id)
    shown = entry(page, desk.group.id).get_by_test_id("chat-last")
    await expect(shown).to_have_text("Ana Marín removed ON News")


async def test_in_a_group_the_guest_chooses_which_person_writes(desk: Desk) -> None:
    page = await desk.open(desk.group.id)
    composer = page.get_by_test_id("composer")
    await composer.fill("from Ana")
    await composer.press("Enter")
    await expect(newest(page)).to_have_attribute("data-out", "true")
    await page.get_by_test_id("speaker").click()
    await page.get_by_role("menuitem", name="Write as Leo Wu").click()
    await expect(newest(page)).to_have_attribute("data-out", "false")
    await composer.fill("from Leo")
    await composer.press("Shift+Enter")
    await composer.type("in two lines")
    await composer.press("Enter")
    await expect(newest(page)).to_have_attribute("data-from", str(desk.leo.id))
    last = desk.group.messages[-1]
    assert (last.author, last.text) == ("Leo Wu", "from Leo\nin two lines")


async def test_a_slash_lists_the_commands_and_a_choice_sends_one(desk: Desk) -> None:
    commands = [
        {"command": "latest", "description": "The newest headlines"},
        {"command": "settings", "description": "Hour and days"},
    ]
    await desk.town.call("setMyCommands", {"commands": commands})
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    composer = page.get_by_test_id("composer")
    await composer.fill("/")
    await expect(page.get_by_test_id("suggestion")).to_have_count(2)
    await composer.type("la")
    await expect(page.get_by_test_id("suggestion")).to_contain_text(["The newest headlines"])
    await composer.press("Enter")
    await expect(newest(page)).to_contain_text("Nothing new today.")
    assert desk.bot.heard == ["/start", "/latest"]


async def test_a_place_is_shared_from_the_reply_keyboard(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    markup = {
        "keyboard": [[{"text": "Milan"}], [{"text": "My place", "request_location": True}]],
        "one_time_keyboard": True,
    }
    await desk.bot.say(desk.ana.id, "Where are you?", reply_markup=markup)
    await page.get_by_test_id("reply-key").filter(has_text="My place").click()
    await option(page, "Dubai").click()
    await expect(newest(page).get_by_test_id("place")).to_have_text("25.2048, 55.2708")
    await expect(page.get_by_test_id("reply-keyboard")).to_be_hidden()


async def test_a_message_is_forwarded_from_its_menu(desk: Desk) -> None:
    page = await desk.greeted(desk.ana)
    await newest(page).hover()
    await newest(page).get_by_test_id("message-menu").click()
    await page.get_by_role("menuitem", name="Forward").click()
    await option(page, "The Atelier").click()
    await expect(page.get_by_test_id("chat-title")).to_have_text("The Atelier")
    await expect(newest(page).get_by_test_id("provenance")).to_have_text("Forwarded from ON News")


async def test_the_picture_is_above_the_text(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    await desk.bot.say(
        desk.ana.id,
        "The lead story",
        link_preview_options={
            "url": "https://example.com/a-studio-in-shanghai",
            "prefer_large_media": True,
            "show_above_text": True,
        },
    )
    card = newest(page).get_by_test_id("preview")
    await expect(card).to_contain_text("example.com")
    assert await top(card) < await top(newest(page).get_by_test_id("text"))


async def test_a_message_taller_than_the_view_is_shown_from_its_beginning(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    # Once the chat is open: what was in it before is shown from its end.
    await expect(newest(page)).to_contain_text("Welcome")
    await desk.bot.say(desk.ana.id, "Masthead\n" + "A story\n" * 80)
    await expect(newest(page)).to_contain_text("Masthead")
    await expect(page.get_by_test_id("scroll-bottom")).to_be_visible()
    gap = await top(newest(page)) - await top(page.get_by_test_id("scroller"))
    assert 0 <= gap < 20


async def test_the_bot_is_asked_inline_while_its_name_is_typed(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.group.id)
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("@onnewsbot kering")
    results = page.get_by_test_id("suggestion")
    await expect(results).to_contain_text(["about kering", "about kering"])
    notes = await page.locator(".suggestion-note").all_inner_texts()
    assert notes == ["about kering\nA summary"] * 2
    await composer.press("Escape")
    await expect(results).to_have_count(0)
    await composer.press_sequentially("!")
    await results.filter(has_text="A first story").click()
    await expect(newest(page)).to_contain_text("A first story: kering!")
    await expect(composer).to_have_value("")


async def test_a_link_to_the_bot_within_a_text_asks_who_follows_it(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    await desk.bot.say(desk.ana.id, "See https://t.me/OnNewsBot?start=s_Ab-1 and more")
    await newest(page).get_by_test_id("text").get_by_role("link").click()
    await page.keyboard.press("Enter")  # whose chat is open comes first
    await expect(newest(page)).to_contain_text("You came for s_Ab-1.")
    assert desk.bot.heard[-1] == "/start s_Ab-1"


async def test_a_phone_shows_the_list_or_the_chat(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(size=PHONE, scheme="dark")
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    await entry(page, desk.ana.id).click()
    await expect(page.get_by_test_id("chat-list")).to_be_hidden()
    await expect(newest(page)).to_be_in_viewport()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide == PHONE["width"]
    await page.get_by_test_id("back").click()
    await expect(page.get_by_test_id("chat-list")).to_be_visible()


async def test_the_list_of_chats_shortens_whose_chat_it_is_and_not_the_bots_name(
    desk: Desk,
) -> None:
    desk.town.person("Maximiliana Featherstonehaugh")
    page = await desk.open(chats=6)
    names = await page.locator(".chat-called:has(+ .chat-whose)").evaluate_all(
        "all => all.map(e => e.scrollWidth > e.clientWidth)"
    )
    assert names == [False] * 3


async def test_the_smallest_phone_cuts_no_button_in_two(desk: Desk) -> None:
    await desk.met(desk.ana)
    rows = (
        ("De lunes a viernes", "Sábado y domingo"),
        ("Monday to Friday", "Saturday and Sunday"),
        ("Edizione serale · No", "Fuso orario · Milano"),
        ("Lunes", "Martes", "Miércoles"),
        ("0", "1", "3", "✓ 5", "10", "20"),
        ("在此阅读", "定制我的早间简报"),
    )
    keyboard = [[{"text": text, "callback_data": text} for text in row] for row in rows]
    await desk.bot.say(desk.ana.id, "Pick", reply_markup={"inline_keyboard": keyboard})
    page = await desk.open(desk.ana.id, size={"width": 320, "height": 640})
    await expect(newest(page)).to_contain_text("Pick")
    for width in (320, 351, 360, 375, 390):
        await page.set_viewport_size({"width": width, "height": 640})
        cut = await page.locator(".key-text").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
        )
        assert cut == [], width


async def test_unsent_text_stays_in_the_field(desk: Desk) -> None:
    await desk.met(desk.ana)
    page = await desk.open(desk.ana.id)
    await page.route("**/send", lambda route: route.abort())
    composer = page.get_by_test_id("composer")
    await composer.fill("do not lose me")
    await composer.press("Enter")
    await expect(page.get_by_test_id("toast")).to_be_visible()
    await expect(composer).to_have_value("do not lose me")
    desk.complaints.clear()  # the browser's own word on the request that was cut


async def test_the_last_row_of_buttons_stays_whole_when_messages_above_grow(desk: Desk) -> None:
    await desk.met(desk.ana)
    for number in range(12):
        await desk.bot.say(desk.ana.id, f"Story {number}\n" * 9, reply_markup=keys(""))
    page = await desk.open(desk.ana.id, size=PHONE)
    last = page.get_by_test_id("key").last
    await expect(last).to_be_in_viewport(ratio=1)
    # As when a picture that the browser has already gets its full height.
    await page.locator(".row").nth(3).evaluate("row => { row.style.marginBottom = '40px'; }")
    await page.wait_for_function("""() => {
        const [row] = [...document.querySelectorAll(".key")].slice(-1);
        const foot = document.querySelector("#foot").getBoundingClientRect().top;
        return row.getBoundingClientRect().bottom + 8 <= foot;
    }""")
