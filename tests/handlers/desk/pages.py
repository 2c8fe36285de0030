"""A page of an article, served as an editor's link leads to it, and the draft made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model.desk_model import DraftText
from tests.handlers.conftest import ask

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from storage.model import Article
    from storage.model.desk_model import ArticleDraft
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="og:title" content="{title}"><meta property="og:type" content="article">
<meta property="og:description" content="Bentley builds a wing for its coachbuilders at Crewe.">
<meta property="article:published_time" content="2026-11-24T08:00:00Z">
</head><body><article><h1>{title}</h1><p>Bentley, the car maker, builds a new wing at Crewe for
its coachbuilders of Mulliner, who will move in next spring with their tools.</p><p>The wing costs
ninety million pounds, and sixty people will work in it from the first day on.</p></article></body>
</html>"""
TITLE = "Bentley builds a wing for Mulliner at Crewe"


def page(site: Site, title: str = TITLE, path: str = "/story", head: str = "") -> str:
    """Serve an article's page; return its address."""
    html = PAGE.format(title=title).replace("</title>", f"</title>{head}")
    return site.serve(path, html, Content_Type="text/html; charset=utf-8")


async def sent(person: Person, link: str) -> Message:
    """Send a link; return the draft that the bot makes of it."""
    assert "reading" in (await ask(person, link)).text
    return await person.next()


async def articles(newsdesk: Newsdesk) -> list[Article]:
    """Return the articles that were published, the oldest first."""
    newest = await newsdesk.bureau.onnews.archive.articles.newest_id()
    return await newsdesk.bureau.onnews.archive.articles.many(range(2, newest + 1))


async def draft_of(newsdesk: Newsdesk, number: int = 1) -> ArticleDraft:
    found = await newsdesk.bureau.onnews.archive.drafts.get(number)
    assert found is not None
    return found


def text_of(number: int) -> DraftText:
    """Return the text of a draft without categories, with this number in its headline."""
    return DraftText(
        link=f"https://paper.example/{number}",
        source="The Paper",
        title=f"Draft no. {number}",
        standfirst="",
        body=None,
        body_kinds="",
        image=None,
        author=None,
        language="en",
        paywall=None,
        published=None,
        filings=(),
    )
