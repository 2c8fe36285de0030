"""Every act, undo and timer of the desk asks for the rights of now, of whoever acted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.taps.desk_data import UndoAct
from storage.desk.undoing import UNDOES
from storage.model import Grade, StoryKind
from storage.model.desk_model import (
    ALL_RIGHTS,
    NO_RIGHTS,
    ActKind,
    DraftState,
    Rights,
)
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, hold, rights, turned
from tests.handlers.desk.pages import articles, draft_of, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.composition import Archive
    from playground.people.people import Message, Person
    from storage.desk.drafts import DraftChanges
    from storage.model.desk_model import DeskAct
    from tests.handlers.desk.conftest import Newsdesk

WRITER = Rights(write=True)


class Editor:
    """Does one act at the desk in the name of a person.

    Attributes:
        archive: The archive.
        person_id: The person.
        other_id: An operator, who acts in between.
        now: The present.
    """

    def __init__(self, newsdesk: Newsdesk, person: Person) -> None:
        self.newsdesk = newsdesk
        self.archive: Archive = newsdesk.bureau.onnews.archive
        self.person_id = person.id
        self.other_id = newsdesk.olga.id

    @property
    def now(self) -> datetime:
        return self.newsdesk.bureau.clock.now

    async def change(self, kind: ActKind, changes: DraftChanges, *, by: int | None = None) -> None:
        """Change the draft, which is made before the first change."""
        drafts = self.archive.drafts
        draft = await drafts.add(text_of(1), by=self.person_id, now=self.now)
        _, done = await drafts.change(
            draft.id, draft.version, kind, by=by or self.person_id, now=self.now, **changes
        )
        assert done

    async def schedule(self, *, hours: int = 3, by: int | None = None) -> None:
        at = self.now + timedelta(hours=hours)
        changes: DraftChanges = {"state": DraftState.SCHEDULED, "publish_at": at}
        await self.change(ActKind.SCHEDULE, changes, by=by)

    async def headline(self) -> None:
        await self.change(ActKind.EDIT, {"title": "Another headline"})

    async def headline_before_a_time(self) -> None:
        await self.headline()
        await self.schedule(by=self.other_id)

    async def headline_of_a_draft_with_a_time(self) -> None:
        await self.schedule(by=self.other_id)
        await self.headline()

    async def alert(self) -> None:
        await self.change(ActKind.EDIT, {"alert": True})

    async def draft_lead(self) -> None:
        await self.change(ActKind.EDIT, {"lead_hours": 24, "lead_for_all": True})

    async def ask(self) -> None:
        await self.change(ActKind.ASK, {"state": DraftState.WAITING})

    async def discard(self) -> None:
        await self.change(ActKind.DISCARD, {"state": DraftState.DISCARDED})

    async def discard_with_a_time(self) -> None:
        await self.schedule()
        await self.discard()

    async def another_time(self) -> None:
        await self.schedule(by=self.other_id)
        await self.schedule(hours=5)

    async def publish(self) -> None:
        draft = await self.archive.drafts.add(text_of(1), by=self.person_id, now=self.now)
        publisher = self.newsdesk.bureau.onnews.application.bot_data.desk.publisher
        assert await publisher.publish(draft, by=self.person_id)

    async def correct(self) -> None:
        await self.archive.amendments.correct(
            1, title="Corrected", grade=Grade.FACT, person_id=self.person_id, now=self.now
        )

    async def refile(self) -> None:
        amendments = self.archive.amendments
        await amendments.refile(1, ["gucci"], person_id=self.person_id, now=self.now)

    async def weigh(self) -> None:
        amendments = self.archive.amendments
        await amendments.weigh(
            1, kind=StoryKind.DEAL, weight=3, person_id=self.person_id, now=self.now
        )

    async def hide(self) -> None:
        await self.archive.amendments.hide(1, person_id=self.person_id, now=self.now)

    async def show(self) -> None:
        await self.archive.amendments.hide(1, person_id=self.other_id, now=self.now)
        await self.archive.amendments.show(1, person_id=self.person_id, now=self.now)

    async def withdraw(self) -> None:
        amendments = self.archive.amendments
        await amendments.withdraw(1, "It is wrong.", person_id=self.person_id, now=self.now)

    async def join(self) -> None:
        other = await self.newsdesk.bureau.desk.print_("Gucci opens a garden", "gucci")
        amendments = self.archive.amendments
        await amendments.join(1, other, person_id=self.person_id, now=self.now)

    async def part(self) -> None:
        await self.newsdesk.bureau.desk.print_("Another report", "motor", event=1)
        await self.archive.amendments.part(1, person_id=self.person_id, now=self.now)

    async def lead(self) -> None:
        until = self.now + timedelta(hours=6)
        await self.archive.pins.lead(1, until, (), person_id=self.person_id, now=self.now)

    async def approve(self) -> None:
        await hold(self.newsdesk, "One waits")
        assert await self.archive.approval.publish(1, by=self.person_id)

    async def turn_down(self) -> None:
        await hold(self.newsdesk, "One waits")
        await self.archive.waiting_articles.discard(1, by=self.person_id, now=self.now)

    async def approval(self) -> None:
        source = self.newsdesk.bureau.desk.source_id
        await self.archive.waiting_articles.set_approval(
            source, approval=True, by=self.person_id, now=self.now
        )

    async def drop_tip(self) -> None:
        reader, tips = await self.newsdesk.bureau.subscriber(self.newsdesk.eva), self.archive.tips
        await tips.add(reader.id, "https://paper.example/tip", self.now)
        await tips.discard("https://paper.example/tip", by=self.person_id, now=self.now)

    async def editor(self) -> None:
        await self.archive.editors.give(77, ALL_RIGHTS, by=self.person_id, now=self.now)


OF_WRITERS: dict[str, tuple[ActKind, Callable[[Editor], Awaitable[None]]]] = {
    "a headline": (ActKind.EDIT, Editor.headline),
    "asking to publish": (ActKind.ASK, Editor.ask),
    "discarding an own draft": (ActKind.DISCARD, Editor.discard),
}
"""Acts that their writer may undo without the right to publish."""
OF_PUBLISHERS: dict[str, tuple[ActKind, Callable[[Editor], Awaitable[None]]]] = {
    "a headline before a time": (ActKind.EDIT, Editor.headline_before_a_time),
    "a headline after a time": (ActKind.EDIT, Editor.headline_of_a_draft_with_a_time),
    "an alert": (ActKind.EDIT, Editor.alert),
    "a draft's lead": (ActKind.EDIT, Editor.draft_lead),
    "discarding what has a time": (ActKind.DISCARD, Editor.discard_with_a_time),
    "a time": (ActKind.SCHEDULE, Editor.schedule),
    "another time": (ActKind.SCHEDULE, Editor.another_time),
    "publishing": (ActKind.PUBLISH, Editor.publish),
    "correcting": (ActKind.CORRECT, Editor.correct),
    "refiling": (ActKind.REFILE, Editor.refile),
    "weighing": (ActKind.REFILE, Editor.weigh),
    "hiding": (ActKind.HIDE, Editor.hide),
    "showing again": (ActKind.HIDE, Editor.show),
    "withdrawing": (ActKind.WITHDRAW, Editor.withdraw),
    "joining": (ActKind.JOIN, Editor.join),
    "parting": (ActKind.PART, Editor.part),
    "a lead": (ActKind.LEAD, Editor.lead),
    "approving": (ActKind.APPROVE, Editor.approve),
    "turning down": (ActKind.TURN_DOWN, Editor.turn_down),
    "a source's approval": (ActKind.APPROVAL, Editor.approval),
    "dropping a tip": (ActKind.DROP_TIP, Editor.drop_tip),
    "rights": (ActKind.EDITOR, Editor.editor),
}


def test_the_tables_have_every_kind_of_act_that_can_be_undone() -> None:
    assert {kind for kind, _ in (OF_WRITERS | OF_PUBLISHERS).values()} == set(UNDOES)


async def demoted(newsdesk: Newsdesk, person: Person) -> None:
    await rights(newsdesk, person, WRITER)


async def removed(newsdesk: Newsdesk, person: Person) -> None:
    await rights(newsdesk, person, NO_RIGHTS)


async def banned(newsdesk: Newsdesk, person: Person) -> None:
    admissions = newsdesk.bureau.onnews.application.bot_data.admissions
    await admissions.decide(person.id, allowed=False)


async def no_longer_named(newsdesk: Newsdesk, person: Person) -> None:
    """Use the EDITOR_IDS of another replica, without the person."""
    del person
    people = newsdesk.bureau.onnews.application.bot_data.people
    assert people.use(json.dumps({"editors": []})) == ["EDITOR_IDS"]


async def forgotten(newsdesk: Newsdesk, person: Person) -> None:
    del newsdesk
    person.unread()
    await person.send("/forget")
    await person.tap("Yes, delete everything", await person.next())
    await person.until("Everything has been deleted")


LOSSES = {each.__name__: each for each in (demoted, removed, banned, no_longer_named, forgotten)}


async def editor_who_loses(newsdesk: Newsdesk, loss: str) -> Person:
    """Return an editor with both rights: of EDITOR_IDS if they are to be taken away there."""
    anna = await newsdesk.bureau.reader("Anna")
    if loss == no_longer_named.__name__:
        newsdesk.bureau.onnews.application.bot_data.people.editors = frozenset({anna.id})
    else:
        await rights(newsdesk, anna, ALL_RIGHTS)
    return anna


async def journal_of(person: Person) -> Message:
    await person.send("/desk")
    return await turned(person, "History", await person.next())


async def last_act(newsdesk: Newsdesk, kind: ActKind, person: Person) -> DeskAct:
    """Return the newest act of a kind by a person."""
    journal = newsdesk.bureau.onnews.archive.journal
    mine = [each for each in await journal.recent(limit=9) if each.person_id == person.id]
    return next(each for each in mine if each.kind is kind)


async def is_undone(newsdesk: Newsdesk, number: int) -> bool:
    act = await newsdesk.bureau.onnews.archive.journal.act(number)
    assert act is not None
    return act.undone is not None


async def undo_by_every_door(
    newsdesk: Newsdesk, person: Person, message: Message, number: int
) -> None:
    """Tap the act's Undo in the journal, and as it stands below a draft or a story."""
    for draft in (False, True):
        newsdesk.bureau.clock.pass_(seconds=3)
        await person.tap(UndoAct(number, here=draft).pack(), message)


