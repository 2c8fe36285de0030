"""Newsletters as sources, from a mailbox on loopback to the archive, on either database."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from news.fetch.fetcher import Fetcher
from news.ingest.rounds import Outcome
from news.mail import mailbox as mailbox_module
from news.mail.mailbox import Mailbox, MailboxError
from news.newsletters import MOST_UNDECIDED
from storage.model import MAIL, SourceState
from tests.news.conftest import NOW, Desk, Site, desk_of
from tests.news.imap_server import AUTHSERV, SENDER, ImapServer, letter, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from news.ingest.rounds import RoundReport
    from storage.db.database import Database
    from storage.model import Source
    from workers.pool import Workers

PAGE = (
    "<html><head><title>{0}</title><meta property='og:title' content='{0}'>"
    "<meta property='article:published_time' content='2026-11-24T08:00:00Z'></head>"
    "<body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
)


@pytest.fixture
async def imap() -> AsyncIterator[ImapServer]:
    """An IMAP server with an empty folder."""
    async with serving() as server:
        yield server


@pytest.fixture
async def post(db: Database, site: Site, workers: Workers, imap: ImapServer) -> AsyncIterator[Desk]:
    """A newsroom with a mailbox."""
    async with Fetcher(allow_private=True, timeout=60) as fetcher:
        yield desk_of(db, fetcher, workers, site, Mailbox(imap.address()))


def article(site: Site, path: str, title: str) -> tuple[str, str]:
    """Serve an article, and return its headline and its address."""
    return title, site.serve(
        path, PAGE.format(title, "What it says of it. " * 60), Content_Type="text/html"
    )


async def tick(desk: Desk, **later: float) -> tuple[RoundReport, ...]:
    """Do what is due, a quarter of an hour later unless told otherwise."""
    desk.now += timedelta(**(later or {"minutes": 15}))
    return await desk.room.refresh_due(desk.now)


async def resumed(desk: Desk, address: str = SENDER) -> Source:
    """Let the mailbox be looked at, and resume a sender."""
    await tick(desk)
    (source,) = [one for one in await desk.sources.all() if one.url == MAIL + address]
    assert source.paused
    await desk.sources.set_state(source.id, SourceState.ACTIVE, desk.now)
    return source


async def test_a_new_sender_is_paused_until_an_operator_resumes_it(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    assert await tick(post) == ()
    (source,) = await post.sources.all()
    assert (source.name, source.url, source.paused) == ("The Courier", MAIL + SENDER, True)
    assert await post.titles() == []
    assert site.requests == []
    assert not [each for each in imap.commands if "BODY.PEEK[]" in each]
    await post.sources.set_state(source.id, SourceState.ACTIVE, post.now)
    (report,) = await tick(post)
    assert (report.outcome, len(report.new)) == (Outcome.STORED, 1)
    (stored,) = await post.articles.many(report.new)
    assert stored.title == "Ferrari raises its forecast"
    assert stored.standfirst.startswith("What Ferrari raises its forecast means")
    assert stored.published == NOW - timedelta(hours=2)
    assert stored.link == site.url + "/1"
    assert stored.source == "The Courier"
    assert await post.articles.body(stored.id) is None
    # Nothing that would change the mailbox was said.
    said = {each.split()[0] for each in imap.commands}
    assert said <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert all("PEEK" in each or "SIZE" in each for each in imap.commands if "FETCH" in each)


async def test_each_letter_is_read_once_and_the_next_one_follows(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    await tick(post)
    again = await post.again(source)
    assert again.outcome is Outcome.NOT_MODIFIED
    imap.put(letter(article(site, "/2", "Prada buys Versace for a billion")))
    report = await post.again(source)
    assert len(report.new) == 1
    assert post.announced[-1:] == list(report.new)
    assert [path for path, _ in site.requests] == ["/1", "/2"]


KILLED = """
import asyncio, os, signal, sys
from news.fetch.fetcher import Fetcher
from news.ingest.round_writer import RoundWriter
from news.mail.mailbox import Mailbox
from storage.migrations.open_migrated import open_migrated
from storage.db.database import Database
from tests.news.conftest import NOW, desk_of
from tests.news.imap_server import ImapServer
from workers.pool import Workers

async def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(url, port):
    RoundWriter.write = killed
    database = Database(url)
    await open_migrated(database)
    async with Fetcher(allow_private=True) as fetcher:
        box = Mailbox(ImapServer(int(port)).address())
        desk = desk_of(database, fetcher, Workers(1), None, box)
        (source,) = await desk.sources.all()
        await desk.room.refresh_all([source])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_killed_between_reading_and_storing_loses_no_letter(
    post: Desk, imap: ImapServer, site: Site, database_url: str
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, str(imap.port)
    )
    assert await child.wait() == -signal.SIGKILL
    assert [path for path, _ in site.requests] == ["/1"]
    assert (await post.known(source)).etag is None
    assert await post.titles() == []
    report = await post.refresh(await post.known(source))
    assert len(report.new) == 1
    assert (await post.again(source)).outcome is Outcome.NOT_MODIFIED


