"""The interface of the chat page: its colours by day and by night, its controls of the demo."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from playground.chat_page.controls import GUESTS, Controls, welcome
from playground.chat_page.page import FILES
from playground.chat_page.views import by_address
from playground.clock import ForwardClock, next_time
from playground.newsstand.newsstand import Newsstand
from playground.newsstand.stories import upcoming

if TYPE_CHECKING:
    import aiohttp

    from playground.newsstand.stories import Story
    from playground.people.people import Person
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
Page = Callable[..., Coroutine[Any, Any, Any]]
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Go", "callback_data": "go", "style": "primary"}],
        [{"text": "Copy", "copy_text": {"text": "words"}}],
    ]
}


@pytest.fixture
def page(town: Playground, http: aiohttp.ClientSession) -> Page:
    """Return a function that requests the page's interface: GET, or POST with a body."""

    async def ask(path: str, *, status: int = 200, **body: object) -> object:
        method = "POST" if body else "GET"
        async with http.request(method, f"{town.url}/api/{path}", json=body or None) as answer:
            assert answer.status == status
            return await answer.json()

    return ask


@pytest.fixture
async def events(
    town: Playground, http: aiohttp.ClientSession
) -> AsyncIterator[Callable[[], Coroutine[Any, Any, dict[str, Any]]]]:
    """Return a function that reads the next event of the stream."""
    async with http.get(f"{town.url}/api/events") as answer:
        assert answer.content_type == "text/event-stream"
        await answer.content.readuntil(b"\n\n")

        async def following() -> dict[str, Any]:
            async with asyncio.timeout(60):
                block = await answer.content.readuntil(b"\n\n")
            pushed: dict[str, Any] = json.loads(block.decode().removeprefix("data: "))
            return pushed

        yield following


async def test_the_state_names_the_bot_the_people_and_the_chats(
    town: Playground, ana: Person, api: Api, page: Page
) -> None:
    ben = town.person("Ben")
    desk = town.group("Desk", [ana, ben], bot=False)
    town.direct(ana, ben)
    await api("setMyDescription", description="Luxury news")
    await api("sendMessage", chat_id=ana.id, text="Welcome")
    state = await page("state")
    about = {"": "Luxury news"}
    bot = {"id": town.world.bot.id, "name": "ON News", "username": "OnNewsBot", "about": about}
    assert state["bot"] == bot
    assert state["people"][0] == {"id": ana.id, "name": "Ana Rossi", "language": "it"}
    kinds = [(chat["kind"], chat["title"], chat["person"]) for chat in state["chats"]]
    assert kinds == [
        ("private", "Ana Rossi", ana.id),
        ("private", "Ben", ben.id),
        ("group", "Desk", None),
        ("direct", "Ana Rossi & Ben", None),
    ]
    assert state["chats"][2]["members"] == [ana.id, ben.id]
    assert state["chats"][2]["id"] == desk.id
    assert state["chats"][0]["unread"] == 1
    assert state["chats"][0]["last"]["text"] == "Welcome"
    await page(f"chats/{ana.id}/messages")
    assert (await page("state"))["chats"][0]["unread"] == 0