@pytest.mark.parametrize("what", [*OF_WRITERS, *OF_PUBLISHERS])
@ON_EACH_DATABASE
async def test_nobody_undoes_what_the_rights_of_now_do_not_allow(
    newsdesk: Newsdesk, what: str
) -> None:
    anna = await editor_who_loses(newsdesk, "")
    message = await journal_of(anna)
    kind, act = (OF_WRITERS | OF_PUBLISHERS)[what]
    await act(Editor(newsdesk, anna))
    number = (await last_act(newsdesk, kind, anna)).number
    await banned(newsdesk, anna)
    await undo_by_every_door(newsdesk, anna, message, number)
    await newsdesk.bureau.onnews.application.bot_data.admissions.decide(anna.id, allowed=True)
    await removed(newsdesk, anna)
    await undo_by_every_door(newsdesk, anna, message, number)
    assert not await is_undone(newsdesk, number)
    await demoted(newsdesk, anna)
    offered = f"Undo no. {number}" in (await journal_of(anna)).labels
    await undo_by_every_door(newsdesk, anna, message, number)
    assert offered == await is_undone(newsdesk, number) == (what in OF_WRITERS)


@pytest.mark.parametrize("loss", LOSSES)
@ON_EACH_DATABASE
async def test_a_time_set_by_somebody_who_may_not_publish_by_then_waits_and_publishers_hear_of_it(
    newsdesk: Newsdesk, loss: str
) -> None:
    bureau, olga = newsdesk.bureau, newsdesk.olga
    anna = await editor_who_loses(newsdesk, loss)
    await Editor(newsdesk, anna).schedule()
    await LOSSES[loss](newsdesk, anna)
    bureau.clock.pass_(hours=4)
    for _ in range(2):
        await tick(newsdesk)
    await bureau.heard()
    assert await articles(newsdesk) == []
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.publish_at) == (DraftState.WAITING, None)
    assert [each.text for each in anna.unread() if "Not published" in each.text] == []
    (notice,) = olga.unread()
    assert notice.text.startswith("Not published: Draft no. 1")
    # It does not come back with the right, but by the tap of somebody who may publish.
    await rights(newsdesk, anna, ALL_RIGHTS)
    await tick(newsdesk)
    assert await articles(newsdesk) == []
    card = await turned(olga, "Open", notice)
    assert (await olga.tap("Publish", card)).text == "Published."
    assert len(await articles(newsdesk)) == 1


