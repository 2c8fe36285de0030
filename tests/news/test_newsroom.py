"""A source's round, from its address to the archive, on either database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from sqlalchemy import update

from news.entry import Entry
from news.fetch.fetcher import Fetcher
from news.filing.taxonomy import load
from news.ingest.rounds import Outcome, RoundReport
from news.newsroom import Newsroom
from storage.model import Source, SourceKind, SourceState, Taste
from storage.retention import Keep, Retention
from storage.tables.schema import articles
from tests.news.conftest import NOW, Desk, desk_of, item, looks_up, rss
from tests.plugins.archive import there

if TYPE_CHECKING:
    from storage.db.database import Database
    from tests.news.conftest import Site
    from workers.pool import Workers


async def test_the_sources_that_an_archive_starts_with_bring_its_first_news(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", rss(item(1), item(2))))
    report = await desk.refresh(source)
    assert len(report.new) == 2
    assert not report.backlog


async def test_a_source_that_joins_later_brings_a_backlog(desk: Desk) -> None:
    await desk.refresh(await desk.add(desk.site.serve("/first", rss(item(9))), "First"))
    desk.now += timedelta(hours=1)
    source = await desk.add(desk.site.serve("/feed", rss(item(1), item(2))))
    desk.announced.clear()
    first = await desk.refresh(source)
    assert first.outcome is Outcome.STORED
    assert len(first.new) == 2
    assert first.backlog
    assert not desk.announced
    second = await desk.again(source, rss(item(3), item(1), item(2)))
    assert len(second.new) == 1
    assert second.unchanged == 2
    assert desk.announced == list(second.new)
    (article,) = await desk.articles.many(second.new)
    assert article.categories[0] == "gucci"
    assert not article.backlog


async def test_an_unchanged_feed_is_not_read_again(desk: Desk) -> None:
    async def conditional(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"'
        body = None if known else rss(item(1))
        return web.Response(status=304 if known else 200, text=body, headers={"ETag": '"1"'})

    source = await desk.add(desk.site.handle("/feed", conditional))
    await desk.refresh(source)
    report = await desk.again(source)
    assert report.outcome is Outcome.NOT_MODIFIED
    now = await desk.known(source)
    assert now.next_check > desk.now
    assert now.failures == 0


async def test_what_an_older_program_stores_gets_its_kind_and_weight_in_parts(
    desk: Desk, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.newsroom.PART", 2)
    feed = rss(*map(item, range(1, 6)))
    report = await desk.refresh(await desk.add(desk.site.serve("/feed", feed)))
    fetched = await desk.articles.many(report.new)
    assert all(each.story_kind and each.weight is not None for each in fetched)
    as_older = {"story_kind": None, "kind_certainty": None, "weight": None}
    async with db.writing() as connection:
        await connection.execute(update(articles).values(**as_older))
        last, past = report.new[-1], desk.now - timedelta(days=8, seconds=1)
        await connection.execute(
            update(articles).where(articles.c.id == last).values(first_seen=past)
        )
    for _ in range(2):
        await desk.room.weigh_older(desk.now)
    *recent, old = await desk.articles.many(report.new)
    assert recent == fetched[:-1]
    assert (old.story_kind, old.kind_certainty, old.weight) == (None, None, None)


async def test_an_edited_article_is_updated_and_not_new(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", rss(item(1))))
    await desk.refresh(source)
    report = await desk.again(
        source, rss(item(1, "Gucci shows its collection number one, corrected"))
    )
    assert report.new == ()
    assert len(report.updated) == 1
    assert await desk.titles() == ["Gucci shows its collection number one, corrected"]


async def test_a_first_round_of_undated_articles_is_a_backlog(desk: Desk) -> None:
    undated = "<title>Old piece of {0}</title><link>https://one.example/{0}</link>"
    source = await desk.add(
        desk.site.serve("/feed", rss(*(undated.format(f"a{n}") for n in range(6))))
    )
    await desk.refresh(source)
    report = await desk.again(source, rss(*(undated.format(f"b{n}") for n in range(6))))
    assert len(report.new) == 6
    assert report.backlog


async def test_an_undated_article_keeps_the_moment_it_was_first_seen(desk: Desk) -> None:
    undated = "<title>A piece without date</title><link>https://one.example/1</link>"
    source = await desk.add(desk.site.serve("/feed", rss(undated)))
    await desk.refresh(source)
    report = await desk.again(source, rss(undated, item(2)))
    assert report.updated == ()
    dates = {one.title: one.published for one in await desk.articles.latest(Taste(), limit=5)}
    assert dates["A piece without date"] == NOW


async def test_a_pruned_article_does_not_return_as_news(desk: Desk) -> None:
    undated = "<title>A piece without date</title><link>https://one.example/1</link>"
    source = await desk.add(desk.site.serve("/feed", rss(undated)))
    await desk.refresh(source)
    await desk.again(source, rss(undated, item(2)))
    desk.now += timedelta(days=400)
    await Retention(desk.articles._db, Keep(0, 0, 365, 0)).prune(desk.now)
    assert len(await desk.titles()) == 1
    report = await desk.again(source, rss(undated, item(2), item(3)))
    assert len(report.new) == 1
    assert "A piece without date" not in await desk.titles()
    report = await desk.again(source, rss(undated))
    assert (report.outcome, report.new) == (Outcome.STORED, ())


async def test_the_same_news_from_two_sources_is_one_story(desk: Desk) -> None:
    title = "Gucci opens its largest boutique in the centre of Milan"
    one = await desk.add(desk.site.serve("/one", rss(item(1, title))))
    two = await desk.add(desk.site.serve("/two", rss(item(2, title.upper(), site="two"))), "Two")
    reports = await desk.room.refresh_all([one, two])
    ids = [new for report in reports for new in report.new]
    first, second = await desk.articles.many(ids)
    assert first.story_id == second.story_id
    assert first.source != second.source


async def test_the_same_link_from_two_sources_is_stored_once(desk: Desk) -> None:
    one = await desk.add(desk.site.serve("/one", rss(item(1))))
    two = await desk.add(desk.site.serve("/two", rss(item(1, "Another wording of it"))), "Two")
    await desk.refresh(one)
    report = await desk.refresh(two)
    assert report.new == report.updated == ()
    assert await desk.titles() == ["Gucci shows collection number 1"]


async def test_a_second_source_fills_what_the_first_left_out(desk: Desk) -> None:
    link = "<link>https://one.example/1</link>"
    bare = f"<title>Gucci opens in Milan</title>{link}"
    rich = (
        f"<title>A new boutique of Fendi</title>{link}<author>Anna Rossi</author><description>"
        "It stands in the very centre.</description><enclosure url='https://one.example/1.jpg' "
        "type='image/jpeg'/>"
    )
    one = await desk.add(desk.site.serve("/one", rss(bare)))
    two = await desk.add(desk.site.serve("/two", rss(rich)), "Two", categories=("art",))
    (number,) = (await desk.refresh(one)).new
    (before,) = await desk.articles.many([number])
    assert (await desk.refresh(two)).updated == (number,)
    (after,) = await desk.articles.many([number])
    assert after.standfirst == "It stands in the very centre."
    assert (after.author, after.image) == ("Anna Rossi", "https://one.example/1.jpg")
    assert (after.title, after.source, after.categories) == (
        before.title,
        "One",
        before.categories,
    )
    assert [each.id for each in await desk.articles.search("very centre", limit=5)] == [number]
    again = await desk.again(two)
    assert (again.updated, again.unchanged) == ((), 1)
    assert (await desk.again(one)).updated == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><title>Just a moment...</title>", "wall page"),
        ("<html><title>Welcome</title>", "a page, not a feed"),
        ("", "empty document"),
        ("garbage", "not a feed"),
        (rss("<title>No link</title>"), "nothing usable"),
    ],
)
async def test_a_round_that_brings_nothing_usable_says_why(
    desk: Desk, body: str, reason: str
) -> None:
    source = await desk.add(desk.site.serve("/feed", body))
    report = await desk.refresh(source)
    assert (report.outcome, report.reason) == (Outcome.FAILED, reason)
    now = await desk.known(source)
    assert now.failures == 1
    assert now.last_error is not None
    assert now.last_error.startswith(reason)


async def test_an_empty_feed_is_its_own_result(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", rss()))
    report = await desk.refresh(source)
    assert (report.outcome, report.reason) == (Outcome.EMPTY, "empty feed")


async def test_a_source_that_is_gone_is_retired(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", status=410))
    assert (await desk.refresh(source)).outcome is Outcome.GONE
    assert (await desk.known(source)).state is SourceState.RETIRED


async def test_a_source_that_moved_for_good_is_asked_at_its_new_address(desk: Desk) -> None:
    desk.site.serve("/new", rss(item(1)))
    source = await desk.add(desk.site.serve("/old", status=301, Location="/new"))
    await desk.refresh(source)
    assert (await desk.known(source)).url == desk.site.url + "/new"


async def test_a_dead_feed_that_redirects_to_the_front_page_keeps_its_address(desk: Desk) -> None:
    desk.site.serve("/", "<html><title>Front</title>")
    source = await desk.add(desk.site.serve("/old", status=301, Location="/"))
    await desk.refresh(source)
    assert (await desk.known(source)).url == source.url


async def test_not_modified_by_a_dead_feeds_front_page_is_no_success(desk: Desk) -> None:
    async def front(request: web.Request) -> web.Response:
        known = "If-Modified-Since" in request.headers
        return web.Response(status=304 if known else 200, text="<html><title>Front</title>")

    since = "Tue, 24 Nov 2026 11:00:00 GMT"
    source = await desk.add(desk.site.serve("/feed", rss(item(1)), Last_Modified=since))
    await desk.refresh(source)
    desk.site.handle("/", front)
    desk.site.serve("/feed", status=301, Location="/")
    report = await desk.again(source)
    assert (report.outcome, report.reason) == (Outcome.FAILED, "a page, not a feed")
    assert (await desk.known(source)).url == source.url


async def test_a_listing_page_that_redirects_to_the_front_page_keeps_its_address(
    desk: Desk,
) -> None:
    page = "<div class=a><a href='/{}'>The house opens a boutique in Milan</a></div>"
    source = await desk.add(
        desk.site.serve("/news", status=301, Location="/"),
        kind=SourceKind.PAGE,
        selectors={"item": ".a"},
    )
    desk.site.serve("/", page.format("one"))
    await desk.refresh(source)
    assert (await desk.known(source)).url == source.url
    desk.site.serve("/news", status=301, Location="/en/news")
    desk.site.serve("/en/news", page.format("two"))
    await desk.again(source)
    assert (await desk.known(source)).url == desk.site.url + "/en/news"


async def test_only_sources_that_are_due_are_asked(desk: Desk) -> None:
    await desk.add(desk.site.serve("/feed", rss(item(1))))
    heard: list[RoundReport] = []
    assert len(await desk.room.refresh_due(desk.now, on_report=heard.append)) == len(heard) == 1
    assert await desk.room.refresh_due(desk.now) == ()


async def test_a_rate_limited_hosts_other_sources_do_not_fail(desk: Desk) -> None:
    busy = await desk.add(desk.site.serve("/busy", status=429, Retry_After="3600"), "Busy")
    other = await desk.add(desk.site.serve("/other", rss(item(1))), "Other")
    assert (await desk.refresh(busy)).outcome is Outcome.FAILED
    assert (await desk.refresh(other)).outcome is Outcome.POSTPONED
    now = await desk.known(other)
    assert (now.failures, now.last_error, now.last_ok) == (0, None, None)
    assert now.next_check >= desk.now + timedelta(hours=1)


async def test_one_bad_source_does_not_stop_the_others(desk: Desk) -> None:
    urls = [
        desk.site.serve("/a", b"\x00\xff" * 500),
        desk.site.serve("/b", status=500),
        "http://127.0.0.1:1/refused",
        desk.site.serve("/c", rss(item(1))),
        desk.site.serve("/d", "<rss>" + "<a>" * 50_000),
    ]
    sources = [await desk.add(url, f"S{n}") for n, url in enumerate(urls)]
    reports = {one.source: one for one in await desk.room.refresh_all(sources)}
    assert len(reports) == 5
    assert reports["S3"].new
    assert {one.outcome for name, one in reports.items() if name != "S3"} == {Outcome.FAILED}


async def test_a_hanging_host_delays_no_other_source(desk: Desk) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response(text=rss(item(1)))

    elsewhere = desk.site.url.replace("127.0.0.1", "localhost")
    for path in ("/a", "/b"):
        desk.site.handle(path, hang)
        await desk.add(elsewhere + path, path)
    first = asyncio.create_task(desk.room.refresh_due(desk.now))
    await asked.wait()
    await desk.add(desk.site.serve("/well", rss(item(2))), "Well")
    (report,) = await desk.room.refresh_due(desk.now)
    assert report.source == "Well"
    assert [path for path, _ in desk.site.requests] == ["/a", "/well"]
    never.set()
    assert {one.source for one in await first} == {"/a", "/b"}
    desk.now += timedelta(days=1)
    assert len(await desk.room.refresh_due(desk.now)) == 3


async def test_sixty_hosts_that_hang_at_once_delay_no_other(
    db: Database, workers: Workers, site: Site
) -> None:
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response(text=rss(item(1)))

    hosts = {f"slow{number}": "127.0.0.1" for number in range(60)}
    port = site.url.rpartition(":")[2]
    site.handle("/hang", hang)
    site.serve("/well", rss(item(2)))
    lookup = looks_up(well="127.0.0.1", **hosts)
    # The healthy source must be read by a worker that may have to start first.
    async with Fetcher(allow_private=True, timeout=240, lookup=lookup) as fetcher:
        desk = desk_of(db, fetcher, workers, site)
        for host in hosts:
            await desk.add(f"http://{host}:{port}/hang", host)
        await desk.add(f"http://well:{port}/well", "Well")
        heard: asyncio.Queue[RoundReport] = asyncio.Queue()
        round_ = asyncio.create_task(desk.room.refresh_due(desk.now, on_report=heard.put_nowait))
        first = await asyncio.wait_for(heard.get(), 120)
        assert (first.source, first.outcome) == ("Well", Outcome.STORED)
        over.set()
        assert len(await round_) == 61


async def test_a_failing_archive_releases_its_places(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.newsroom.AT_ONCE", 3)
    room = Newsroom(
        desk.articles,
        desk.sources,
        desk.room._fetcher,
        desk.room._workers,
        load(),
        lambda: desk.now,
    )

    async def broken(*_: object) -> None:
        raise OSError("no disk")

    # An answer that needs no worker comes to the archive in the turn in which others begin.
    for number in range(12):
        url = desk.site.serve(f"/{number}", status=500)
        await desk.add(url.replace("127.0.0.1", "localhost") if number % 2 else url, f"{number}")
    for _ in range(4):
        with monkeypatch.context() as patched:
            patched.setattr(room.results._checks, "_do", broken)
            with pytest.raises(ExceptionGroup):
                await room.refresh_due(desk.now)
    assert room._running == 0
    assert len(await room.refresh_due(desk.now)) == 12


async def test_a_bug_while_fetching_is_recorded_as_the_sources_error(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = desk.room._fetcher.fetch

    async def broken(source: Source, now: datetime) -> object:
        if source.name == "Bad":
            raise OverflowError("ours")
        return await plain(source, now)

    monkeypatch.setattr(desk.room._fetcher, "fetch", broken)
    sources = [
        await desk.add(desk.site.serve("/bad", rss(item(1))), "Bad"),
        await desk.add(desk.site.serve("/well", rss(item(2))), "Well"),
    ]
    reports = {one.source: one for one in await desk.room.refresh_all(sources)}
    assert (reports["Bad"].reason, reports["Bad"].detail) == ("defect", "OverflowError")
    assert reports["Well"].new
    assert "failed with a bug" in caplog.text


async def test_a_bug_while_parsing_is_recorded_as_the_sources_error(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("ours")

    source = await desk.add(desk.site.serve("/feed", rss(item(1))))
    monkeypatch.setattr("news.ingest.round_writer.decide", broken)
    report = await desk.refresh(source)
    assert (report.outcome, report.reason, report.detail) == (Outcome.FAILED, "defect", "KeyError")
    assert "failed with a bug" in caplog.text


async def test_bodies_come_from_pages_where_a_source_allows_it(desk: Desk) -> None:
    words = "<p>" + "The boutique tells of marble and of light, in many words. " * 8 + "</p>"
    page = (
        f"<html><head><title>One</title></head><body><article>{words * 3}</article></body></html>"
    )
    link = desk.site.serve("/page", page, Content_Type="text/html")
    feed = rss(f"<title>Gucci opens in Milan</title><link>{link}</link>")
    source = await desk.add(desk.site.serve("/feed", feed), read_pages=True)
    report = await desk.refresh(source)
    body = there(await desk.articles.body(report.new[0]))
    assert "marble" in body.text
    asked = len(desk.site.requests)
    await desk.again(source)
    assert len(desk.site.requests) == asked + 1


async def test_an_excerpt_does_not_replace_a_pages_text(desk: Desk) -> None:
    words = "The boutique tells of marble and of light, in many words. " * 20
    page = f"<html><head><title>One</title></head><body><p>{words}</p></body></html>"
    link = desk.site.serve("/page", page, Content_Type="text/html")
    markup = (
        f"<title>Gucci opens in Milan</title><link>{link}</link><description>{{}}</description>"
    )
    feed = desk.site.serve("/feed", rss(markup.format("One. Two. Three.")))
    source = await desk.add(feed, read_pages=True)
    report = await desk.refresh(source)
    await desk.again(source, rss(markup.format("One. Two. Four.")))
    body = there(await desk.articles.body(report.new[0]))
    assert "marble" in body.text


async def test_a_failing_site_is_not_asked_for_every_page(desk: Desk) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    links = [desk.site.handle(f"/page/{number}", cut) for number in range(6)]
    feed = rss(*(f"<title>Gucci opens no. {link}</title><link>{link}</link>" for link in links))
    source = await desk.add(desk.site.serve("/feed", feed), read_pages=True)
    assert len((await desk.refresh(source)).new) == 6
    assert {path for path, _ in desk.site.requests} == {"/feed", "/page/0", "/page/1"}


async def test_the_parts_of_a_sitemap_index_are_read(desk: Desk) -> None:
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    part = desk.site.serve(
        "/part.xml",
        f"<urlset xmlns:news='{news}'><url><loc>https://one.example/1</loc><news:news>"
        "<news:title>Bentley builds a boat</news:title><news:publication_date>2026-11-24"
        "</news:publication_date></news:news></url></urlset>",
    )
    index = f"<sitemapindex><sitemap><loc>{part}</loc></sitemap></sitemapindex>"
    source = await desk.add(desk.site.serve("/index.xml", index), kind=SourceKind.SITEMAP)
    report = await desk.refresh(source)
    assert report.outcome is Outcome.STORED
    assert await desk.titles() == ["Bentley builds a boat"]


def sitemap(*titles: str) -> str:
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    return f"<urlset xmlns:news='{news}'>" + "".join(
        f"<url><loc>https://one.example/{len(title)}</loc><news:news><news:title>{title}"
        "</news:title><news:publication_date>2026-11-24</news:publication_date></news:news></url>"
        for title in titles
    )


async def test_an_unreadable_sitemap_part_spoils_no_other(desk: Desk) -> None:
    parts = [
        desk.site.serve("/1.xml", sitemap("Bentley builds a boat") + "</urlset>"),
        desk.site.serve("/2.xml", "<html><title>Sorry</title><p>Come again later.</p></html>"),
        desk.site.url + "/3.xml",
    ]
    locations = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in parts)
    index = f"<sitemapindex>{locations}</sitemapindex>"
    source = await desk.add(
        desk.site.serve("/index.xml", index, ETag='"1"'), kind=SourceKind.SITEMAP
    )
    report = await desk.refresh(source)
    assert report.outcome is Outcome.STORED
    assert sorted(one.reason for one in report.refused) == ["part not fetched", "part not read"]
    assert await desk.titles() == ["Bentley builds a boat"]


async def test_an_unchanged_sitemap_index_does_not_hide_its_parts_news(desk: Desk) -> None:
    async def index(request: web.Request) -> web.Response:
        known = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
        listing = f"<sitemapindex><sitemap><loc>{part}</loc></sitemap></sitemapindex>"
        headers = {"ETag": '"1"', "Last-Modified": "Tue, 24 Nov 2026 08:00:00 GMT"}
        return web.Response(
            status=304 if known else 200, text=None if known else listing, headers=headers
        )

    part = desk.site.serve("/part.xml", sitemap("Bentley builds a boat") + "</urlset>")
    source = await desk.add(desk.site.handle("/index.xml", index), kind=SourceKind.SITEMAP)
    await desk.refresh(source)
    both = sitemap("Bentley builds a boat", "Rolex opens a school in Geneva") + "</urlset>"
    desk.site.serve("/part.xml", both)
    assert len((await desk.again(source)).new) == 1


async def test_a_late_first_answer_brings_a_backlog(desk: Desk) -> None:
    late = await desk.add(desk.site.url + "/late", "Late")
    await desk.refresh(await desk.add(desk.site.serve("/first", rss(item(9))), "First"))
    assert (await desk.refresh(late)).outcome is Outcome.FAILED
    desk.site.serve("/late", rss(item(1, site="late"), item(2, site="late")))
    report = await desk.again(late, days=2)
    assert len(report.new) == 2
    assert report.backlog


async def test_an_undated_list_is_polled_by_how_often_it_has_new_articles(desk: Desk) -> None:
    def dateless(*numbers: int) -> str:
        return rss(
            *(
                f"<title>Dior opens shop number {number}</title>"
                f"<link>https://one.example/{number}</link>"
                for number in numbers
            )
        )

    async def interval() -> int:
        found = await desk.known(source)
        return found.interval

    source = await desk.add(desk.site.serve("/feed", dateless(1, 2, 3)))
    await desk.refresh(source)
    slow = await interval()
    await desk.again(source, dateless(4, 1, 2, 3))
    quick = await interval()
    assert quick < slow
    # Links that are all new at once may be the same ones, written otherwise.
    await desk.again(source, dateless(11, 12, 13, 14))
    assert await interval() > quick


async def test_the_event_loop_is_free_while_documents_are_parsed(desk: Desk) -> None:
    big = rss(*(item(n, f"Piece {n} of many that this source tells today") for n in range(400)))
    source = await desk.add(desk.site.serve("/feed", big))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await desk.refresh(source)
    ticking.cancel()
    assert ticks > 50


async def test_an_address_is_tried_before_it_is_added(desk: Desk) -> None:
    feed = desk.site.serve("/the-feed", rss(item(1)))
    good = await desk.room.try_source(feed)
    assert good.ok
    front = desk.site.serve(
        "/",
        "<html><head><link rel=alternate type='application/rss+xml' href='/the-feed'>"
        "<title>Site</title></head></html>",
    )
    found = await desk.room.try_source(front)
    assert found.ok
    assert found.url == feed
    assert found.feeds == (feed,)
    wall = await desk.room.try_source(
        desk.site.serve("/wall", "<html><title>Just a moment...</title>")
    )
    assert not wall.ok
    assert wall.problem.startswith("wall page")
    bare = await desk.room.try_source(
        desk.site.serve("/bare", "<html><title>Us</title><p>Hello.</html>")
    )
    assert bare.problem == "a page that announces no feed and lists no articles"
    gone = await desk.room.try_source(desk.site.serve("/gone", status=404))
    assert gone.problem == "http 404: Not Found"


async def test_a_known_page_source_is_tried_as_a_page_and_an_unknown_page_by_its_feed(
    desk: Desk,
) -> None:
    desk.site.serve("/the-feed", rss(item(1)))
    page = desk.site.serve(
        "/news",
        "<html><head><link rel=alternate type='application/rss+xml' href='/the-feed'></head>"
        "<body><div class=piece><a href='/1'>The house opens a boutique in Milan</a></div>"
        "<p><a href='/2'>What else there is to be read on this very page</a></p></body></html>",
    )
    assert (await desk.room.try_source(page)).url == desk.site.url + "/the-feed"
    source = await desk.add(page, kind=SourceKind.PAGE, selectors={"item": ".piece"})
    found = await desk.room.try_source(page, source)
    assert found.parsed is not None
    (entry,) = found.parsed.entries
    assert entry.link == desk.site.url + "/1"
    assert "style" in {one.category for one in entry.filings}


async def test_only_a_permanent_redirect_changes_the_added_address(desk: Desk) -> None:
    desk.site.serve("/there", rss(item(1)))
    announced = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    desk.site.serve("/shop", f"<html><head>{announced}<title>Shop</title></head></html>")
    for status, kept in ((302, "/feed"), (307, "/feed"), (301, "/there"), (308, "/there")):
        feed = desk.site.serve("/feed", status=status, Location="/there")
        for asked in (feed, desk.site.url + "/shop"):
            found = await desk.room.try_source(asked)
            assert found.ok
            assert found.url == desk.site.url + kept, (status, asked)


async def test_a_feed_at_a_usual_address_is_found(desk: Desk) -> None:
    feed = desk.site.serve("/rss.xml", rss(item(1)))
    found = await desk.room.try_source(desk.site.serve("/", "<html><title>Site</title></html>"))
    assert found.ok
    assert found.url == feed


async def test_an_article_s_own_page_is_read(desk: Desk) -> None:
    page = desk.site.serve(
        "/news/1",
        "<html lang=it><head><meta property='og:title' content='Gucci apre a Milano'>"
        "<meta property='article:published_time' content='2026-06-01T10:00:00Z'>"
        "<meta property='og:description' content='Un nuovo negozio in centro.'></head></html>",
        Content_Type="text/html",
    )
    source = await desk.add(desk.site.serve("/feed", rss(item(1))))
    (read,) = await desk.room._pages.complete(source, [Entry("1", page, "Gucci apre")], set())
    assert read.title == "Gucci apre"
    assert read.standfirst == "Un nuovo negozio in centro."
    assert read.published == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert read.language == "it"
    assert "gucci" in {one.category for one in read.filings}


async def test_sources_that_bring_one_story_at_once_join_it_in_one_transaction(desk: Desk) -> None:
    title = "Hermès opens its largest boutique on Avenue George V in Paris"
    feeds = [
        rss(
            f"<item><title>{title}</title><link>https://paper{number}.example/1</link>"
            f"<pubDate>{desk.now:%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        )
        for number in range(3)
    ]
    sources = [
        await desk.add(desk.site.serve(f"/{number}", feed)) for number, feed in enumerate(feeds)
    ]
    reports = await asyncio.gather(*(desk.refresh(source) for source in sources))
    stored = await desk.articles.many([number for report in reports for number in report.new])
    assert len(stored) == 3
    assert {article.story_id for article in stored} == {min(article.id for article in stored)}
