"""Links that readers suggest to the editors."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.taps.desk_data import DeskPage, DiscardTip, DraftTip, OpenDesk, OpenTip, SuggestLink
from tests.handlers.conftest import ask, hurried, opened, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, turned

if TYPE_CHECKING:
    from playground.people.people import Person
    from tests.handlers.conftest import Clock
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

OLD = "This button no longer works"
LINK = "https://unknown.example/story"
PAGE = """<!doctype html><html lang="en"><head><title>Bentley builds a wing at Crewe</title>
<meta property="og:title" content="Bentley builds a wing at Crewe">
<meta property="og:type" content="article">
</head><body><article><h1>Bentley builds a wing at Crewe</h1><p>Bentley, the car maker, builds a
new wing at Crewe for its coachbuilders of Mulliner, who will move in next spring.</p><p>The wing
costs ninety million pounds, and sixty people will work in it from the first day on.</p></article>
</body></html>"""
TAKEN = "Suggested to the editors"


async def tip(reader: Person, link: str = LINK) -> str:
    """Suggest a link, and return the answer."""
    answer = await ask(reader, link)
    assert answer.text.startswith("I don’t have that story")  # an apostrophe
    return (await turned(reader, "Suggest to the editors", answer)).text


@ON_EACH_DATABASE
async def test_a_reader_suggests_a_link_and_hears_when_it_is_published(newsdesk: Newsdesk) -> None:
    bureau, eva = newsdesk.bureau, newsdesk.eva
    rosa, carlo = await bureau.reader("Rosa"), await bureau.reader("Carlo")
    assert (await tip(rosa, f"{LINK}?utm_source=x")).startswith(TAKEN)
    assert (await tip(carlo)).startswith(TAKEN)
    assert "already suggested" in await tip(rosa)
    await eva.send("/desk")
    page = await turned(eva, "Tips (1)", await eva.next())
    assert "2 readers" in page.text
    one = await turned(eva, "1", page)
    assert LINK in one.text
    assert "Rosa" not in one.text
    assert str(rosa.id) not in one.text
    ticks = bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("desk")
    await bureau.desk.print_("The suggested story", "motor", link=LINK)
    await ticks.run("desk")
    await ticks.run("desk")
    for reader in (rosa, carlo):
        heard = await reader.next()
        assert heard.text.startswith("A story you suggested has been published:")
        assert "The suggested story" in heard.text
        assert "The suggested story" in (await press(reader, "Read the story", heard)).text
    await bureau.heard()
    assert rosa.unread() == []
    assert await bureau.onnews.archive.tips.count() == 0


@ON_EACH_DATABASE
async def test_an_editor_makes_a_draft_of_a_tip_and_its_reader_hears_of_the_article(
    newsdesk: Newsdesk, site: Site
) -> None:
    bureau, eva, olga = newsdesk.bureau, newsdesk.eva, newsdesk.olga
    rosa = await bureau.reader("Rosa")
    link = site.serve("/story?id=1", PAGE, Content_Type="text/html; charset=utf-8")
    await tip(rosa, link)
    pages = []
    for editor in (eva, olga):
        await editor.send("/desk")
        page = await turned(editor, "Tips (1)", await editor.next())
        pages.append(await turned(editor, "1", page))
    assert site.requests == []
    assert "reading" in (await press(eva, "Make a draft", pages[0])).text
    draft = await eva.next()
    assert "Bentley builds a wing" in draft.text
    answer = await olga.tap("Make a draft", pages[1])
    assert answer.text == "This link has already been dealt with."
    ticks = bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("desk")
    assert rosa.unread() == []
    back = await turned(eva, "Undo publication", await turned(eva, "Publish", draft))
    await ticks.run("desk")
    await bureau.heard()
    assert rosa.unread() == []
    await turned(eva, "Publish", back)
    await ticks.run("desk")
    assert "Bentley builds a wing" in (await rosa.next()).text
    assert str(rosa.id) not in draft.text


@pytest.mark.parametrize("public_only", [True])
async def test_a_tip_with_a_private_address_is_refused_when_an_editor_opens_it(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    await tip(await newsdesk.bureau.reader("Rosa"), f"{site.url}/secret")
    await eva.send("/desk")
    page = await turned(eva, "1", await turned(eva, "Tips (1)", await eva.next()))
    assert "reading" in (await press(eva, "Make a draft", page)).text
    assert "draft" not in (await eva.next()).labels
    assert site.requests == []
    assert await newsdesk.bureau.onnews.archive.tips.count() == 1


async def test_a_reader_may_suggest_five_links_a_day(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    rosa, carlo = await bureau.reader("Rosa"), await bureau.reader("Carlo")
    for number in range(5):
        assert (await tip(rosa, f"{LINK}/{number}")).startswith(TAKEN)
    assert "five stories today" in await tip(rosa, f"{LINK}/5")
    assert (await tip(carlo, f"{LINK}/5")).startswith(TAKEN)
    bureau.clock.now += timedelta(hours=25)
    assert (await tip(rosa, f"{LINK}/5")).startswith(TAKEN)


@ON_EACH_DATABASE
async def test_a_reader_who_is_forgotten_and_returns_has_no_more_tips_that_day(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    for number in range(6):
        if number in {2, 3}:
            await rosa.send("/forget")
            await rosa.tap("Yes, delete everything", await rosa.next())
            await rosa.until("Everything has been deleted")
            await rosa.start()
            await rosa.until("Welcome")
        # The newcomer's question is repeated below each answer.
        await rosa.send(f"{LINK}/{number}")
        await rosa.tap("Suggest to the editors", await rosa.until("I don’t have that story"))
        await rosa.until(TAKEN if number < 5 else "five stories today")
    whose = (await bureau.subscriber(rosa)).id
    assert len(await bureau.onnews.archive.tips.times(whose, bureau.clock.now)) == 2


@ON_EACH_DATABASE
async def test_two_hundred_tips_at_once_are_five(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    whose = (await bureau.subscriber(rosa)).id
    tips, now = bureau.onnews.archive.tips, bureau.clock.now
    await asyncio.gather(*(tips.add(whose, f"{LINK}/{n}", now) for n in range(200)))
    assert await tips.count() == 5


async def test_nothing_is_fetched_for_a_tip(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    fetcher = bureau.onnews.archive.fetcher
    asked: list[str] = []

    async def get(url: str, *_: object) -> None:
        asked.append(url)

    monkeypatch.setattr(fetcher, "get", get)
    await tip(rosa, "http://127.0.0.1:9/secret")
    await newsdesk.eva.send("/desk")
    page = await turned(newsdesk.eva, "Tips (1)", await newsdesk.eva.next())
    await turned(newsdesk.eva, "1", page)
    assert asked == []


async def test_links_that_cannot_be_suggested_get_no_button(newsdesk: Newsdesk) -> None:
    rosa = await newsdesk.bureau.reader("Rosa")
    for link in (f"{LINK}/{'x' * 1_100}", "https://me:secret@unknown.example/story"):
        assert (await ask(rosa, link)).labels == []


async def test_forged_taps_suggest_nothing_and_show_no_tips(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    await tip(rosa)
    shown = await ask(rosa, "/privacy")
    taps = (SuggestLink(), OpenDesk(DeskPage.TIPS), OpenTip(1, 0), DraftTip(1), DiscardTip(1, 0))
    for each in taps:
        assert (await rosa.tap(each.pack(), shown)).text.startswith(OLD)
    assert await bureau.onnews.archive.tips.count() == 1


@ON_EACH_DATABASE
async def test_an_editor_discards_a_link_for_all_and_takes_that_back(newsdesk: Newsdesk) -> None:
    bureau, eva, olga = newsdesk.bureau, newsdesk.eva, newsdesk.olga
    await tip(await bureau.reader("Rosa"))
    pages = []
    for editor in (eva, olga):
        await editor.send("/desk")
        page = await turned(editor, "Tips (1)", await editor.next())
        pages.append(await turned(editor, "1", page))
    assert (await eva.tap("Discard", pages[0])).text == "Link discarded."
    assert "nothing new" in (await eva.next()).text
    answer = await olga.tap("Discard", pages[1])
    assert answer.text == "This link has already been dealt with."
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert f"Discarded a suggested link: {LINK}" in journal.text
    (undo,) = [label for label in journal.labels if label.startswith("Undo")]
    assert (await eva.tap(undo, journal)).text == "Undone."
    assert await bureau.onnews.archive.tips.count() == 1


@ON_EACH_DATABASE
async def test_a_tip_is_in_the_export_and_is_forgotten(newsdesk: Newsdesk) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa = await bureau.reader("Rosa")
    await tip(rosa)
    document = await archive.export.of(rosa.id, bureau.clock.now)
    (one,) = document["subscriptions"]
    assert [each["link"] for each in one["tips"]] == [LINK]
    await archive.forgetting.forget(rosa.id)
    assert await archive.tips.count() == 0
    assert LINK not in json.dumps(await archive.export.of(rosa.id, bureau.clock.now))


async def test_tips_can_be_switched_off(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)

    def off(_: object) -> dict[str, object]:
        return {"editor_ids": (5,), "tips": False}

    async with opened(sqlite_url, clock, hurried(), set_up=off) as bureau:
        await bureau.desk.print_("Bentley adds a wing", "motor")
        rosa = await bureau.reader("Rosa")
        answer = await ask(rosa, LINK)
        assert answer.labels == []
        assert (await rosa.tap(SuggestLink().pack(), answer)).text.startswith(OLD)