@ON_EACH_DATABASE
async def test_a_publication_that_broke_off_waits_if_its_editor_may_not_publish_any_more(
    newsdesk: Newsdesk,
) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    anna = await editor_who_loses(newsdesk, "")
    draft = await archive.drafts.add(text_of(1), by=anna.id, now=bureau.clock.now)
    link, now = draft.text.link, bureau.clock.now
    assert await archive.drafts.begin_publishing(draft, link, by=anna.id, now=now)
    await demoted(newsdesk, anna)
    bureau.clock.pass_(minutes=2)
    await tick(newsdesk)
    assert await articles(newsdesk) == []
    assert (await draft_of(newsdesk)).state is DraftState.WAITING
    assert (await newsdesk.olga.next()).text.startswith("Not published: Draft no. 1")


@ON_EACH_DATABASE
async def test_a_publication_that_broke_off_once_readers_saw_it_is_finished(
    newsdesk: Newsdesk,
) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    anna = await editor_who_loses(newsdesk, "")
    draft = await archive.drafts.add(text_of(1), by=anna.id, now=bureau.clock.now)
    link, now = draft.text.link, bureau.clock.now
    assert await archive.drafts.begin_publishing(draft, link, by=anna.id, now=now)
    await bureau.desk.print_(draft.text.title, "motor", link=link)
    await demoted(newsdesk, anna)
    bureau.clock.pass_(minutes=2)
    await tick(newsdesk)
    assert (await draft_of(newsdesk)).state is DraftState.PUBLISHED


