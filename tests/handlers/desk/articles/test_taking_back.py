"""Publications, approvals and other acts of editors that are taken back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from handlers.taps.desk_data import DraftAct, OnDraft
from storage.model import Layout
from storage.model.desk_model import DraftState
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, hold, opened_story, turned, typed
from tests.handlers.desk.pages import TITLE, articles, draft_of, page, sent

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Message, Person
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

STRUCK = "Withdrawn by the editors."


async def undone(person: Person, words: str) -> Message:
    """Undo the newest act that can be undone, and return the journal as it is then."""
    await person.send("/desk")
    journal = await turned(person, "History", await person.next())
    assert words in journal.text
    undo = next(label for label in journal.labels if label.startswith("Undo"))
    assert (await person.tap(undo, journal)).text == "Undone."
    return await person.next()


async def refreshed(newsdesk: Newsdesk, message: BotMessage) -> BotMessage:
    """Return a message of the desk once all copies are corrected."""
    archive = newsdesk.bureau.onnews.archive
    while await archive.corrections.open():  # noqa: ASYNC110 - the corrector has no event for it
        await asyncio.sleep(0)
    if "Refresh" in message.labels:
        message = await turned(newsdesk.eva, "Refresh", message)
    return message


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_publication_that_is_taken_back_is_struck_out_where_it_was_delivered(
    newsdesk: Newsdesk, site: Site, layout: Layout
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna = await bureau.reader("Anna")
    archive = bureau.onnews.archive
    await archive.subscribers.change((await bureau.subscriber(anna)).id, layout=layout)
    draft = await turned(eva, "Publish", await sent(eva, page(site)))
    before = await ask(anna, "/digest")
    (article,) = await articles(newsdesk)
    assert article.link in str(before.record.body)

    draft = await turned(eva, "Undo publication", draft)
    edition = await anna.next()
    assert (edition.id, edition.edited) == (before.id, True)
    assert STRUCK in str(edition.record.body)
    assert article.link not in str(edition.record.body)
    draft = await refreshed(newsdesk, draft)
    assert "Publication undone\nOne message changed" in draft.text
    assert "Publish" in draft.labels
    assert STRUCK in (await ask(anna, "/corrections")).text
    assert STRUCK in (await ask(anna, article.link)).text

    await turned(eva, "Publish", draft)
    edition = await anna.next()
    assert (edition.id, edition.edited) == (before.id, True)
    assert article.link in str(edition.record.body)
    assert STRUCK not in str(edition.record.body)
    assert STRUCK not in (await ask(anna, "/corrections")).text


@pytest.mark.parametrize("again", [False, True])
@ON_EACH_DATABASE
async def test_an_alert_is_struck_out_and_one_that_waits_comes_only_after_another_publication(
    newsdesk: Newsdesk, site: Site, *, again: bool
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna, quiet = await bureau.reader("Anna"), await bureau.reader("Quiet")
    subscribers = bureau.onnews.archive.subscribers
    for reader in (anna, quiet):
        whose = (await bureau.subscriber(reader)).id
        await subscribers.follow(whose, "bentley", alerts=True)
    await subscribers.change(whose, quiet_from=0, quiet_to=23 * 60)
    draft = await turned(eva, "Also send as alert", await sent(eva, page(site)))
    draft = await turned(eva, "Publish", draft)
    await bureau.send_what_is_due()
    alert = await anna.next()
    assert TITLE in alert.text

    draft = await turned(eva, "Undo publication", draft)
    struck = await anna.next()
    assert (struck.id, struck.parts("strikethrough")) == (alert.id, [TITLE])
    assert STRUCK in struck.text
    if again:
        await turned(eva, "Publish", draft)
        assert (await anna.next()).parts("strikethrough") == []
    bureau.clock.now = bureau.clock.now.replace(hour=22, minute=30)
    await bureau.send_what_is_due()
    await bureau.settled()
    assert [TITLE in each.text for each in quiet.unread()] == [True] * again
    assert anna.unread() == []


async def test_a_publication_that_reached_nobody_is_removed_when_it_is_taken_back(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    draft = await turned(eva, "Publish", await sent(eva, page(site)))
    draft = await turned(eva, "Undo publication", draft)
    bert = await bureau.reader("Bert")
    for request in ("/latest", "/search Mulliner Crewe", "/category bentley", "/corrections"):
        assert TITLE not in (await ask(bert, request)).text
    # Editions read the articles again after a minute.
    bureau.clock.pass_(minutes=2)
    assert TITLE not in (await ask(bert, "/digest")).text
    assert (
        "Publication undone\nNo message had to be changed"
        in (await refreshed(newsdesk, draft)).text
    )


async def test_a_draft_that_is_edited_after_it_was_taken_back_is_published_as_edited(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    draft = await turned(eva, "Publish", await sent(eva, page(site)))
    draft = await turned(eva, "Undo publication", draft)
    await eva.tap("Headline", await turned(eva, "Edit", draft))
    await eva.next()
    edited = await ask(eva, "Mulliner gets a wing")
    await eva.next()
    await turned(eva, "Publish", edited)
    (article,) = await articles(newsdesk)
    assert (article.title, article.state, article.backlog) == ("Mulliner gets a wing", None, False)
    assert "Mulliner gets a wing" in (await ask(eva, "/latest")).text


async def test_a_corrected_publication_can_be_taken_back_for_its_hour_and_keeps_the_correction(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    card = await turned(eva, "Publish", await sent(eva, page(site)))
    (article,) = await articles(newsdesk)
    story = await opened_story(eva, str(article.id))
    await typed(eva, "Headline: typo", story, "Mulliner gets a wing")
    await eva.send("/desk")
    card = await turned(eva, "1", await turned(eva, "Published this week", await eva.next()))
    card = await turned(eva, "Undo publication", card)
    assert "Mulliner gets a wing" in card.text
    card = await turned(eva, "Publish", card)
    (article,) = await articles(newsdesk)
    assert (article.title, article.is_withdrawn) == ("Mulliner gets a wing", False)
    bureau.clock.pass_(minutes=61)
    card = await turned(eva, OnDraft(DraftAct.OPEN, 1, 1).pack(), card)
    assert "Undo publication" not in card.labels


@ON_EACH_DATABASE
async def test_an_approval_that_is_undone_removes_the_story_and_lets_it_wait_again(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna, bert = await bureau.reader("Anna"), await bureau.reader("Bert")
    await hold(newsdesk, "Bentley waits")
    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    await eva.tap("Publish", await turned(eva, "1", waiting))
    await eva.next()
    edition = await ask(anna, "/digest")
    assert "Bentley waits" in edition.text

    await undone(eva, "Published a waiting story")
    struck = await anna.next()
    assert (struck.id, struck.edited) == (edition.id, True)
    assert struck.parts("strikethrough") == ["Bentley waits"]
    bureau.clock.pass_(minutes=2)
    for request in ("/latest motor", "/search waits", "/category motor", "/digest"):
        assert "Bentley waits" not in (await ask(bert, request)).text

    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    assert "Bentley waits" in waiting.text
    await eva.tap("Publish", await turned(eva, "1", waiting))
    again = await anna.next()
    assert (again.id, again.parts("strikethrough")) == (edition.id, [])
    assert "Bentley waits" in (await ask(bert, "/latest motor")).text


@ON_EACH_DATABASE
async def test_a_discarded_story_waits_again_once_that_is_undone(newsdesk: Newsdesk) -> None:
    eva = newsdesk.eva
    await hold(newsdesk, "Bentley waits")
    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    await eva.tap("Discard", await turned(eva, "1", waiting))
    await eva.next()
    await undone(eva, "Discarded a waiting story: Bentley waits")
    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    assert "Bentley waits" in waiting.text
    assert "Bentley waits" not in (await ask(eva, "/latest motor")).text


async def test_a_discarded_draft_is_a_draft_again_once_that_is_undone(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    await turned(eva, "Discard", await sent(eva, page(site)))
    assert (await draft_of(newsdesk)).state is DraftState.DISCARDED
    await undone(eva, "Discarded draft 1")
    assert (await draft_of(newsdesk)).state is DraftState.OPEN
    await eva.send("/desk")
    assert TITLE in (await turned(eva, "Drafts (1)", await eva.next())).text


async def test_a_draft_whose_time_is_undone_is_not_published_then(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    await eva.tap("Publish at…", await sent(eva, page(site)))
    await eva.next()
    assert "Will be published" in (await ask(eva, "tomorrow at 7")).text
    await eva.next()
    assert (await draft_of(newsdesk)).state is DraftState.SCHEDULED
    await undone(eva, "Set a time for draft 1")
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.publish_at) == (DraftState.OPEN, None)
    bureau.clock.pass_(days=2)
    ticks = bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("publications")
    assert await articles(newsdesk) == []
