"""Pictures are fetched, checked and uploaded before the hour, and no edition waits for one."""

from __future__ import annotations

import io
import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from PIL import Image

from bot.app import OnNews
from bot.telegram import pictures
from playground.server import Playground
from storage.articles.pictures import Picture
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from storage.model import Filing, Layout, NewSource
from tests.handlers.conftest import hurried, start
from tests.plugins.archive import FIRST, Archive, registered, there
from tests.plugins.towns import settings_in, started
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

NOW = FIRST + timedelta(minutes=30)
HOUR = timedelta(hours=1)


def photo(seed: int = 0, width: int = 400, height: int = 300) -> bytes:
    grain = Image.effect_noise((width, height), 40 + seed)
    light = Image.linear_gradient("L").resize((width, height))
    out = io.BytesIO()
    Image.merge("RGB", (grain, light, grain)).save(out, "JPEG")
    return out.getvalue()


class Site:
    """A site with pictures that counts the requests for each."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | int] = {}
        self.asked: Counter[str] = Counter()
        self.url = ""

    def add(self, name: str, answer: bytes | int | None = None) -> str:
        """Serve a picture, or an HTTP status in its place; return its address."""
        self.files[name] = photo(len(self.files)) if answer is None else answer
        return f"{self.url}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked[name] += 1
        answer = self.files.get(name, 404)
        if isinstance(answer, int):
            return web.Response(status=answer)
        return web.Response(body=answer, content_type="image/jpeg")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/{name}", site.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def serving(
    town: Playground,
    url: str,
    clock: Clock,
    *,
    admins: tuple[int, ...] = (),
    chat: int | None = None,
    allow_private: bool = True,
) -> AbstractAsyncContextManager[OnNews]:
    settings = settings_in(
        town, url, admin_ids=admins, pictures_chat=chat, allow_private_sources=allow_private
    )
    onnews = OnNews(settings, clock=clock, first_sources=(), rate_limiter=hurried(), workers=Lent())
    return started(onnews, ticks=False)


async def test_a_picture_is_uploaded_once_and_silently(sqlite_url: str, site: Site) -> None:
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            one, two = site.add("one.jpg"), site.add("two.jpg")
            assert await onnews.parts.pictures.ready([one, two]) == {}
            assert await onnews.parts.pictures.prepare([one, two, one]) == 2
            ready = await onnews.parts.pictures.ready([one, two, "https://else.example/x.jpg"])
            assert set(ready) == {one, two}
            assert await onnews.parts.pictures.prepare([one, two]) == 0
            kept = await onnews.archive.pictures.look(onnews.application.bot.id, [one])
            assert (kept[one].width, kept[one].height) == (400, 300)
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            # After a restart they are there without being asked for.
            assert await onnews.parts.pictures.ready([one, two]) == ready
            await onnews.parts.pictures.forget([one])
            assert await onnews.parts.pictures.ready([one, two]) == {two: ready[two]}
            assert await onnews.parts.pictures.prepare([one]) == 1
            again = await onnews.parts.pictures.ready([one])
            assert again[one] != ready[one]
        assert site.asked == {"one.jpg": 2, "two.jpg": 1}
        sent = town.sent("sendPhoto")
        assert len(sent) == len(room.raw.records) == 3
        assert all(each.params["disable_notification"] for each in sent)
        assert town.violations == []


async def test_a_non_picture_is_never_fetched_again_and_a_failed_one_later(
    sqlite_url: str, site: Site
) -> None:
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            page, ill = site.add("page.jpg", b"<html>sorry</html>"), site.add("ill.jpg", 503)
            small = site.add("small.jpg", photo(width=200))
            logo = site.add("our-logo.jpg")
            nowhere = "http://127.0.0.1:9/gone.jpg"
            wanted = [page, ill, small, logo, nowhere]
            for minutes in (0, 5, 25, 60):
                clock.now = NOW + timedelta(minutes=minutes)
                assert await onnews.parts.pictures.prepare(wanted) == 0
            # After twenty minutes once more, and then not for two hours.
            assert site.asked == {"page.jpg": 1, "small.jpg": 1, "ill.jpg": 2}
            known = await onnews.archive.pictures.look(onnews.application.bot.id, wanted)
            assert {each.reason for each in known.values()} == {
                "no picture",
                "http 503",
                "too small",
                "a logo by its name",
                "no connection",
            }
            assert known[ill].failures == 2
            site.add("ill.jpg")
            clock.now = NOW + 4 * HOUR
            assert await onnews.parts.pictures.prepare(wanted) == 1
            assert set(await onnews.parts.pictures.ready(wanted)) == {ill}


async def test_no_picture_is_fetched_from_a_private_address(sqlite_url: str, site: Site) -> None:
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, Clock(), chat=room.id, allow_private=False) as onnews:
            address = site.add("inside.jpg")
            assert await onnews.parts.pictures.prepare([address]) == 0
            known = await onnews.archive.pictures.look(onnews.application.bot.id, [address])
            assert known[address].reason == "private address"
        assert not site.asked
        assert town.sent("sendPhoto") == []


async def test_without_a_pictures_chat_uploads_go_to_the_first_operator_and_are_deleted(
    sqlite_url: str, site: Site
) -> None:
    async with Playground() as town:
        anna, bruno = town.person("Anna"), town.person("Bruno")
        # The first who is named, not the one with the smallest number.
        async with serving(town, sqlite_url, Clock(), admins=(bruno.id, anna.id)) as onnews:
            await start(bruno)
            before = len(bruno.chat.messages)
            address = site.add("one.jpg")
            assert await onnews.parts.pictures.prepare([address]) == 1
            assert len(bruno.chat.messages) == before
            assert set(await onnews.parts.pictures.ready([address])) == {address}
        (sent,) = town.sent("sendPhoto")
        assert int(sent.params["chat_id"]) == bruno.id
        assert len(town.sent("deleteMessage")) == 1


async def test_an_unwritable_pictures_chat_is_logged_once_and_tried_hourly(
    sqlite_url: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")], bot=False)
        with caplog.at_level(logging.INFO, "bot.telegram.picture_chat"):
            async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
                wanted = [site.add(f"{number}.jpg") for number in range(6)]
                for minutes in (0, 5, 65):
                    clock.now = NOW + timedelta(minutes=minutes)
                    assert await onnews.parts.pictures.prepare(wanted) == 0
                tries = [each for each in town.requests if each.method == "sendPhoto"]
                # At most those that were under way together.
                assert len(tries) <= 2 * pictures.AT_ONCE
                assert await onnews.archive.pictures.look(onnews.application.bot.id, wanted) == {}
        # A bot that starts at a full minute on a busy machine may have others.
        warnings = [
            each.getMessage()
            for each in caplog.records
            if each.levelname == "WARNING" and each.name == "bot.telegram.picture_chat"
        ]
        assert len(warnings) == 1
        assert warnings[0].startswith("PICTURES_CHAT: no pictures can be sent to the chat ")
        assert warnings[0].endswith("let the bot post there, or name another chat")


async def test_without_any_chat_no_picture_is_fetched_and_one_line_is_logged(
    sqlite_url: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with Playground() as town:
        with caplog.at_level(logging.INFO, "bot.telegram.picture_chat"):
            async with serving(town, sqlite_url, Clock()) as onnews:
                assert await onnews.parts.pictures.prepare([site.add("one.jpg")]) == 0
        lines = [
            each.getMessage() for each in caplog.records if each.name == "bot.telegram.picture_chat"
        ]
        assert len(lines) == 1
        assert "PICTURES_CHAT" in lines[0]
        assert not site.asked


async def test_a_refused_picture_or_absent_telegram_is_survived(
    sqlite_url: str, site: Site
) -> None:
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            refused, unlucky = site.add("refused.jpg"), site.add("unlucky.jpg")
            town.faults.add(
                method="sendPhoto", status=400, description="Bad Request: IMAGE_PROCESS_FAILED"
            )
            assert await onnews.parts.pictures.prepare([refused]) == 0
            onnews._request._pauses = ()
            town.faults.add(method="sendPhoto", status=502)
            assert await onnews.parts.pictures.prepare([unlucky]) == 0
            clock.now = NOW + HOUR
            assert await onnews.parts.pictures.prepare([refused, unlucky]) == 1
            assert set(await onnews.parts.pictures.ready([refused, unlucky])) == {unlucky}


async def test_the_number_of_pictures_an_hour_is_limited(
    sqlite_url: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "AN_HOUR", 2)
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            wanted = [site.add(f"{number}.jpg") for number in range(3)]
            assert await onnews.parts.pictures.prepare(wanted) == 2
            assert set(await onnews.parts.pictures.ready(wanted)) == set(wanted[:2])
            clock.now = NOW + timedelta(minutes=59)
            assert await onnews.parts.pictures.prepare(wanted) == 0
            clock.now = NOW + HOUR
            assert await onnews.parts.pictures.prepare(wanted) == 1


async def test_another_bot_uploads_the_pictures_again(sqlite_url: str, site: Site) -> None:
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, Clock(), chat=room.id) as onnews:
            address = site.add("one.jpg")
            another = Picture("of another bot", 400, 300)
            await onnews.archive.pictures.keep(7, address, another, NOW)
            assert await onnews.parts.pictures.ready([address]) == {}
            assert await onnews.parts.pictures.prepare([address]) == 1
            assert (await onnews.parts.pictures.ready([address]))[address] != another.file_id


async def test_pictures_of_due_front_pages_are_ready_before_their_hour(
    sqlite_url: str, site: Site
) -> None:
    clock = Clock()
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            archive = await Archive.on(onnews.archive.database)
            lead, other, unread = (site.add(f"{name}.jpg") for name in ("a", "b", "c"))
            shared = site.add("shared.jpg")
            weekly = NewSource("Weekly", "https://weekly.example/feed")
            await archive.store(
                archive.article("Lead", minutes=20, image=lead, categories=("style",)),
                now=NOW,
                source=await archive.sources.add(weekly, NOW),
            )
            await archive.store(
                archive.article("Section", minutes=9, image=other, categories=("motor",)),
                archive.article("Motor one", minutes=3, categories=("motor",)),
                archive.article("Motor two", minutes=2, categories=("motor",)),
                archive.article("Motor three", minutes=1, categories=("motor",)),
                archive.article("Unread", minutes=25, image=unread, categories=("yachts",)),
                *(archive.article(f"Art {n}", image=shared, categories=("art",)) for n in range(3)),
            )
            subscribers = onnews.archive.subscribers
            for chat, taste, layout, hours in (
                (1, ("style", "motor"), Layout.FRONT_PAGE, 1),
                (2, ("yachts",), Layout.SUMMARIES, 1),
                (3, ("yachts",), Layout.FRONT_PAGE, 3),
                (4, ("art",), Layout.FRONT_PAGE, 1),
            ):
                reader = await registered(subscribers, chat, NOW, zone="UTC", digest_minute=0)
                for category in taste:
                    await subscribers.follow(reader.id, category)
                due = NOW + hours * HOUR
                await subscribers.change(reader.id, layout=layout, next_at=due)
            assert onnews.ticks is not None
            await onnews.ticks.run("pictures")
            # Not for other layouts, not for later hours, and no logos.
            assert set(site.asked) == {"a.jpg", "b.jpg"}
            assert set(await onnews.parts.pictures.ready([lead, other])) == {lead, other}
            clock.now = NOW + 2 * HOUR
            await onnews.ticks.run("pictures")
            assert set(site.asked) == {"a.jpg", "b.jpg", "c.jpg"}


async def test_a_chat_that_became_a_supergroup_is_followed_there(
    sqlite_url: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with Playground() as town:
        anna = town.person("Anna")
        room = town.group("Pictures", [anna])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            new_id = room.migrate(anna)
            address = site.add("one.jpg")
            await onnews.parts.pictures.prepare([address])
            clock.now = NOW + HOUR
            await onnews.parts.pictures.prepare([address])
            assert set(await onnews.parts.pictures.ready([address])) == {address}
            assert int(town.sent("sendPhoto")[-1].params["chat_id"]) == new_id
        assert f"of PICTURES_CHAT is now {new_id}: change it in .env" in caplog.text


async def test_an_outage_is_one_error_for_any_number_of_pictures(
    sqlite_url: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Playground() as town:
        room = town.channel("Pictures", [town.person("Anna")])
        async with serving(town, sqlite_url, Clock(), chat=room.id) as onnews:
            trouble = DatabaseFailure("the disk is full", "Make room.")

            async def keep(*_: object) -> None:
                raise DatabaseUnavailableError(trouble)

            monkeypatch.setattr(onnews.archive.pictures, "keep", keep)
            wanted = [site.add(f"{number}.jpg") for number in range(3)]
            with pytest.raises(DatabaseUnavailableError, match="the disk is full"):
                await onnews.parts.pictures.prepare(wanted)


async def test_a_front_page_shows_the_picture_prepared_for_it(sqlite_url: str, site: Site) -> None:
    clock = Clock()
    async with Playground() as town:
        anna = town.person("Anna")
        room = town.channel("Pictures", [anna])
        async with serving(town, sqlite_url, clock, chat=room.id) as onnews:
            archive = await Archive.on(onnews.archive.database)
            subscribers = onnews.archive.subscribers
            await start(anna)
            reader = there(await subscribers.find(anna.id))
            await subscribers.follow(reader.id, "style")
            assert onnews.ticks is not None
            for hours, is_made in ((1, True), (25, False)):
                address = site.add(f"{hours}.jpg")
                title = f"Number {hours} opens its order book"
                story = archive.article(title, minutes=60 * hours, image=address)
                filed = replace(story, filings=(Filing("style", "says so"),))
                await archive.store(filed, now=clock.now)
                due = NOW + hours * HOUR
                await subscribers.change(reader.id, layout=Layout.FRONT_PAGE, next_at=due)
                if is_made:
                    await onnews.ticks.run("pictures")
                clock.now = due
                await onnews.ticks.run("editions")
                page = await anna.until(title)
                assert [block["type"] for block in page.blocks].count("photo") == is_made
            # What was not there by the hour is not waited for, nor asked for by then.
            assert site.asked == {"1.jpg": 1}
        assert town.violations == []