async def test_messages_are_shown_with_all_they_have(
    town: Playground, ana: Person, api: Api, page: Page
) -> None:
    story = town.newsstand.stories[0]
    link = town.newsstand.link(story, town.url)
    await api(
        "sendMessage",
        chat_id=ana.id,
        text=f"<b>Lead</b> <a href='{link}'>more</a>",
        parse_mode="HTML",
        link_preview_options={"url": link, "prefer_large_media": True, "show_above_text": True},
        reply_markup=KEYBOARD,
    )
    listed, shown = await page(f"chats/{ana.id}/messages")
    assert listed["from"] == {"id": ana.id, "name": "Ana Rossi", "bot": False}
    assert listed["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert shown["from"]["bot"]
    assert shown["text"] == "Lead more"
    assert shown["keyboard"][0] == [{"text": "Go", "callback_data": "go", "style": "primary"}]
    assert shown["keyboard"][1] == [{"text": "Copy", "copy_text": "words"}]
    assert shown["preview"]["title"] == story.title
    assert shown["preview"]["image"].startswith(f"{town.url}/newsstand/")
    assert (shown["preview"]["large"], shown["preview"]["above"]) == (True, True)
    assert not shown["edited"]


async def test_events_are_streamed_to_the_page(
    town: Playground,
    ana: Person,
    api: Api,
    events: Callable[[], Coroutine[Any, Any, dict[str, Any]]],
) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="one", reply_markup=KEYBOARD)
    target = {"chat_id": ana.id, "message_id": sent["result"]["message_id"]}
    event = await events()
    assert (event["type"], event["chat"]) == ("message", ana.id)
    assert event["message"]["text"] == "one"
    await api("sendChatAction", chat_id=ana.id, action="typing")
    assert (await events())["type"] == "typing"
    await api("editMessageText", **target, text="two")
    event = await events()
    assert (event["type"], event["message"]["edited"]) == ("edit", True)
    await api("deleteMessage", **target)
    assert await events() == {
        "type": "delete",
        "chat": ana.id,
        "message": target["message_id"],
    }
    town.person("Ben")
    assert await events() == {"type": "chats"}


async def test_a_tap_brings_the_bots_answer(
    town: Playground, ana: Person, api: Api, page: Page
) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="x", reply_markup=KEYBOARD)
    tapping = asyncio.create_task(
        page(
            f"chats/{ana.id}/tap",
            person=ana.id,
            message=sent["result"]["message_id"],
            data="go",
        )
    )
    await town.until(lambda: town.world.callbacks)
    (query,) = town.world.callbacks
    await api("answerCallbackQuery", callback_query_id=query, text="Saved", show_alert=True)
    assert await tapping == {"text": "Saved", "alert": True, "url": None}


async def test_an_inline_query_brings_results_to_choose_from(
    town: Playground, ana: Person, api: Api, page: Page
) -> None:
    between = town.direct(ana, town.person("Ben"))
    asked = {"person": ana.id, "chat": between.id, "query": "kering"}
    asking = asyncio.create_task(page("inline", **asked))
    await town.until(lambda: town.world.inline_queries)
    (query,) = town.world.inline_queries
    article = {
        "type": "article",
        "id": "a1",
        "title": "Kering",
        "description": "Milan",
        "thumbnail_url": "https://example.com/a.jpg",
        "input_message_content": {"message_text": "<b>Kering</b>", "parse_mode": "HTML"},
    }
    await api("answerInlineQuery", inline_query_id=query, results=[article], cache_time=0)
    assert (await asking)["results"] == [
        {
            "id": "a1",
            "title": "Kering",
            "description": "Milan",
            "thumb": "https://example.com/a.jpg",
        }
    ]
    chosen = await page("inline/choose", **asked, result="a1")
    assert (chosen["text"], chosen["via_bot"]) == ("Kering", "OnNewsBot")
    gone = await page("inline/choose", status=404, **asked, result="a2")
    assert gone["error"] == "This result is no longer there"


async def test_people_write_start_forward_and_share_a_place(
    town: Playground, ana: Person, page: Page
) -> None:
    sent = await page(f"chats/{ana.id}/send", person=ana.id, text=" /latest motor ")
    assert sent["text"] == "/latest motor"
    started = await page("start", person=ana.id, payload="a1")
    assert started["text"] == "/start a1"
    place = await page(f"chats/{ana.id}/location", person=ana.id, latitude=45.4, longitude=9)
    assert place["location"] == {"latitude": 45.4, "longitude": 9.0}
    between = town.direct(ana, town.person("Ben"))
    passed = await page(
        f"chats/{between.id}/forward", person=ana.id, from_chat=ana.id, message=sent["id"]
    )
    assert passed["forwarded_from"] == "Ana Rossi"