@ON_EACH_DATABASE
async def test_who_undoes_a_discarding_answers_for_the_time_that_comes_back(
    newsdesk: Newsdesk,
) -> None:
    bureau, olga = newsdesk.bureau, newsdesk.olga
    anna = await editor_who_loses(newsdesk, "")
    await Editor(newsdesk, anna).discard_with_a_time()
    await demoted(newsdesk, anna)
    number = (await last_act(newsdesk, ActKind.DISCARD, anna)).number
    answer = await olga.tap(UndoAct(number).pack(), await journal_of(olga))
    assert answer.text == "Undone."
    bureau.clock.pass_(hours=4)
    await tick(newsdesk)
    assert len(await articles(newsdesk)) == 1


@ON_EACH_DATABASE
async def test_a_discarded_draft_comes_back_as_it_was_discarded(newsdesk: Newsdesk) -> None:
    olga, editor = newsdesk.olga, Editor(newsdesk, newsdesk.olga)
    await editor.headline_before_a_time()
    await editor.discard()
    edit = (await last_act(newsdesk, ActKind.EDIT, olga)).number
    answer = await olga.tap(UndoAct(edit).pack(), await journal_of(olga))
    assert answer.text == "Something else has changed since, so nothing was undone."
    discard = (await last_act(newsdesk, ActKind.DISCARD, olga)).number
    await olga.tap(UndoAct(discard).pack(), await journal_of(olga))
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.text.title) == (DraftState.SCHEDULED, "Another headline")


@ON_EACH_DATABASE
async def test_a_time_that_has_passed_does_not_come_back_with_an_undo(newsdesk: Newsdesk) -> None:
    bureau, olga = newsdesk.bureau, newsdesk.olga
    editor = Editor(newsdesk, olga)
    await editor.schedule(hours=1)
    bureau.clock.pass_(minutes=30)
    await editor.discard()
    bureau.clock.pass_(minutes=45)
    number = (await last_act(newsdesk, ActKind.DISCARD, olga)).number
    await olga.tap(UndoAct(number).pack(), await journal_of(olga))
    await tick(newsdesk)
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.publish_at) == (DraftState.OPEN, None)
    assert await articles(newsdesk) == []


async def test_a_banned_editor_still_reads_what_is_kept_of_editors(newsdesk: Newsdesk) -> None:
    anna = await editor_who_loses(newsdesk, "")
    await banned(newsdesk, anna)
    assert "Because you are an editor" in (await ask(anna, "/privacy")).text


async def tick(newsdesk: Newsdesk) -> None:
    """Publish what is due, and notify editors."""
    ticks = newsdesk.bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("publications")
    await ticks.run("desk")
