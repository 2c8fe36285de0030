"""Editions on a page and in feeds: links that are made, renewed and ended; what they show, over
HTTP.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
from lxml import etree, html  # type: ignore[import-untyped]  # lxml has no types

from bot.app import OnNews
from storage.model import TITLES, ChatKind, Grade, Translation
from storage.readers.page_links import PageLinks
from tests.handlers.conftest import ask, hurried, opened, press
from tests.plugins.archive import registered
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau, Clock

URL = "https://news.example/editions"
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Page:
    """What the port answered."""

    status: int
    text: str
    headers: Mapping[str, str]


async def get(onnews: OnNews, path: str, **headers: str) -> Page:
    """Ask the port for a path."""
    assert onnews.pages is not None
    assert onnews.pages.port is not None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession(headers=named) as session,
        session.get(onnews.pages.port.url + path) as response,
    ):
        return Page(response.status, await response.text(), response.headers)


def path_in(message: BotMessage) -> str:
    """Return the path of the link in a message."""
    [line] = [
        each
        for each in message.text.splitlines()
        if each.startswith(URL) and not each.endswith(("xml", "json"))
    ]
    return urlsplit(line).path


async def link_of(person: Person, chat: Room | None = None, *, tapped: str = "Make a link") -> str:
    """Make a link in a chat, and return its path."""
    asked = await ask(person, "/links", chat, until="Editions in a browser")
    return path_in(await press(person, tapped, asked, chat=chat, until="only this once"))


@pytest.fixture
async def paged(database_url: str, clock: Clock) -> AsyncIterator[Bureau]:
    """The bot with pages, on each database, and an archive of two stories."""
    more = {"pages_url": URL, "pages_listen": ("127.0.0.1", 0)}
    async with opened(database_url, clock, hurried(), set_up=lambda _: more) as made:
        await made.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor", hours_ago=30)
        await made.desk.print_("A new engine", "motor", hours_ago=28)
        yield made
        assert made.town.violations == []


async def edition(bureau: Bureau, *titles: str, **how: object) -> list[int]:
    """Print stories on Motor, and send the next day's editions."""
    ids = [await bureau.desk.print_(each, "motor", **how) for each in titles]  # type: ignore[arg-type]
    bureau.clock.pass_(days=1)
    await bureau.send_what_is_due()
    await bureau.settled()
    return ids


def entries(feed: str) -> dict[str, etree._Element]:
    """Return the entries of an Atom feed by id, after the rules of RFC 4287."""
    root = etree.fromstring(feed.encode())
    for name in ("id", "title", "updated"):
        assert len(root.findall(ATOM + name)) == 1
    ways = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert ways["self"] == f"{ways['alternate']}/feed.xml"
    assert ways["alternate"].startswith(f"{URL}/")
    found = {}
    for entry in root.findall(f"{ATOM}entry"):
        for name in ("id", "title", "updated", "author", "content"):
            assert len(entry.findall(ATOM + name)) == 1, name
        found[str(entry.findtext(f"{ATOM}id"))] = entry
    assert len(found) == len(root.findall(f"{ATOM}entry"))
    return found