async def test_an_impossible_request_of_the_page_gets_an_error(
    town: Playground, ana: Person, page: Page
) -> None:
    ben = town.person("Ben")
    for path, status, body in (
        ("chats/1/send", 404, {"person": ana.id, "text": "x"}),
        (f"chats/{ana.id}/send", 404, {"person": 1, "text": "x"}),
        (f"chats/{ana.id}/send", 400, {"person": ana.id, "text": "  "}),
        (f"chats/{ana.id}/send", 403, {"person": ben.id, "text": "x"}),
        (f"chats/{ana.id}/tap", 404, {"person": ana.id, "message": 99, "data": "x"}),
        ("start", 400, {"person": ana.id, "payload": "not a payload"}),
    ):
        assert (await page(path, status=status, **body))["error"]


async def test_commands_are_those_of_the_persons_language(
    ana: Person, api: Api, page: Page
) -> None:
    await api("setMyCommands", commands=[{"command": "latest", "description": "Newest"}])
    await api(
        "setMyCommands",
        commands=[{"command": "latest", "description": "Ultime"}],
        language_code="it",
    )
    assert await page(f"commands?person={ana.id}") == [
        {"command": "latest", "description": "Ultime"}
    ]


async def test_a_group_shows_who_came_and_went(town: Playground, ana: Person, page: Page) -> None:
    desk = town.group("Desk", [ana])
    ben = town.person("Ben")
    desk.join(ben)
    desk.leave(ben)
    shown = await page(f"chats/{desk.id}/messages")
    assert [message["service"] for message in shown] == [
        {"what": "added", "name": "Ana Rossi", "other": "ON News"},
        {"what": "joined", "name": "Ben", "other": "Ben"},
        {"what": "left", "name": "Ben", "other": "Ben"},
    ]


