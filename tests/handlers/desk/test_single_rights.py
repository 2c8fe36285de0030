"""Editors with one right: they see no button that they may not use, and forged taps do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.taps.desk_data import (
    DeskPage,
    DiscardTip,
    DiscardWaiting,
    DraftAct,
    DraftField,
    DraftTip,
    OnDraft,
    OpenDesk,
    PublishWaiting,
    SetOfDraft,
    UndoAct,
)
from storage.model.desk_model import ActKind, DraftState, Rights
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, hold, rights, turned
from tests.handlers.desk.pages import draft_of, page, sent

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

NO_RIGHT = "You can write drafts, but not publish."
OTHERS_DRAFT = "You can only discard your own drafts."
OTHERS_CHANGE = "You can only undo your own changes."
LINK = "https://unknown.example/story"


async def writer(newsdesk: Newsdesk, name: str = "Will") -> Person:
    person = await newsdesk.bureau.reader(name)
    await rights(newsdesk, person, Rights(write=True))
    return person


async def opened(person: Person, label: str) -> Message:
    """Open a page of the desk by its button."""
    await person.send("/desk")
    return await turned(person, label, await person.next())


async def test_who_may_only_write_discards_own_drafts_and_no_others(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, will = newsdesk.eva, await writer(newsdesk)
    await sent(eva, page(site, path="/hers"))
    hers = await turned(will, "1", await opened(will, "Drafts (1)"))
    assert "Edit" in hers.labels
    assert "Discard" not in hers.labels
    answer = await will.tap(OnDraft(DraftAct.DISCARD, 1, 1).pack(), hers)
    assert answer.text == OTHERS_DRAFT
    assert (await draft_of(newsdesk)).state is DraftState.OPEN
    his = await sent(will, page(site, title="Bentley opens a school", path="/his"))
    assert "Discarded: " in (await turned(will, "Discard", his)).text
    assert (await draft_of(newsdesk, 2)).state is DraftState.DISCARDED


async def test_who_may_only_write_sets_nothing_that_publishes(
    newsdesk: Newsdesk, site: Site
) -> None:
    will = await writer(newsdesk)
    draft = await sent(will, page(site))
    assert draft.labels == ["Ask to publish", "Edit", "Join that story", "Discard", "Desk"]
    before = await draft_of(newsdesk)
    acts = (DraftAct.PUBLISH, DraftAct.ALERT, DraftAct.LEADS, DraftAct.TIME)
    for forged in (
        *(OnDraft(act, 1, 1) for act in acts),
        SetOfDraft(DraftField.LEAD, 1, 1, "24"),
        SetOfDraft(DraftField.LEAD_FOR_ALL, 1, 1, "1"),
    ):
        assert (await will.tap(forged.pack(), draft)).text == NO_RIGHT, forged
    assert await draft_of(newsdesk) == before


async def test_a_draft_with_a_time_shows_a_writer_no_buttons_but_the_desk(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, will = newsdesk.eva, await writer(newsdesk)
    await sent(will, page(site))
    await eva.tap("Publish at…", await turned(eva, "1", await opened(eva, "Drafts (1)")))
    await eva.next()
    await ask(eva, "tomorrow at 7")
    draft = await turned(will, "1", await opened(will, "Drafts (1)"))
    assert draft.labels == ["Desk"]
    answer = await will.tap(OnDraft(DraftAct.DISCARD, 1, 2).pack(), draft)
    assert answer.text == NO_RIGHT
    assert (await draft_of(newsdesk)).state is DraftState.SCHEDULED


async def test_who_may_only_write_makes_drafts_of_tips_and_discards_none(
    newsdesk: Newsdesk,
) -> None:
    bureau, will = newsdesk.bureau, await writer(newsdesk)
    rosa = await bureau.reader("Rosa")
    await rosa.send(LINK)
    await turned(rosa, "Suggest to the editors", await rosa.next())
    tip = await turned(will, "1", await opened(will, "Tips (1)"))
    assert tip.labels == ["Make a draft", "Back"]
    assert (await will.tap(DiscardTip(1, 0).pack(), tip)).text == NO_RIGHT
    assert await bureau.onnews.archive.tips.count() == 1


async def test_who_may_only_write_reads_what_waits_and_decides_nothing(
    newsdesk: Newsdesk,
) -> None:
    will = await writer(newsdesk)
    await hold(newsdesk, "Bentley waits", "Gucci waits")
    waiting = await opened(will, "Waiting (2)")
    assert waiting.labels == ["1", "2", "Back"]
    one = await turned(will, "1", waiting)
    assert one.labels == ["Open", "Back"]
    for forged in (PublishWaiting(1, 0, "1"), DiscardWaiting(1, 0), OpenDesk(DeskPage.APPROVAL)):
        assert (await will.tap(forged.pack(), one)).text == NO_RIGHT
    assert await newsdesk.bureau.onnews.archive.waiting_articles.count() == 2


async def test_who_may_only_write_undoes_own_changes_of_drafts_and_nothing_else(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, will = newsdesk.eva, await writer(newsdesk)
    archive, now = newsdesk.bureau.onnews.archive, newsdesk.bureau.clock.now
    await turned(eva, "Discard", await sent(eva, page(site, path="/hers")))
    his = await sent(will, page(site, title="Bentley opens a school", path="/his"))
    await turned(will, "Ask to publish", his)
    hidden = await archive.amendments.hide(1, person_id=will.id, now=now)
    acts = {each.kind: each.number for each in await archive.journal.recent(limit=9)}
    journal = await opened(will, "History")
    assert journal.labels == [f"Undo no. {acts[ActKind.ASK]}", "Back"]
    for number, refused in (
        (acts[ActKind.DISCARD], OTHERS_CHANGE),
        (hidden.act, NO_RIGHT),
    ):
        assert (await will.tap(UndoAct(number).pack(), journal)).text == refused
    assert (await draft_of(newsdesk, 1)).state is DraftState.DISCARDED
    answer = await will.tap(f"Undo no. {acts[ActKind.ASK]}", journal)
    assert answer.text == "Undone."
    assert (await draft_of(newsdesk, 2)).state is DraftState.OPEN


@ON_EACH_DATABASE
async def test_a_writers_change_is_not_undone_by_the_writer_once_the_draft_has_a_time(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, will = newsdesk.eva, await writer(newsdesk)
    edit = await turned(will, "Edit", await sent(will, page(site)))
    await turned(will, "Italian", await turned(will, "Language", edit))
    await eva.tap("Publish at…", await turned(eva, "1", await opened(eva, "Drafts (1)")))
    await eva.next()
    await ask(eva, "tomorrow at 7")
    (act,) = [
        each.number
        for each in await newsdesk.bureau.onnews.archive.journal.recent(limit=9)
        if each.kind is ActKind.EDIT
    ]
    journal = await opened(will, "History")
    assert journal.labels == ["Back"]
    assert (await will.tap(UndoAct(act).pack(), journal)).text == NO_RIGHT
    assert (await draft_of(newsdesk)).text.language == "it"


async def test_who_may_only_publish_discards_tips_and_makes_no_drafts(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    rosa, paul = await bureau.reader("Rosa"), await bureau.reader("Paul")
    await rights(newsdesk, paul, Rights(publish=True))
    await rosa.send(LINK)
    await turned(rosa, "Suggest to the editors", await rosa.next())
    tip = await turned(paul, "1", await opened(paul, "Tips (1)"))
    assert tip.labels == ["Discard", "Back"]
    answer = await paul.tap(DraftTip(1).pack(), tip)
    assert answer.text == "You can publish, but not write drafts."
    assert await bureau.onnews.archive.drafts.get(1) is None
    await paul.tap("Discard", tip)
    assert await bureau.onnews.archive.tips.count() == 0
