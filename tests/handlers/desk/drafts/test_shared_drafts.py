"""Drafts of several editors: with the right to write alone, with none left, and two at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from handlers.taps.desk_data import DraftAct, DraftField, OnDraft, SetOfDraft
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, Rights
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, rights, turned
from tests.handlers.desk.pages import TITLE, articles, draft_of, page, sent

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site


async def test_whose_right_is_only_to_write_asks_and_another_publishes(
    newsdesk: Newsdesk, site: Site
) -> None:
    will = await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, Rights(write=True))
    draft = await sent(will, page(site))
    assert "Publish" not in draft.labels
    answer = await will.tap(OnDraft(DraftAct.PUBLISH, 1, 1).pack(), draft)
    assert answer.text == "You can write drafts, but not publish."
    draft = await turned(will, "Ask to publish", draft)
    assert "Waiting for an editor who can publish" in draft.text
    await newsdesk.olga.send("/desk")
    drafts = await turned(newsdesk.olga, "Drafts (1)", await newsdesk.olga.next())
    assert "waiting for approval" in drafts.text
    shown = await turned(newsdesk.olga, "1", drafts)
    await turned(newsdesk.olga, "Publish", shown)
    assert len(await articles(newsdesk)) == 1


async def test_a_draft_with_a_time_is_changed_by_those_who_may_publish_only(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, will = newsdesk.eva, await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, Rights(write=True))
    draft = await sent(will, page(site))
    edit = await turned(will, "Edit", draft)
    await press(will, "Headline", edit)
    await eva.send("/desk")
    drafts = await turned(eva, "Drafts (1)", await eva.next())
    await eva.tap("Publish at…", await turned(eva, "1", drafts))
    await eva.next()
    await ask(eva, "tomorrow at 7")
    await ask(will, "Another headline")
    answer = await will.tap(OnDraft(DraftAct.NO_PICTURE, 1, 2).pack(), edit)
    assert answer.text == "You can write drafts, but not publish."
    answer = await will.tap(SetOfDraft(DraftField.LANGUAGE, 1, 2, "it").pack(), edit)
    assert answer.text == "You can write drafts, but not publish."
    assert (await draft_of(newsdesk)).version == 2
    assert (await draft_of(newsdesk)).text.title == TITLE


@ON_EACH_DATABASE
async def test_an_editors_right_taken_away_amid_a_draft_holds_at_once(
    newsdesk: Newsdesk, site: Site
) -> None:
    will = await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    draft = await sent(will, page(site))
    edit = await turned(will, "Edit", draft)
    await press(will, "Headline", edit)
    await rights(newsdesk, will, NO_RIGHTS)
    await ask(will, "A headline of mine")
    await newsdesk.bureau.heard()
    assert (await draft_of(newsdesk)).text.title == TITLE
    answer = await will.tap(OnDraft(DraftAct.PUBLISH, 1, 1).pack(), draft)
    assert answer.text.startswith("This button no longer works")
    assert await articles(newsdesk) == []


@ON_EACH_DATABASE
async def test_of_two_editors_the_second_sees_what_the_first_did(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    draft = await sent(eva, page(site))
    await olga.send("/desk")
    drafts = await turned(olga, "Drafts (1)", await olga.next())
    of_olga = await turned(olga, "1", drafts)
    await turned(eva, "Also send as alert", draft)
    answer = await olga.tap("Discard", of_olga)
    assert answer.text == f"{eva.id} changed this draft. Here it is now."
    of_olga = await olga.next()
    assert "✓ Also send as alert" in of_olga.labels
    discarded = await turned(olga, "Discard", of_olga)
    assert "Discarded: " in discarded.text
    answer = await eva.tap(OnDraft(DraftAct.PUBLISH, 1, 2).pack(), draft)
    assert answer.text == "This has already been discarded."
    assert await articles(newsdesk) == []


@ON_EACH_DATABASE
async def test_two_editors_who_publish_one_draft_at_the_same_moment_publish_it_once(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    anna = await newsdesk.bureau.reader("Anna")
    subscriber = await newsdesk.bureau.subscriber(anna)
    subscribers = newsdesk.bureau.onnews.archive.subscribers
    await subscribers.follow(subscriber.id, "bentley", alerts=True)
    draft = await turned(eva, "Also send as alert", await sent(eva, page(site)))
    await olga.send("/desk")
    drafts = await turned(olga, "Drafts (1)", await olga.next())
    of_olga = await turned(olga, "1", drafts)
    answers = await asyncio.gather(eva.tap("Publish", draft), olga.tap("Publish", of_olga))
    late = "This has already been published."
    assert sorted(each.text for each in answers) == ["Published.", late]
    assert len(await articles(newsdesk)) == 1
    assert "just in" in (await anna.next()).text
    await newsdesk.bureau.heard()
    assert anna.unread() == []
