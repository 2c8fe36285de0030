"""Links of editors to pages that answer late or never."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.handlers.conftest import ask
from tests.handlers.desk.pages import PAGE, TITLE, page, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Handler, Site


def silent(released: asyncio.Event) -> Handler:
    """Return a page that answers nothing until it is released."""

    async def answer(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response(text=PAGE.format(title=TITLE), content_type="text/html")

    return answer


def endless(released: asyncio.Event) -> Handler:
    """Return a page that begins and does not end until it is released."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        await response.prepare(request)
        head, tail = PAGE.format(title=TITLE).split("</article>")
        await response.write(head.encode())
        await released.wait()
        await response.write(f"</article>{tail}".encode())
        return response

    return answer


@pytest.mark.parametrize("kind", [silent, endless])
async def test_a_page_that_never_ends_is_given_up_and_the_editor_can_try_again(
    newsdesk: Newsdesk,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[[asyncio.Event], Handler],
) -> None:
    eva, never = newsdesk.eva, asyncio.Event()
    link = site.handle("/story", kind(never))
    with monkeypatch.context() as hurry:
        hurry.setattr("news.page_reader.ASKED_SECONDS", 0.01)
        answer = await sent(eva, link)
    assert "The page is too slow" in answer.text
    assert "Send the link again" in answer.text
    assert await newsdesk.bureau.onnews.archive.drafts.get(1) is None
    page(site)
    assert TITLE in (await sent(eva, link)).text
    never.set()


async def test_a_slow_page_holds_up_nobody_else_and_its_card_comes_in_the_end(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, released = newsdesk.eva, asyncio.Event()
    anna = await newsdesk.bureau.reader("Anna")
    waiting = await ask(eva, site.handle("/story", silent(released)))
    assert "reading" in waiting.text
    assert "Bentley adds a wing" in (await ask(anna, "/latest motor")).text
    released.set()
    card = await eva.next()
    assert (card.id, card.edited) == (waiting.id, True)
    assert TITLE in card.text
    assert "Publish" in card.labels


async def test_a_slow_page_holds_up_its_editors_next_message_for_a_moment_only(
    newsdesk: Newsdesk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than Telegram's part of the answer takes: that counts too.
    monkeypatch.setattr("handlers.updates.update_answer.HOLDS_UP", 0.3)
    eva, released = newsdesk.eva, asyncio.Event()
    assert "reading" in (await ask(eva, site.handle("/story", silent(released)))).text
    assert "Bentley adds a wing" in (await ask(eva, "/latest motor")).text
    released.set()
    assert TITLE in (await eva.next()).text