async def test_a_link_is_made_shown_once_renewed_and_switched_off(
    paged: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ana = await paged.reader()
    asked = await ask(ana, "/links")
    assert "Whoever has the link can read them" in asked.text
    first = path_in(await press(ana, "Make a link", asked))
    empty = await get(paged.onnews, first)
    assert (empty.status, "No edition has been sent yet" in empty.text) == (200, True)
    await edition(paged, "Ferrari raises its forecast")
    assert "Ferrari raises its forecast" in (await get(paged.onnews, first)).text
    again = await ask(ana, "/links", until="There is a link")
    assert "I can’t show it again" in again.text
    assert first not in again.text
    renewed = await press(ana, "New link", again)
    assert "The link before no longer works" in renewed.text
    second = path_in(renewed)
    off = [await get(paged.onnews, first), await get(paged.onnews, URL[20:] + "/" + "x" * 22)]
    off += [await get(paged.onnews, each) for each in ("/editions/", "/editions/a/b/c")]
    assert (await get(paged.onnews, second)).status == 200
    gone = await press(ana, "Switch off", renewed)
    assert "no longer work" in gone.text
    off += [await get(paged.onnews, second + each) for each in ("", "/feed.xml", "/2026-11-25")]
    for each in off:
        assert (each.status, each.text) == (404, off[0].text)
        kept = each.headers.keys() - {"Date"}
        assert {name: each.headers[name] for name in kept} == {
            name: off[0].headers[name] for name in kept
        }
    secrets = [each.rpartition("/")[2] for each in (first, second)]
    # What the library says of each message at DEBUG has all its text, as with every message.
    logged = [each.getMessage() for each in caplog.records if "telegram" not in each.name]
    assert not [line for line in logged for each in secrets if each in line]


async def test_the_stored_hash_is_no_link_and_another_process_knows_it(paged: Bureau) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    links = PageLinks(paged.onnews.archive.database)
    opened_ = await links.opened(path.rpartition("/")[2])
    assert opened_ is not None
    assert opened_.chat_id == ana.id
    assert await links.opened("é" * 22) is None
    document = await paged.onnews.archive.export.of(ana.id, paged.clock.now)
    [mine] = document["subscriptions"][0]["page_link"]
    assert set(mine) == {"made"}


async def test_unchanged_is_said_in_one_query_and_headers_keep_a_page_private(
    paged: Bureau,
) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    ids = await edition(paged, "Ferrari raises its forecast")
    for part, kind in (
        ("", "text/html"),
        ("/feed.xml", "application/atom+xml"),
        ("/feed.json", "application/feed+json"),
    ):
        page = await get(paged.onnews, path + part)
        assert page.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        tag = page.headers["ETag"]
        same = await get(paged.onnews, path + part, If_None_Match=tag)
        assert (same.status, same.text, same.headers["ETag"]) == (304, "", tag)
        paged.clock.pass_(minutes=1)
        await paged.onnews.archive.amendments.correct(
            ids[0],
            title=f"Ferrari cuts its forecast: {kind}",
            grade=Grade.FACT,
            person_id=1,
            now=paged.clock.now,
        )
        changed = await get(paged.onnews, path + part, If_None_Match=tag)
        assert (changed.status, f"its forecast: {kind}" in changed.text) == (200, True)


async def test_corrected_withdrawn_hidden_and_undone_stories_are_as_in_the_chat(
    paged: Bureau,
) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    titles = ["Ferrari raises its forecast", "Lotus cuts jobs", "Bugatti shows a car"]
    wrong, gone, hidden = await edition(paged, *titles)
    feed = entries((await get(paged.onnews, path + "/feed.xml")).text)
    assert sorted(str(each.findtext(f"{ATOM}title")) for each in feed.values()) == sorted(titles)
    amendments, journal = paged.onnews.archive.amendments, paged.onnews.archive.journal
    paged.clock.pass_(hours=1)
    by = {"person_id": 1, "now": paged.clock.now}
    corrected = await amendments.correct(
        wrong,
        title="Ferrari cuts its forecast",
        grade=Grade.FACT,
        **by,  # type: ignore[arg-type]
    )
    await amendments.withdraw(gone, "It was another company.", **by)  # type: ignore[arg-type]
    withheld = await amendments.hide(hidden, **by)  # type: ignore[arg-type]
    page = await get(paged.onnews, path)
    text = " ".join(html.fromstring(page.text).text_content().split())
    assert "Ferrari cuts its forecast" in text
    assert "corrected 11:30" in text
    assert "Withdrawn: It was another company." in text
    [struck] = html.fromstring(page.text).iter("s")
    assert struck.text == "Lotus cuts jobs"
    assert "Bugatti" not in page.text
    later = entries((await get(paged.onnews, path + "/feed.xml")).text)
    assert later.keys() < feed.keys()
    by_title = {str(each.findtext(f"{ATOM}title")): each for each in later.values()}
    assert by_title.keys() == {"Ferrari cuts its forecast", "Withdrawn: Lotus cuts jobs"}
    assert by_title["Withdrawn: Lotus cuts jobs"].find(f"{ATOM}link") is None
    for number, entry in later.items():
        assert str(entry.findtext(f"{ATOM}updated")) > str(feed[number].findtext(f"{ATOM}updated"))
    paged.clock.pass_(minutes=1)
    for act in (corrected.act, withheld.act):
        await journal.undo(act, person_id=1, now=paged.clock.now)
    page = await get(paged.onnews, path)
    assert "Ferrari raises its forecast" in page.text
    assert "corrected" not in page.text
    assert "Bugatti shows a car" in page.text
    undone = entries((await get(paged.onnews, path + "/feed.xml")).text)
    assert undone.keys() == feed.keys()
    for number, entry in undone.items():
        before = later.get(number, feed[number])
        if entry.findtext(f"{ATOM}title") != before.findtext(f"{ATOM}title"):
            assert str(entry.findtext(f"{ATOM}updated")) > str(before.findtext(f"{ATOM}updated"))


async def test_earlier_editions_are_found_by_their_day(paged: Bureau) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    await edition(paged, "Ferrari raises its forecast")
    await edition(paged, "Lotus cuts jobs")
    page = await get(paged.onnews, path)
    assert "Lotus cuts jobs" in page.text
    [earlier] = html.fromstring(page.text).xpath("//nav//a")
    assert earlier.get("href") == f"{path}/2026-11-25"
    assert earlier.text == "Wednesday 25 November"
    there = await get(paged.onnews, earlier.get("href"))
    assert "Ferrari raises its forecast" in there.text
    assert "Lotus cuts jobs" not in there.text
    assert html.fromstring(there.text).xpath("//nav//a/@href") == [path]
    for part in ("2026-11-23", "20261125", "2026-13-45", "feed.txt", "%00"):
        assert (await get(paged.onnews, f"{path}/{part}")).status == 404
    items = json.loads((await get(paged.onnews, path + "/feed.json")).text)["items"]
    assert [each["title"] for each in items] == ["Lotus cuts jobs", "Ferrari raises its forecast"]
    # The feed leaves out what is older than a week.
    paged.clock.pass_(days=7)
    assert not entries((await get(paged.onnews, path + "/feed.xml")).text)


async def test_markup_and_control_characters_of_a_source_stay_words(paged: Bureau) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    title = "</style><script>alert(1)</script> & \x00\x1b\x0b\ufffe\ud800 ]]> “Lotus”"
    await edition(paged, title, standfirst='<img src=x onerror="alert(2)"> \x08 &amp;')
    page = await get(paged.onnews, path)
    parsed = html.fromstring(page.text)
    assert not parsed.xpath("//script | //img | //@onerror")
    assert "<script>alert(1)</script>" in parsed.text_content()
    [entry] = entries((await get(paged.onnews, path + "/feed.xml")).text).values()
    content = html.fromstring(str(entry.findtext(f"{ATOM}content")))
    assert not content.xpath("//script | //img")
    assert "<script>alert(1)</script>" in str(entry.findtext(f"{ATOM}title"))
    assert json.loads((await get(paged.onnews, path + "/feed.json")).text)["items"]


async def test_names_and_reasons_with_forbidden_characters_leave_the_feed_well_formed(
    paged: Bureau,
) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    name = await paged.desk.source("The\x0bPaper \ufffe & <b>Sons")
    [number] = await edition(paged, "Lotus cuts jobs", source_id=name)
    await paged.onnews.archive.amendments.withdraw(
        number, "It was\x0b another \ufffe<i>company</i>.", person_id=1, now=paged.clock.now
    )
    [entry] = entries((await get(paged.onnews, path + "/feed.xml")).text).values()
    assert "&lt;i&gt;company" in str(entry.findtext(f"{ATOM}content"))
    assert "Paper & <b>Sons" in str(entry.findtext(f"{ATOM}author/{ATOM}name"))
    assert (await get(paged.onnews, path)).status == 200


async def test_headlines_that_came_translated_are_so_on_the_page_and_say_so(
    paged: Bureau,
) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    reader = await paged.subscriber(ana)
    archive = paged.onnews.archive
    await archive.subscribers.change(
        reader.id, translate=frozenset({TITLES}), languages=frozenset()
    )
    number = await paged.desk.print_(
        "Prada compra Versace", "motor", standfirst="Nasce un gruppo.", language="it"
    )
    english = Translation("Prada buys Versace", "A group is born.", None)
    [article] = await archive.articles.many([number])
    await archive.translations.keep("en", {(number, article.version): english})
    await edition(paged)
    page = await get(paged.onnews, path)
    text = html.fromstring(page.text).text_content()
    assert "Prada buys Versace" in text
    assert "from Italian" in text
    assert "Nasce un gruppo." in text
    [entry] = entries((await get(paged.onnews, path + "/feed.xml")).text).values()
    assert entry.findtext(f"{ATOM}title") == "Prada buys Versace"
    assert "from Italian" in str(entry.findtext(f"{ATOM}content"))
    # A correction is of the source's own words, which nobody has translated yet.
    await archive.amendments.correct(
        number,
        title="Prada non compra Versace",
        grade=Grade.FACT,
        person_id=1,
        now=paged.clock.now,
    )
    page = await get(paged.onnews, path)
    assert "Prada non compra Versace" in page.text
    assert "from Italian" not in page.text


async def test_the_link_of_a_group_outlives_its_becoming_a_supergroup(paged: Bureau) -> None:
    ana = await paged.reader()
    group = paged.town.group("Fashion desk", [ana, await paged.reader("Bo")])
    path = await link_of(ana, group)
    group.migrate(ana)
    await paged.heard()
    assert (await get(paged.onnews, path)).status == 200


async def test_a_page_stays_small_however_long_its_texts_are(paged: Bureau) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    for number in range(12):
        await paged.desk.print_(
            f"{number} " + "法拉利上调全年业绩预期" * 30,
            "motor",
            standfirst="季度销量下降但利润创下纪录。" * 60,
            link=f"https://news.example/{number}/" + "x" * 1_900,
        )
    await edition(paged, "Lotus cuts jobs")
    page = await get(paged.onnews, path)
    assert page.status == 200
    assert len(page.text.encode()) <= 60_000
    assert "<script" not in page.text


async def test_forgetting_and_a_ban_end_a_link_with_the_next_request(paged: Bureau) -> None:
    ana, bo = await paged.reader(), await paged.reader("Bo")
    path, other = await link_of(ana), await link_of(bo)
    await edition(paged, "Ferrari raises its forecast")
    assert (await get(paged.onnews, path)).status == 200
    # As another replica does it, of which this one has not heard yet.
    await paged.onnews.archive.access.decide(ana.id, allowed=False, now=paged.clock.now)
    assert (await get(paged.onnews, path)).status == 404
    await paged.onnews.archive.forgetting.forget(bo.id)
    assert (await get(paged.onnews, other)).status == 404


async def test_administrators_make_the_links_of_groups_topics_and_channels(
    paged: Bureau,
) -> None:
    ana, bo = await paged.reader(), await paged.reader("Bo")
    group = paged.town.group("Fashion desk", [ana, bo], supergroup=True, forum=True)
    topic = group.topic("Cars", ana)
    paths = [await link_of(ana, group)]
    bo.unread(group)
    refused = await ask(bo, "/links", group)
    assert not refused.buttons
    ana.unread(group)
    asked = await ask(ana, "/links", group, topic=topic)
    paths.append(path_in(await press(ana, "Make a link", asked, chat=group)))
    channel = paged.town.channel("Luxury Milan", [ana])
    subscriber = await registered(
        paged.onnews.archive.subscribers, channel.id, paged.clock.now, kind=ChatKind.CHANNEL
    )
    own = await paged.subscriber(ana)
    managers = paged.onnews.archive.managers
    await managers.add(subscriber.id, own.id, "Luxury Milan", paged.clock.now)
    listed = await ask(ana, "/links", until="Editions in a browser")
    assert listed.labels == [
        *("Make a link", "Fashion desk", "Fashion desk \u203a Cars", "Luxury Milan"),
    ]
    below = await press(ana, "Luxury Milan", listed)
    assert below.text.startswith("For Luxury Milan\n\n")
    paths.append(path_in(await press(ana, "Make a link", below)))
    below = await press(ana, "Fashion desk", listed)
    assert "I can’t show it again" in below.text
    await press(ana, "Switch off", below, until="switched off")
    assert [(await get(paged.onnews, each)).status for each in paths] == [404, 200, 200]
    # A channel is shut out with those who manage it.
    await paged.onnews.parts.services.admissions.decide(ana.id, allowed=False)
    assert [(await get(paged.onnews, each)).status for each in paths] == [404, 200, 404]


async def test_without_pages_the_command_is_unknown(bureau: Bureau) -> None:
    ana = await bureau.reader()
    answer = await ask(ana, "/links")
    assert answer.text.startswith("I don’t know")
    assert "/links" not in (await ask(ana, "/help")).text
    assert bureau.onnews.pages is None


async def test_a_process_that_does_not_serve_yet_says_so(paged: Bureau) -> None:
    ana = await paged.reader()
    path = await link_of(ana)
    settings = settings_in(
        paged.town, "sqlite:///nowhere.db", pages_url=URL, pages_listen=("127.0.0.1", 0)
    )
    waiting = OnNews(settings, clock=paged.clock, first_sources=(), workers=Lent())
    assert waiting.pages is not None
    await waiting.pages.open()
    try:
        answer = await get(waiting, path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    finally:
        await waiting.pages.stop()