async def test_the_page_and_uploaded_files_are_served(
    town: Playground, ana: Person, api: Api, page: Page, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{town.url}/") as answer:
        assert "<!doctype html>" in (await answer.text()).lower()
    stored = town.world.keep_file("export.json", "application/json", b"{}")
    await api("sendDocument", chat_id=ana.id, document=stored.id)
    shown = (await page(f"chats/{ana.id}/messages"))[-1]
    preview = shown["preview"]
    assert (preview["title"], preview["site"], preview["file"]) == ("export.json", "2 B", True)
    async with http.get(town.url + shown["preview"]["url"]) as answer:
        assert await answer.json() == {}
    async with http.get(f"{town.url}/file/files/F9/x") as answer:
        assert answer.status == 404


async def test_a_chat_without_a_reader_is_left_out(
    town: Playground,
    ana: Person,
    api: Api,
    page: Page,
    events: Callable[[], Coroutine[Any, Any, dict[str, Any]]],
) -> None:
    store = town.channel("Pictures", [ana])
    store.raw.backstage = True
    assert store.id not in {chat["id"] for chat in (await page("state"))["chats"]}
    await api("sendMessage", chat_id=store.id, text="unseen")
    await api("sendMessage", chat_id=ana.id, text="seen")
    while (pushed := await events())["type"] == "chats":
        pass
    assert pushed["message"]["text"] == "seen"


@pytest.mark.parametrize(
    ("url", "title", "site", "image"),
    [
        ("https://www.example.com/news/a-new-bentley.html", "A new bentley", "example.com", None),
        ("https://example.com/", "example.com", "example.com", None),
        ("https://example.com/a/b.JPG?w=1", "", "", "https://example.com/a/b.JPG?w=1"),
    ],
)
def test_a_preview_is_made_of_an_address(
    url: str, title: str, site: str, image: str | None
) -> None:
    preview = by_address(url)
    assert (preview.title, preview.site, preview.image) == (title, site, image)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("[::1]:{port}", 200),
        ("localhost", 200),
        ("evil.example:{port}", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:{port}", 421),
        ("evil.example@127.0.0.1:x", 421),
        ("[", 421),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/state", "/bot1:x/getMe", "/newsstand"])
async def test_only_a_page_that_was_opened_by_this_machine_s_name_is_answered(
    town: Playground, http: aiohttp.ClientSession, host: str, status: int, path: str
) -> None:
    """A page under a foreign name that resolves to this machine could read the chats."""
    headers = {"Host": host.format(port=town.url.rsplit(":", 1)[1])}
    async with http.get(town.url + path, headers=headers) as answer:
        assert (answer.status == 421) == (status == 421)


async def test_a_form_of_another_site_does_nothing(
    town: Playground, ana: Person, http: aiohttp.ClientSession
) -> None:
    body = json.dumps({"person": ana.id, "text": "x"})
    headers = {"Content-Type": "text/plain"}
    url = f"{town.url}/api/chats/{ana.id}/send"
    async with http.post(url, data=body, headers=headers) as answer:
        assert answer.status == 415


PAIRS = {
    "ink": ("in", "out", "side", "canvas", "chosen"),
    "soft": ("in", "side", "chosen"),
    "accent": ("in", "out"),
    "out-soft": ("out",),
    "code": ("in",),
    "key-ink": ("key", "key-hover"),
    "pill-ink": ("pill",),
    "on-accent": ("accent",),
}
"""Colour of a text → the colours behind it; a translucent one lies on the canvas."""
ENOUGH = 4.5
"""The least ratio for small text, by WCAG 2.2, 1.4.3."""

Colour = tuple[float, float, float, float]


def variables() -> dict[str, dict[str, Colour]]:
    """Return the colours of both schemes by name, each as red, green, blue and opacity."""
    css = (FILES / "frame.css").read_text()
    light, dark = (css.split(":root {")[part] for part in (1, 2))
    day = {
        name: colour(text) for name, text in re.findall(r"--([\w-]+): (#\w{6}|rgb[^;]*);", light)
    }
    night = {
        name: colour(text) for name, text in re.findall(r"--([\w-]+): (#\w{6}|rgb[^;]*);", dark)
    }
    return {"light": day, "dark": day | night}


def colour(text: str) -> Colour:
    if text.startswith("#"):
        red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
        return red, green, blue, 1
    red, green, blue, opacity = re.findall(r"[\d.]+", text)
    return float(red), float(green), float(blue), float(opacity) / 100


def over(front: Colour, back: Colour) -> Colour:
    red, green, blue = (
        f * front[3] + b * (1 - front[3]) for f, b in zip(front, back[:3], strict=False)
    )
    return red, green, blue, 1


def luminance(shown: Colour) -> float:
    red, green, blue = (
        each / 255 / 12.92 if each / 255 <= 0.04045 else ((each / 255 + 0.055) / 1.055) ** 2.4
        for each in shown[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_the_chat_page_can_be_read_on_what_is_behind_it(scheme: str) -> None:
    colours = variables()[scheme]
    faint = {}
    for text, backs in PAIRS.items():
        for name in backs:
            back = over(colours[name], colours["canvas"])
            one, other = sorted((luminance(colours[text]), luminance(back)))
            ratio = (other + 0.05) / (one + 0.05)
            if ratio < ENOUGH:
                faint[text, name] = round(ratio, 2)
    assert faint == {}


ROME = ZoneInfo("Europe/Rome")


def test_a_clock_goes_forward_and_never_back() -> None:
    real = [1_000_000.0]
    clock = ForwardClock(lambda: real[0])
    later = datetime.fromtimestamp(1_003_600, UTC)
    clock.forward(later)
    assert (clock(), clock.now()) == (1_003_600.0, later)
    real[0] += 5
    clock.forward(datetime.fromtimestamp(1_000_000, UTC))
    assert clock() == 1_003_605.0


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-26 06:59:59", "2026-11-26 07:00:00"),
        ("2026-11-26 07:00:00", "2026-11-27 07:00:00"),
        ("2026-11-26 23:30:00", "2026-11-27 07:00:00"),
        # Over the night in which the clocks of Milan change.
        ("2026-10-24 12:00:00", "2026-10-25 07:00:00"),
        ("2026-03-28 12:00:00", "2026-03-29 06:00:00"),
    ],
)
def test_the_next_morning_is_the_zones_own(now: str, then: str) -> None:
    moment = datetime.fromisoformat(f"{now}+00:00")
    assert next_time(moment, dt.time(8), ROME) == datetime.fromisoformat(f"{then}+00:00")


def test_prepared_stories_come_out_one_by_one_before_those_of_the_issues() -> None:
    clock = [datetime(2026, 6, 1, 9, 30, tzinfo=UTC)]
    newsstand = Newsstand(lambda: clock[0])
    drafts = upcoming()
    assert len(drafts) >= 12
    for draft in drafts:
        clock[0] += dt.timedelta(minutes=1)
        story = newsstand.publish_next()
        assert (story.title, story.published) == (draft.title, clock[0])
        assert newsstand.stories[0] is story
    assert newsstand.publish_next().slug.endswith("-en-2026-06-01")
    assert len({story.slug for story in newsstand.stories}) == len(newsstand.stories)


async def test_a_body_may_have_subheads_quotes_and_lists(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    body = ["One.", "## Two & three", "> Four", "- five", "- six", "Seven."]
    story = town.newsstand.publish("A body", body=body)
    async with http.get(town.newsstand.link(story, town.url)) as answer:
        page = await answer.text()
    assert (
        "<p>One.</p><h3>Two &amp; three</h3><blockquote>Four</blockquote>"
        "<ul><li>five</li><li>six</li></ul><p>Seven.</p>"
    ) in page


def test_guests_have_names_of_their_own_and_have_pressed_nothing(town: Playground) -> None:
    names = {welcome(town.world, "it").name for _ in range(2 * len(GUESTS["it"]))}
    assert len(names) == 2 * len(GUESTS["it"])
    guest = welcome(town.world, "en")
    assert guest.language == "en"
    assert not guest.met
    assert not town.world.chats[guest.id].records
    with pytest.raises(LookupError):
        welcome(town.world, "xx")


async def test_without_the_demo_the_page_offers_no_controls(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{town.url}/api/state") as answer:
        state = await answer.json()
    assert state["controls"] is None
    assert state["now"] == town.world.clock()
    for path in ("publish", "morning"):
        async with http.post(f"{town.url}/api/{path}", json={}) as answer:
            assert answer.status == 404


async def test_the_page_has_a_story_printed_and_the_night_pass(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    async def publish(language: str) -> Story:
        return town.newsstand.publish_next(language=language)

    async def morning() -> datetime:
        return datetime(2026, 6, 2, 8, tzinfo=ROME)

    town.controls = Controls(publish, morning)
    async with http.get(f"{town.url}/api/state") as answer:
        assert (await answer.json())["controls"] == {"morning": "08:00"}
    async with http.post(f"{town.url}/api/publish", json={}) as answer:
        assert await answer.json() == {"title": upcoming()[0].title}
    async with http.post(f"{town.url}/api/publish", json={"language": "zh"}) as answer:
        title = (await answer.json())["title"]
    assert [each.title for each in town.newsstand.stories if each.language == "zh"] == [title]
    async with http.post(f"{town.url}/api/morning", json={}) as answer:
        shown = await answer.json()
    assert (shown["clock"], shown["day"]) == ("08:00", "2026-06-02")
    async with http.post(f"{town.url}/api/guests", json={"language": "it"}) as answer:
        guest = await answer.json()
    assert town.world.people[guest["id"]].language == "it"