async def test_letters_numbered_anew_are_read_for_two_days_and_bring_nothing_twice(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    imap.put(letter(article(site, "/0", "Lotus cuts jobs in Hethel")), ago=timedelta(days=9))
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    await tick(post)
    imap.renumber()
    imap.put(letter(article(site, "/2", "Prada buys Versace for a billion")))
    report = await post.again(source)
    assert (len(report.new), report.unchanged) == (1, 1)
    assert "Lotus cuts jobs in Hethel" not in await post.titles()


@pytest.mark.parametrize(
    "content",
    [
        letter(("Ferrari raises its forecast", "https://x.example/1"), checked=""),
        letter(
            ("Ferrari raises its forecast", "https://x.example/1"),
            checked=f"{AUTHSERV}; dmarc=fail header.from=courier.example",
        ),
        letter(
            ("Ferrari raises its forecast", "https://x.example/1"),
            checked="mx.evil.example; dmarc=pass header.from=courier.example",
        ),
    ],
)
async def test_a_forged_sender_is_counted_and_never_added(
    post: Desk, imap: ImapServer, site: Site, content: bytes
) -> None:
    imap.put(content)
    await tick(post)
    assert await post.sources.all() == []
    assert post.room.newsletters.left == {"no proven sender": 1}
    # Nor is it taken in the name of a sender who is known.
    imap.put(letter(article(site, "/1", "Lotus cuts jobs in Hethel")))
    await resumed(post)
    (report,) = await tick(post)
    assert len(report.new) == 1
    assert [path for path, _ in site.requests] == ["/1"]


async def test_large_broken_and_encrypted_letters_are_left_and_the_others_read(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    whole = letter(article(site, "/1", "Ferrari raises its forecast"))
    head = whole.partition(b"Content-Type")[0]
    large = imap.put(whole + b"\n" * 30_000_000)
    imap.put(head + b"Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--\n")
    imap.put(head + b"Content-Type: text/html; charset=none\n\n\xff\xfe<td")
    imap.put(head + b"Content-Type: multipart/mixed; boundary=y\n\nnothing")
    imap.put(whole)
    source = await resumed(post)
    (report,) = await tick(post)
    assert len(report.new) == 1
    left = post.room.newsletters.left
    assert (left["too large"], left["encrypted"], left["no HTML"]) == (1, 1, 1)
    whole_letters = [each for each in imap.commands if "BODY.PEEK[]" in each]
    assert not [each for each in whole_letters if each.startswith(f"UID FETCH {large} ")]
    # Left once: they are behind the place up to which the sender is read.
    assert (await post.again(source)).outcome is Outcome.NOT_MODIFIED


async def test_a_connection_that_ends_amid_a_letter_loses_nothing(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    imap.cuts_off = True
    (report,) = await tick(post)
    assert (report.outcome, report.reason) == (Outcome.FAILED, "mailbox")
    known = await post.known(source)
    assert (known.failures, known.etag) == (1, None)
    imap.cuts_off = False
    report = await post.refresh(await post.known(source))
    assert len(report.new) == 1


async def test_a_wrong_password_is_tried_once_for_all_senders(
    post: Desk, imap: ImapServer, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        sender = f"news{number}@courier.example"
        story = article(site, f"/{number}", f"Ferrari raises its forecast {number}")
        imap.put(letter(story, sender=sender))
    await tick(post)
    for one in await post.sources.all():
        await post.sources.set_state(one.id, SourceState.ACTIVE, post.now)
    imap.password, imap.logins = "changed", 0
    caplog.set_level(logging.DEBUG)
    for _ in range(3):
        await tick(post, minutes=5)
    assert imap.logins <= 2
    assert post.room.newsletters.problem == "the password was refused"
    assert not [one for one in await post.sources.all() if one.last_error]
    assert "secret" not in caplog.text
    imap.password = "secret"
    reports = [*(await tick(post, minutes=60)), *(await tick(post, minutes=60))]
    assert sum(len(each.new) for each in reports) == 5


async def test_links_are_followed_once_without_cookies_to_where_they_end(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    title, end = article(site, "/1?utm_source=letter&mc_eid=abc", "Ferrari raises its forecast")

    async def click(_: web.Request) -> web.Response:
        answer = web.Response(status=302, headers={"Location": end})
        answer.set_cookie("who", "bot")
        return answer

    async def to_a_way_out(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": site.url + "/unsubscribe?u=1"})

    naming = site.serve(
        "/for/bot%40example.net", PAGE.format("Rolex opens in Milan", "It is. " * 200)
    )
    short = site.serve("/short", "<html><title>A shop</title><p>Buy.</p></html>")
    stories = [
        (title, site.handle("/click", click)),
        ("Lotus cuts jobs in Hethel", site.handle("/out", to_a_way_out)),
        ("Rolex opens in Milan", naming),
        ("Gucci shows its collection", short),
        ("Prada buys Versace for a billion", site.url + "/gone"),
    ]
    ways_out = (
        "<p>If you no longer wish to receive this, "
        f"<a href='{site.url}/stop/7'>unsubscribe</a>, "
        f"<a href='{site.url}/prefs/7'>manage your preferences</a> or "
        f"<a href='{site.url}/web/7'>view it in your browser</a>.</p>"
        f"<img src='{site.url}/pixel.gif'><h2><a href='https://courier.example/out/7'>The way "
        "out of this</a></h2>"
    )
    imap.put(letter(*stories, more=ways_out))
    await resumed(post)
    (report,) = await tick(post)
    (stored,) = await post.articles.many(report.new)
    assert stored.link == site.url + "/1"
    assert {one.reason for one in report.refused} == {
        *("link not followed", "names the mailbox", "no article", "http 404"),
    }
    paths = sorted(path for path, _ in site.requests)
    assert paths == sorted(
        (
            *("/click", "/1?utm_source=letter&mc_eid=abc", "/out", "/short", "/gone"),
            "/for/bot%40example.net",
        )
    )
    assert not [named for _, named in site.requests if "Cookie" in named]


async def test_private_addresses_behind_a_link_are_not_asked(
    db: Database, site: Site, workers: Workers, imap: ImapServer
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    async with Fetcher(timeout=60) as fetcher:
        desk = desk_of(db, fetcher, workers, site, Mailbox(imap.address()))
        await resumed(desk)
        (report,) = await tick(desk)
    assert report.outcome is Outcome.NOT_MODIFIED
    assert site.requests == []


async def test_approval_holds_for_a_sender(post: Desk, imap: ImapServer, site: Site) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    await post.sources.set_use(source.id, approval=True)
    (report,) = await tick(post)
    assert (report.waiting, report.new) == (1, ())
    assert await post.titles() == []


async def test_a_removed_sender_does_not_come_back_and_strangers_fill_no_table(
    post: Desk, imap: ImapServer, site: Site
) -> None:
    story = article(site, "/1", "Ferrari raises its forecast")
    imap.put(letter(story))
    await tick(post)
    (source,) = await post.sources.all()
    await post.sources.remove(source.id)
    for number in range(MOST_UNDECIDED + 20):
        imap.put(letter(story, sender=f"n{number}@many.example"))
    imap.put(letter(story))
    await tick(post)
    await tick(post)
    there = await post.sources.all()
    assert len(there) == MOST_UNDECIDED
    assert source.url not in {one.url for one in there}


async def test_without_the_name_of_its_server_nothing_is_taken(
    db: Database, site: Site, workers: Workers, imap: ImapServer
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    async with Fetcher(allow_private=True, timeout=60) as fetcher:
        desk = desk_of(db, fetcher, workers, site, Mailbox(imap.address(authserv="")))
        await tick(desk)
    assert await desk.sources.all() == []


async def test_senders_wait_if_the_mailbox_is_no_longer_named(
    post: Desk, imap: ImapServer, site: Site, db: Database, workers: Workers
) -> None:
    imap.put(letter(article(site, "/1", "Ferrari raises its forecast")))
    source = await resumed(post)
    async with Fetcher(allow_private=True, timeout=60) as fetcher:
        desk = desk_of(db, fetcher, workers, site)
        report = await desk.refresh(source)
    assert (report.outcome, report.reason) == (Outcome.POSTPONED, "no mailbox")
    assert (await post.known(source)).failures == 0


async def test_what_cannot_be_opened_is_named(imap: ImapServer) -> None:
    async def problem(**changes: str) -> str:
        with pytest.raises(MailboxError) as caught:
            await Mailbox(imap.address(**changes)).count()
        assert "wrong" not in str(caught.value)
        return caught.value.reason

    assert await problem(password="wrong") == "the password was refused"
    assert await problem(folder="Nowhere") == "there is no such folder"
    imap.port = 1
    assert await problem() == "no answer"
    assert mailbox_module.LARGEST == 10 * 1024 * 1024
