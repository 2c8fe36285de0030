"""A chat's editions on a page and in feeds, behind a secret link. Off unless PAGES_URL is set.

What is served comes from the database: every process that answers serves every link.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import logging
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web

from bot.http_server.port import HttpPort
from bot.http_server.trusted_networks import TrustedNetworks
from bot.process.logs import one_line
from bot.telegram.startup import StartError
from digest.editions.edition_pages import EditionPages, fewer
from storage.model import ChatKind
from templates.edition.lru_cache import LruCache
from templates.markup.article_parts import headline, name
from templates.markup.text import web_link
from templates.renderer import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.configuration.settings import Settings
    from bot.http_server.limits import HttpLimits
    from digest.editions.edition_pages import FeedEntry
    from handlers.core.services.services import Services
    from storage.model import Subscriber
    from storage.readers.page_links import LinkedPage
    from templates import Renderer

log = logging.getLogger(__name__)

ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
FEEDS = {"feed.xml": ATOM, "feed.json": JSON_FEED}
LARGEST = 60_000
"""Bytes of a page at most; the stories at its end are left out where it would be larger."""
MOST_STORIES = 60
KEPT = 64
"""Pages and feeds that are kept as they were made, until something in them changes."""
LAST_ANSWERS = 1.0
"""Seconds that a stop waits for answers in progress."""
_ALWAYS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
_POLICY = "default-src 'none'; {}base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class ServedPage(NamedTuple):
    """A page or a feed as it is sent."""

    kind: str
    content: bytes
    policy: str


class PageServer:
    """Serves the pages and feeds.

    Args:
        services: Returns what serves readers, or None as long as this process stands by.
    """

    def __init__(
        self,
        settings: Settings,
        services: Callable[[], Services | None],
        *,
        limits: HttpLimits | None = None,
    ) -> None:
        self._settings = settings
        self._services = services
        self._limits = limits
        self._path = urlsplit(settings.pages_url).path.rstrip("/")
        self._made = LruCache[str, ServedPage](KEPT)
        texts = "".join(text for _, (text, _, _) in sorted(sources().items()))
        self._templates = hashlib.sha256(texts.encode()).hexdigest()
        self.port: HttpPort | None = None
        """The listening port; None before the start, or if `/healthz` shares its port."""

    def add_to(self, app: web.Application) -> None:
        """Serve the pages on an application."""
        app.router.add_get(f"{self._path}/{{link}}", self._answer)
        app.router.add_get(f"{self._path}/{{link}}/{{part}}", self._answer)
        app.router.add_route("*", f"{self._path}/{{rest:.*}}", self._no_such)

    async def open(self, *, again: bool = False) -> None:
        """Listen at PAGES_LISTEN, unless `/healthz` uses that port; tried `again` if it was taken.

        StartError means that the address cannot be opened for another reason.
        """
        if self.port is not None or self._settings.pages_share_port:
            return
        app = web.Application()
        self.add_to(app)
        host, number = self._settings.pages_listen
        port = HttpPort(
            "PAGES_LISTEN",
            app,
            limits=self._limits,
            trusted=TrustedNetworks(self._settings.trusted_proxies),
            last_answers=LAST_ANSWERS,
        )
        try:
            await port.open(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise StartError(
                    f"PAGES_LISTEN: {host}:{number} cannot be opened ({error.strerror}); "
                    "choose another address, and change it in your proxy too"
                ) from None
            log.log(
                logging.DEBUG if again else logging.WARNING,
                "PAGES_LISTEN: another process listens at %s:%d; this one serves no pages",
                host,
                number,
            )
            return
        self.port = port
        log.info("editions are served at %s%s", port.url, self._path)

    async def stop(self) -> None:
        """Close the port."""
        if self.port is not None:
            await self.port.close()

    async def _no_such(self, _request: web.Request) -> web.Response:
        return _not_found()

    async def _answer(self, request: web.Request) -> web.Response:
        services = self._services()
        if services is None:
            return _later()
        try:
            return await self._found(request, services)
        except Exception as error:
            log.warning("a page of editions could not be made: %s", one_line(error))
            log.debug("its error", exc_info=error)
            return _later()

    async def _found(self, request: web.Request, services: Services) -> web.Response:
        link, part = request.match_info["link"], request.match_info.get("part", "")
        day = _day_of(part)
        if part and part not in FEEDS and day is None:
            return _not_found()
        page = await services.page_links.opened(link)
        if page is None or not _is_let_in(page, services):
            return _not_found()
        tag = self._tag(page, link, part, services)
        etag = f'"{tag}"'
        if etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers={**_ALWAYS, "ETag": etag})
        body = self._made.get(tag)
        if body is None:
            subscriber = await services.subscribers.get(page.subscriber_id)
            if subscriber is None:
                return _not_found()
            made = await self._make(services, subscriber, link, part, day)
            if made is None:
                return _not_found()
            body = self._made.put(tag, made)
        headers = {**_ALWAYS, "ETag": etag, "Content-Security-Policy": body.policy}
        return web.Response(
            body=body.content, content_type=body.kind, charset="utf-8", headers=headers
        )

    def _tag(self, page: LinkedPage, link: str, part: str, services: Services) -> str:
        # A feed forgets what is older than some days, also where nothing is sent any more.
        today = services.clock().date() if part in FEEDS else ""
        parts = (page.subscriber_id, page.state, link, part, today, self._templates)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

    async def _make(
        self, services: Services, subscriber: Subscriber, link: str, part: str, day: date | None
    ) -> ServedPage | None:
        source = EditionPages(services.past_editions, services.desk.corrections)
        if part in FEEDS:
            entries = await source.feed(subscriber, services.clock())
            return self._feed(services, subscriber, link, part, entries)
        days = await source.days(subscriber)
        if day is not None and day not in days:
            return None
        last = next(iter(days), None)
        # The page itself shows the last edition: a day with no other has no further page.
        alone = last if last is not None and days[last] == 1 else None
        here = alone if day is None else day
        editions = await (source.last(subscriber) if day is None else source.on(subscriber, day))
        base = f"{self._path}/{link}"
        others = [(each, base if each == alone else f"{base}/{each}") for each in days]
        values: dict[str, Any] = {
            "zone": subscriber.zone,
            "days": [each for each in others if each[0] != here],
            "feeds": [(kind, f"{base}/{name}") for name, kind in FEEDS.items()],
        }
        most, content = MOST_STORIES, b""
        while most:
            html = services.renderer.fragment(
                "edition_page", subscriber.language, editions=fewer(editions, most), **values
            )
            content = html.encode("utf-8", "replace")
            if len(content) <= LARGEST:
                break
            most //= 2
        style = content.partition(b"<style>")[2].partition(b"</style>")[0]
        digest = hashlib.sha256(style).digest()
        own = f"style-src 'sha256-{base64.b64encode(digest).decode()}'; "
        return ServedPage("text/html", content, _POLICY.format(own))

    def _feed(
        self,
        services: Services,
        subscriber: Subscriber,
        link: str,
        part: str,
        entries: list[FeedEntry],
    ) -> ServedPage:
        renderer, language = services.renderer, subscriber.language
        address = f"{self._settings.pages_url}/{link}"
        told = [_told(each, renderer, language) for each in entries]
        # Of the chat, not of the link, so that a reader goes on with a new link.
        whole = uuid5(NAMESPACE_URL, f"{renderer.bot_link}/chat/{subscriber.id}").urn
        if part == "feed.xml":
            text = renderer.fragment(
                "edition_feed",
                language,
                address=address,
                entries=told,
                id=whole,
                updated=max(
                    (each.updated for each in entries), default=subscriber.created
                ).isoformat(),
            )
        else:
            text = json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "ON News",
                    "feed_url": f"{address}/{part}",
                    "home_page_url": address,
                    "language": language,
                    "items": [_item(each) for each in told],
                },
                ensure_ascii=False,
            )
        return ServedPage(FEEDS[part], text.encode("utf-8", "replace"), _POLICY.format(""))


def _told(entry: FeedEntry, renderer: Renderer, language: str) -> dict[str, str]:
    article = entry.story.article
    title = headline(article)
    if article.is_withdrawn:
        title = renderer.label("withdrawn_why", language, reason=title)
    return {
        "id": uuid5(NAMESPACE_URL, f"{renderer.bot_link}/story/{article.id}").urn,
        "title": title,
        "link": "" if article.is_withdrawn else web_link(article.link) or "",
        "html": renderer.fragment("feed_story", language, story=entry.story),
        "category": renderer.category(entry.category, language) if entry.category else "",
        "source": name(article.source),
        "sent": entry.sent.isoformat(),
        "updated": entry.updated.isoformat(),
    }


def _item(told: dict[str, str]) -> dict[str, object]:
    item: dict[str, object] = {
        "id": told["id"],
        "title": told["title"],
        "content_html": told["html"],
        "date_published": told["sent"],
        "date_modified": told["updated"],
        "authors": [{"name": told["source"]}],
    }
    if told["link"]:
        item["url"] = told["link"]
    if told["category"]:
        item["tags"] = [told["category"]]
    return item


def _is_let_in(page: LinkedPage, services: Services) -> bool:
    # A channel is let in with those who manage it; the database knows whether it is shut out.
    return page.kind is ChatKind.CHANNEL or services.admissions.permits(page.chat_id)


def _day_of(part: str) -> date | None:
    try:
        found = date.fromisoformat(part)
    except ValueError:
        return None
    # Python reads other ways to write a date, too.
    return found if part == found.isoformat() else None


def _not_found() -> web.Response:
    return web.Response(status=404, text="not found\n", headers=_ALWAYS)


def _later() -> web.Response:
    return web.Response(
        status=503, text="not available now\n", headers={**_ALWAYS, "Retry-After": "5"}
    )
